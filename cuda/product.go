//go:build cuda

package cuda

import (
	"fmt"
	"math"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gorgonia.org/tensor"
)

// MatMul sets c, of m rows and n columns, to the product of a and b by cuBLAS, after all
// that was launched before. a has m rows and k columns, or is the transpose of such a
// matrix if transA is true, and b k rows and n columns likewise. All are of the dtype,
// float32 or float64, and lie row by row.
func (s *Session) MatMul(dt tensor.Dtype, transA, transB bool, m, n, k int, a, b, c tensor.Memory) error {
	if m < 1 || n < 1 || k < 1 || max(m, n, k) > math.MaxInt32 {
		return fmt.Errorf("cuda: Session.MatMul: a product of %d×%d by %d×%d, want sizes of 1 to 2³¹−1", m, k, k, n)
	}
	lda, ldb := k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	tA, tB := transpose(transA), transpose(transB)
	err := onWorker(s.engine, func() error {
		// cuBLAS has matrices column by column: what lies here row by row is the
		// transposed product of the transposed matrices.
		cublas := s.engine.BLASContext()
		switch dt {
		case tensor.Float32:
			cublas.Sgemm(tB, tA, n, m, k, 1, memoryOf[float32](b, k*n), ldb, memoryOf[float32](a, m*k), lda, 0, memoryOf[float32](c, m*n), n)
		case tensor.Float64:
			cublas.Dgemm(tB, tA, n, m, k, 1, memoryOf[float64](b, k*n), ldb, memoryOf[float64](a, m*k), lda, 0, memoryOf[float64](c, m*n), n)
		default:
			return fmt.Errorf("dtype %v, want float32 or float64", dt)
		}
		return cublas.Err()
	})
	if err != nil {
		return fmt.Errorf("cuda: Session.MatMul: a product of %d×%d by %d×%d: %w", m, k, k, n, err)
	}
	return nil
}

func transpose(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// memoryOf is memory of the device as the slice that the binding of cuBLAS takes, of which
// it passes the address on.
func memoryOf[T float32 | float64](m tensor.Memory, n int) []T {
	address := m.Uintptr()
	return unsafe.Slice(*(**T)(unsafe.Pointer(&address)), n)
}
