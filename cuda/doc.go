// Package cuda is what makes Gorgonia's graphs run on NVIDIA GPUs without more tools
// than the driver and the libraries that gorgonia.org/cu links with.
//
// In a build with the tag cuda, importing it gives each TapeMachine the kernels of
// package kernels: Gorgonia's own elementwise operations, of which Gorgonia brings
// only the sources and a generator that needs nvcc and a GPU. In other builds it does
// nothing, so that it can be imported always:
//
//	import _ "github.com/ditac-go/ditac/cuda"
//
// For operations of one's own, a Session launches kernels from a CUDADo method.
//
// The folders: kernels has the CUDA sources and their PTX, ptxsim interprets PTX in
// Go, fakecu stands in for gorgonia.org/cu so that whole graphs run on that, and
// bench is its control panel. See docs/cuda.md for what was verified and how.
package cuda
