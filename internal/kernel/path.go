package kernel

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// path is one of the implementations of the kernels. All give the same bits.
type path struct {
	name      string
	supported func() bool // by this processor

	// lanes is the number of elements in a vector, a power of two, or 0 if there are no
	// kernels. Those get n > 0 elements, a multiple of lanes, and return 0 if none of them
	// is odd. t is the start of a Tab. They keep no pointer.
	lanes int

	forward   func(dst, x *float32, n int, t *float32) uint64
	backwardX func(dst, x, g *float32, n int, t *float32) uint64
	moments   func(sums, x, g *float32, n int, t *float32) uint64

	// On fine grids, of at most MaxBlock elements: odd is the start of an Odd, upper the
	// number of kinks.
	lines  func(dst, x *float32, n int, t, nodes *float32, odd *uint8) uint64
	slopes func(dst, x, g *float32, n int, t, nodes *float32, odd *uint8) uint64
	quads  func(sums, x, g *float32, n int, t, kinks *float32, upper int, odd *uint8) uint64

	// pour takes any n > 0.
	pour func(sums *float64, from *float32, n int)

	forms   *formKernels   // on forms; nil if there are none
	forms32 *form32Kernels // on those of float32 numbers; nil if there are none
}

// formKernels are kernels on forms. They get n > 0 elements, a multiple of lanes, and at
// most MaxFormBlock. f is the start of a Forms, b that of a FormBlock.
type formKernels struct {
	lanes     int
	find      func(at *uint64, x *float64, n int, f *float64) uint64 // not 0 if an element has no form
	forward   func(dst, x *float64, n int, f *float64, b *uint64)
	backwardX func(dst, x, g *float64, n int, f *float64, b *uint64)
	sums      func(sums, x, g *float64, n int, f *float64, b *uint64)
}

// form32Kernels are kernels on forms of float32 numbers. They get n > 0 elements, a multiple
// of lanes and at most MaxBlock, and return 0 if none of them is odd. f is the start of a Forms32,
// odd that of an Odd.
type form32Kernels struct {
	lanes     int
	forward   func(dst, x *float32, n int, f *float32, odd *uint8) uint64
	backwardX func(dst, x, g *float32, n int, f *float32, odd *uint8) uint64
	sums      func(sums, x, g *float32, n int, f *float32, odd *uint8) uint64
}

// whole returns how many of n elements the kernels take; the specification does the rest.
func (p *path) whole(n int) int { return n &^ (p.lanes - 1) } // n &^ −1 is 0

// portable has no kernels: the specification does all elements.
var portable = &path{name: "portable", supported: func() bool { return true }}

// paths are those of this build, from the slowest to the fastest. Each architecture adds
// its own in an init function.
var paths = []*path{portable}

// InUse returns the name of the implementation in use.
func InUse() string { return inUse().name }

// variable is that of the environment that says which path to use.
const variable = "DITAC_KERNELS"

// chosen is the path in use. It is chosen at first use, when all init functions have run.
// Tests change it.
var chosen atomic.Pointer[path]

// inUse returns the path in use.
func inUse() *path {
	if p := chosen.Load(); p != nil {
		return p
	}
	return atFirst()
}

// atFirst chooses the path in use.
var atFirst = sync.OnceValue(func() *path {
	p := start(os.Getenv(variable), os.Stderr)
	chosen.Store(p)
	return p
})

// start returns the path to use: the best, or the one that the environment names if this
// build has it and the processor too. A name that is not followed gets a line on log:
// nothing else would tell.
func start(name string, log io.Writer) *path {
	var names []string
	best := portable
	for _, p := range paths {
		if !p.supported() {
			continue
		}
		if p.name == name {
			return p
		}
		names, best = append(names, p.name), p
	}
	if name != "" {
		fmt.Fprintf(log, "ditac: %s=%q is no name of kernels that this machine and build have, using %s; the names are %v\n", variable, name, best.name, names)
	}
	return best
}
