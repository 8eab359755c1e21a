package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
)

// logOf is the text in a buffer, up to its first 0.
func logOf(buffer []byte) string {
	text, _, _ := bytes.Cut(buffer, []byte{0})
	return string(text)
}

// librariesOf returns the files of libcuda, libcudart, libcublas and libcudnn among the
// mappings of a process, as Linux lists them in /proc/self/maps.
func librariesOf(maps string) []string {
	var files []string
	for line := range strings.Lines(maps) {
		fields := strings.Fields(line)
		if len(fields) < 6 {
			continue // no file
		}
		file := strings.Join(fields[5:], " ")
		for _, name := range []string{"libcuda", "libcublas", "libcudnn"} {
			if strings.HasPrefix(filepath.Base(file), name) && !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files
}
