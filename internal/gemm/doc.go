// Package gemm multiplies matrices for the layers of package models.
//
// [Mul] is C = A·B or C += A·B of row-major float32 or float64 matrices, either of them
// transposed. It is a call of gonum's blas32 or blas64, and so of the BLAS that a program
// has registered there, OpenBLAS for one. Gonum's own is written for vectors; where it
// would be asked for float32 and the processor has AVX2 and FMA, a kernel of this package
// does the work: it keeps four rows and sixteen columns of C in registers, which makes it
// several times as fast. The build tag noasm leaves it out.
//
// The result for given matrices does not depend on the number of processors: Mul runs on
// the goroutine of its caller, who splits work by package parallel. Other kernels round
// otherwise.
package gemm
