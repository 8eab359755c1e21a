// Package cublas stands in for cu's binding to cuBLAS, with the nine names that
// Gorgonia uses. Gonum does the work. Matrices are in column-major order, and all
// operands must be on the device.
package cublas

import (
	"fmt"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/cu"
)

// ConsOpt is an option of Standard.Init.
type ConsOpt func(*Standard)

// WithContext sets the context.
func WithContext(c cu.Context) ConsOpt { return func(s *Standard) { s.Context = c } }

// Standard is a handle of cuBLAS. Its first error stays and makes all calls do
// nothing, as in the original.
type Standard struct {
	cu.Context
	impl  gonum.Implementation
	bound cu.CUContext // in which the handle was made; none before Init and after Close
	err   error
}

// Init makes the handle ready, in the context that is current in the calling thread.
// That must be the one of WithContext: the original takes any, or makes a context of its
// own, in which the operands' addresses mean nothing.
func (s *Standard) Init(opts ...ConsOpt) error {
	var asked Standard
	for _, o := range opts {
		o(&asked)
	}
	current, err := cu.CurrentContext()
	if err != nil {
		return fmt.Errorf("cublas: Init: %w", err)
	}
	if asked.Context == nil || asked.CUDAContext() != current {
		return fmt.Errorf("cublas: Init: %v is current, which is not the context of the options", current)
	}
	s.Context, s.bound = asked.Context, current
	s.bound.CountHandle(1)
	return nil
}

// Err returns the first error.
func (s *Standard) Err() error { return s.err }

// Close ends the use of the handle, in the context in which it was made.
func (s *Standard) Close() error {
	if s.bound == (cu.CUContext{}) {
		return nil
	}
	if err := s.isCurrent(); err != nil {
		return fmt.Errorf("cublas: Close: %w", err)
	}
	s.bound.CountHandle(-1)
	s.Context, s.bound = nil, cu.CUContext{}
	return nil
}

// isCurrent reports a handle that was not made, or was made in another context than the
// calling thread's current one.
func (s *Standard) isCurrent() error {
	if s.bound == (cu.CUContext{}) {
		return fmt.Errorf("the handle was never made, or is closed")
	}
	current, err := cu.CurrentContext()
	if err == nil && current != s.bound {
		err = fmt.Errorf("the handle is of %v, current is %v", s.bound, current)
	}
	return err
}

type real interface{ float32 | float64 }

// run calls do if the operands are on the device and the inputs were written to.
func run[T real](s *Standard, output []T, inputs [][]T, do func()) {
	if s.err != nil {
		return
	}
	if s.err = s.isCurrent(); s.err != nil {
		return
	}
	size := func(x []T) int64 { return int64(len(x)) * int64(unsafe.Sizeof(x[0])) }
	if s.err = cu.CheckOutput(unsafe.Pointer(unsafe.SliceData(output)), size(output)); s.err != nil {
		return
	}
	for _, in := range inputs {
		if s.err = cu.CheckInput(unsafe.Pointer(unsafe.SliceData(in)), size(in)); s.err != nil {
			return
		}
	}
	do()
}

// A column-major matrix is the row-major transposed one. So C = op(A)·op(B) is
// computed as Cᵀ = op(B)ᵀ·op(A)ᵀ.

// Sgemm is C = alpha·op(A)·op(B) + beta·C.
func (s *Standard) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	run(s, c, [][]float32{a, b}, func() { s.impl.Sgemm(tB, tA, n, m, k, alpha, b, ldb, a, lda, beta, c, ldc) })
}

// Dgemm is Sgemm for float64.
func (s *Standard) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	run(s, c, [][]float64{a, b}, func() { s.impl.Dgemm(tB, tA, n, m, k, alpha, b, ldb, a, lda, beta, c, ldc) })
}

func flip(t blas.Transpose) blas.Transpose {
	if t == blas.NoTrans {
		return blas.Trans
	}
	return blas.NoTrans
}

// Sgemv is y = alpha·op(A)·x + beta·y.
func (s *Standard) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	run(s, y, [][]float32{a, x}, func() { s.impl.Sgemv(flip(tA), n, m, alpha, a, lda, x, incX, beta, y, incY) })
}

// Dgemv is Sgemv for float64.
func (s *Standard) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	run(s, y, [][]float64{a, x}, func() { s.impl.Dgemv(flip(tA), n, m, alpha, a, lda, x, incX, beta, y, incY) })
}

// Sger is A = alpha·x·yᵀ + A.
func (s *Standard) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	run(s, a, [][]float32{x, y, a}, func() { s.impl.Sger(n, m, alpha, y, incY, x, incX, a, lda) })
}

// Dger is Sger for float64.
func (s *Standard) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	run(s, a, [][]float64{x, y, a}, func() { s.impl.Dger(n, m, alpha, y, incY, x, incX, a, lda) })
}
