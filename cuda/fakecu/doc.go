// Package cu stands in for gorgonia.org/cu, Gorgonia's binding to CUDA, on machines
// without a GPU. It has what Gorgonia v0.9.18 and this project use, with the
// signatures of cu v0.9.6, and runs kernels in the PTX interpreter of this project, by
// way of package bench. FOR TESTS ONLY: a build uses it through a replace directive in
// a go.mod of its own (see bench.sh).
//
// It is as strict as a GPU, or more:
//
//   - Most calls need a current context, which belongs to a thread of the operating
//     system, not to a goroutine.
//   - Memory, modules and functions belong to the context that made them. Using them
//     in another is an error.
//   - Fresh memory holds no zeros but poison, which kernels and cuBLAS must not read.
//   - Calls to a BatchedContext run at DoWork. More than 63 waiting calls, from which
//     the original recovers only by luck, are an error, and each context keeps its
//     first error, where the original forgets some.
//   - A kernel that goes wrong makes its context unusable.
package cu
