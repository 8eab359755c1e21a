package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPatch: the hook is added where upstream has its line, and a file without it, which is
// another version of gophernotes, is an error and not a kernel without live pictures.
func TestPatch(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "kernel.go")
	const line = "\tdisplayPlace.Set(xreflect.ValueOf(receipt.PublishDisplayData))\n"
	for src, want := range map[string]bool{
		"package main\n\nimport (\n)\n\nfunc f() {\n" + line + "}\n":        true,
		"package main\n\nimport (\n)\n\nfunc f() {}\n":                      false,
		"package main\n\nimport (\n)\n\nfunc f() {\n" + line + line + "}\n": false,
	} {
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := patch(dir, file)
		if (err == nil) != want {
			t.Fatalf("%q: %v", src, err)
		}
		if err != nil {
			continue
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "nb.SetPublisher(receipt.Publish)") || !strings.Contains(string(b), "kernel/nb\"") {
			t.Errorf("%s", b)
		}
	}
}

func TestImports(t *testing.T) {
	ps, err := imports("../symbols/imports.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(ps, " "), "ditac/ditacop") {
		t.Error(ps)
	}
}
