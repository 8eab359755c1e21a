package ptx

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.ptx
var files embed.FS

// Module is a PTX text and the name under which Gorgonia's machine loads it: a kernel
// is found there as Name + "." + function.
type Module struct {
	Name string
	PTX  string
	// Functions are the kernels, in the order of the text.
	Functions []string
}

// modules names the module of each file. The first two names are Gorgonia's.
var modules = []struct{ name, file string }{
	{"elemunaryop", "elementwise_unary.ptx"},
	{"elembinop", "elementwise_binary.ptx"},
	{"ditac", "ditac.ptx"},
	{"curves", "curves.ptx"},
	{"layers", "layers.ptx"},
	{"conv", "conv.ptx"},
	{"sums", "sums.ptx"},
	{"losses", "losses.ptx"},
	{"images", "images.ptx"},
	{"norm", "norm.ptx"},
	{"dropout", "dropout.ptx"},
}

// Modules returns all modules.
func Modules() []Module {
	all := make([]Module, len(modules))
	for i, m := range modules {
		text, err := files.ReadFile(m.file)
		if err != nil {
			panic(fmt.Sprintf("ptx: %v", err)) // embedded: it is there
		}
		all[i] = Module{m.name, string(text), functions(string(text))}
	}
	return all
}

// functions lists the kernels that a PTX text declares.
func functions(ptx string) []string {
	const entry = ".visible .entry "
	var names []string
	for line := range strings.Lines(ptx) {
		if rest, ok := strings.CutPrefix(line, entry); ok {
			name, _, _ := strings.Cut(rest, "(")
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}
