// Package gpu launches this project's kernels (package ptx) in a session of package cuda: Curves
// has those of DiTAC, from θ in the device's memory to the gradient there; [Convolution],
// [Windows], [Norm] and the functions beside them are for the layers of package models, whose
// device_cuda.go calls them.
//
// Nothing here waits for the device. What is wrong with a θ is reported after the run, by
// cuda.Session.Watch.
//
// The package has functions in builds with the tag cuda only.
package gpu
