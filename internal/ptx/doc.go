// Package ptx holds the CUDA kernels of this project: the sources (.cu), their PTX, which
// build.sh compiles from them and a program embeds, and in Go how the curves of an
// activation are packed for the kernels and their work is divided into blocks.
//
//   - elementwise_unary.cu, elementwise_binary.cu: Gorgonia's own elementwise functions and
//     operations, under the names that it looks up.
//   - ditac.cu: activations by table, float32. [Pack] packs the tables of all groups.
//   - exact.cu: activations in closed form, float64. [PackExact] packs the curves.
//   - layers.cu, conv.cu, images.cu, sums.cu, losses.cu: layers and losses of package models;
//     each.cuh: how they go over numbers.
//   - math.cuh, real.cuh: elementary functions and their coefficients (coefficients.py);
//     dialect.cuh: what clang and nvcc spell differently; elements.cuh: where the elements
//     of a group lie.
//
// Package cuda gives the [Modules] to Gorgonia's machines, package gpu launches DiTAC's
// kernels. The tests of this package run all kernels on the interpreter of package ptxsim
// and compare them with Go's functions, and those of ditac.cu bit for bit with packages
// table and kernel. A change to a source wants build.sh, which needs clang-16; ptxas.sh
// assembles the result for four GPUs. See docs/cuda.md.
package ptx
