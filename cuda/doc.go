// Package cuda is what makes Gorgonia's graphs run on NVIDIA GPUs without more tools
// than the driver and the libraries that gorgonia.org/cu links with.
//
// In a build with the tag cuda, importing it gives each TapeMachine the kernels of this
// project (package internal/ptx): those of Gorgonia's own elementwise operations, of which
// Gorgonia brings only the sources and a generator that needs nvcc and a GPU, and those of
// DiTAC, which package ditacop launches by internal/gpu. In other builds it does nothing, so
// that it can be imported always:
//
//	import _ "github.com/ditac-go/ditac/cuda"
//
// Programs make their machines by NewTapeMachine. For operations of one's own, a Session
// launches kernels from a CUDADo method, and copies numbers to and from the GPU; operations that
// change their inputs are Stateful.
//
// The folders are for tests: fakecu stands in for gorgonia.org/cu, so that whole graphs
// run on an interpreter of the kernels' PTX (internal/ptxsim), and bench is its control
// panel; bench.sh runs a go command that way. gpucheck is a command that checks a GPU, and
// gpucheck.sh, or make gpu-check, looks for what that needs and runs it. See docs/cuda.md for
// what was verified and how.
package cuda
