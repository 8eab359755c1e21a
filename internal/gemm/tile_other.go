//go:build !amd64 || noasm

package gemm

const supported = false

func tileAVX2(c *float32, strideC int, a *float32, row, col int, b *float32, strideB, k int, add bool) {
	panic("gemm: no kernel in this build")
}
