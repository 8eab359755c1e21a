package kernel

import (
	"fmt"
	"io"
	"os"
)

// Path is one of the implementations of the kernels. All give the same bits.
type Path int

const (
	Portable Path = iota // Go, on any machine
	AVX2
	AVX512
)

var pathNames = [...]string{"portable", "avx2", "avx512"}

// String implements fmt.Stringer.
func (p Path) String() string { return pathNames[p] }

// InUse returns the path in use.
func InUse() Path { return path }

// variable is that of the environment that says which path to use.
const variable = "DITAC_KERNELS"

// path is the one in use: the best, or the one that the environment names if this build
// has it and the processor too. Tests change it.
var path = start(os.Getenv(variable), os.Stderr)

// start returns the path to use, given what the environment says. A name that is not
// followed gets a line on log: nothing else would tell.
func start(name string, log io.Writer) Path {
	p := choose(name)
	if name != "" && name != p.String() {
		fmt.Fprintf(log, "ditac: %s=%q is no name of kernels that this machine and build have, using %v; the names are %v\n", variable, name, p, pathNames)
	}
	return p
}

// choose returns the path of a name, or the best one.
func choose(name string) Path {
	for p, other := range pathNames {
		if p := Path(p); name == other && p.supported() {
			return p
		}
	}
	return best()
}
