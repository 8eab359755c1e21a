// Package ptx holds the CUDA kernels of this project: the sources (.cu), their PTX, which
// build.sh compiles from them and a program embeds, and in Go how the curves of an
// activation lie in memory and how work is divided into blocks ([Curves], [Shape]).
//
//   - elementwise_unary.cu, elementwise_binary.cu: Gorgonia's own elementwise functions and
//     operations, under the names that it looks up.
//   - curves.cu: DiTAC's curves from θ, and the gradient to θ from sums over elements;
//     field.cuh has the velocity field and its flow, parts.cuh what elements need of it.
//   - ditac.cu: the activation of elements, and the sums.
//   - layers.cu, conv.cu, images.cu, norm.cu, dropout.cu, sums.cu, losses.cu: layers and losses
//     of package models; each.cuh: how they go over numbers.
//   - math.cuh, real.cuh: elementary functions and their coefficients (coefficients.py),
//     series.cuh: quotients of these; normal.cuh: the normal distribution; dialect.cuh: what
//     clang and nvcc spell differently; elements.cuh: where the elements of a group lie.
//
// Package cuda gives the [Modules] to Gorgonia's machines, package gpu launches DiTAC's
// kernels. The tests of this package run all kernels on the interpreter of package ptxsim
// and compare them with Go's functions, and DiTAC's with the exact evaluation of package
// shape. A change to a source wants build.sh, which needs clang-16; ptxas.sh
// assembles the result for four GPUs. See docs/cuda.md.
package ptx
