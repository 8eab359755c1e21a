package gemm

import (
	"github.com/ditac-go/ditac/internal/values"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// Matrix is a row-major matrix: row i is Data[i*Stride : i*Stride+Cols].
type Matrix[T values.Float] struct {
	Rows, Cols, Stride int
	Data               []T
	// Trans says that the factor is the transposed of this.
	Trans bool
}

// Of returns the matrix of rows and columns that lies in data without gaps.
func Of[T values.Float](rows, cols int, data []T) Matrix[T] {
	return Matrix[T]{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// T returns m as the transposed factor.
func (m Matrix[T]) T() Matrix[T] {
	m.Trans = !m.Trans
	return m
}

// dims returns the numbers of rows and columns of the factor.
func (m Matrix[T]) dims() (rows, cols int) {
	if m.Trans {
		return m.Cols, m.Rows
	}
	return m.Rows, m.Cols
}

// Mul sets c = a·b or, with add, c += a·b. c may not overlap a or b, and its Trans is
// false. Dimensions that do not fit are an error of the program: it panics.
func Mul[T values.Float](c, a, b Matrix[T], add bool) {
	m, k := a.dims()
	kb, n := b.dims()
	if k != kb || c.Rows != m || c.Cols != n || c.Trans {
		panic("gemm: dimensions do not fit")
	}
	if m == 0 || n == 0 {
		return
	}
	beta := T(0)
	if add {
		beta = 1
	}
	switch data := any(c.Data).(type) {
	case []float32:
		if mine() {
			mul(any(c).(Matrix[float32]), any(a).(Matrix[float32]), any(b).(Matrix[float32]), add)
			return
		}
		blas32.Implementation().Sgemm(trans(a), trans(b), m, n, k, 1,
			any(a.Data).([]float32), a.Stride, any(b.Data).([]float32), b.Stride, float32(beta), data, c.Stride)
	case []float64:
		blas64.Implementation().Dgemm(trans(a), trans(b), m, n, k, 1,
			any(a.Data).([]float64), a.Stride, any(b.Data).([]float64), b.Stride, float64(beta), data, c.Stride)
	}
}

func trans[T values.Float](m Matrix[T]) blas.Transpose {
	if m.Trans {
		return blas.Trans
	}
	return blas.NoTrans
}

// mine reports whether the kernel of this package is the fastest there is: no other BLAS
// was registered, and the processor has what the kernel needs.
func mine() bool {
	_, plain := blas32.Implementation().(gonum.Implementation)
	return plain && supported
}
