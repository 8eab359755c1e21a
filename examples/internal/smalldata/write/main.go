// Command write writes the data sets of package smalldata to the folders pictures and
// digits in a folder.
//
//	go run ./examples/internal/smalldata/write out/smoke/data
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/examples/internal/smalldata"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: write FOLDER")
		os.Exit(2)
	}
	folder := os.Args[1]
	err := errors.Join(smalldata.Pictures(filepath.Join(folder, "pictures")), smalldata.Digits(filepath.Join(folder, "digits")))
	if err != nil {
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}
