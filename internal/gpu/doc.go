// Package gpu launches DiTAC's kernels, the modules ditac and exact of package ptx, in a
// session of package cuda: Forward, BackwardX and Moments by tables, float32, and
// ExactForward, ExactBackwardX and ExactMoments in closed form, float64.
//
// The curves are packed by package ptx and lie on the device already; the moments come back
// to the CPU, where the Gradient of a table.Table or table.ExactLayout makes ∂y/∂θ of them.
// Package ditacop, in op_cuda.go and device_cuda.go, does all of this for an op.
//
// [Convolution], [Windows], [Groups] and the functions beside them launch the kernels of layers
// of package models, whose device_cuda.go calls them.
//
// The package has functions in builds with the tag cuda only.
package gpu
