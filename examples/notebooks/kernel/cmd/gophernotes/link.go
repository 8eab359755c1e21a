//go:build gophernotes

package main

// gophernotes' own main package is laid over this folder at build time (see
// ../../mkkernel); this file only links more packages into it.

import (
	"go/build"
	"os"
	"path/filepath"

	_ "github.com/ditac-go/ditac/examples/notebooks/kernel/symbols"
)

// gomacro asks go/importer for the exact types of compiled packages and falls
// back to reflection where that finds nothing. The standard library of Go 1.26
// is more than it can convert (generics, aliases), so it gets no GOROOT; for
// the packages linked in, without which it gets recursive types such as
// []*gorgonia.Node wrong, it finds the export data that mkkernel put beside
// the binary.
func init() {
	exe, err := os.Executable()
	if err != nil {
		return
	}
	dir := filepath.Dir(exe)
	build.Default.GOROOT = filepath.Join(dir, "no-goroot")
	build.Default.GOPATH = filepath.Join(dir, "gopath")
}
