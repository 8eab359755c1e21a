//go:build !noasm

package gemm

import "golang.org/x/sys/cpu"

var supported = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// tileAVX2 sets 4×16 numbers of c, or adds to them: the product of four rows of A, whose
// numbers are row apart from row to row and col along a row, and of k rows of sixteen
// numbers of B. Strides count numbers. Each number of the product is a chain of k fused
// multiplications and additions, to which c is added last.
//
//go:noescape
func tileAVX2(c *float32, strideC int, a *float32, row, col int, b *float32, strideB, k int, add bool)
