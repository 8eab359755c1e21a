package cublas

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gorgonia.org/cu"
)

// handle makes a context, a handle, and a function that puts numbers on the device.
func handle(t *testing.T) (*Standard, func(x ...float64) []float64) {
	t.Helper()
	runtime.LockOSThread()
	c, err := cu.Device(0).MakeContext(cu.SchedAuto)
	require.NoError(t, err)
	s := new(Standard)
	require.NoError(t, s.Init(WithContext(cu.CtxFromCUContext(0, c, cu.SchedAuto))))
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.NoError(t, c.Destroy())
		runtime.UnlockOSThread()
	})
	return s, func(x ...float64) []float64 {
		p, err := cu.MemAlloc(int64(8 * len(x)))
		require.NoError(t, err)
		require.NoError(t, cu.MemcpyHtoD(p, unsafe.Pointer(&x[0]), int64(8*len(x))))
		return numbers(p, len(x))
	}
}

// numbers is device memory as a slice, as Gorgonia passes it.
func numbers(p cu.DevicePtr, n int) []float64 {
	return unsafe.Slice(*(**float64)(unsafe.Pointer(&p)), n)
}

// TestColumnMajor uses A = [1 3 5; 2 4 6], column by column.
func TestColumnMajor(t *testing.T) {
	s, on := handle(t)
	a, b := on(1, 2, 3, 4, 5, 6), on(1, 0, 2, 0, 1, 1) // B = [1 0; 0 1; 2 1]
	c := on(0, 0, 0, 0)
	s.Dgemm(blas.NoTrans, blas.NoTrans, 2, 2, 3, 1, a, 2, b, 3, 0, c, 2)
	require.NoError(t, s.Err())
	require.Equal(t, []float64{11, 14, 8, 10}, c)
	s.Dgemm(blas.Trans, blas.NoTrans, 3, 3, 2, 1, a, 2, a, 2, 0, on(make([]float64, 9)...), 3)
	require.NoError(t, s.Err())

	y := on(1, 1)
	s.Dgemv(blas.NoTrans, 2, 3, 1, a, 2, on(1, 1, 1), 1, 2, y, 1)
	require.Equal(t, []float64{11, 14}, y)
	z := on(0, 0, 0)
	s.Dgemv(blas.Trans, 2, 3, 1, a, 2, on(1, 10), 1, 0, z, 1)
	require.Equal(t, []float64{21, 43, 65}, z)
	s.Dger(2, 3, 1, on(1, 2), 1, on(1, 10, 100), 1, a, 2)
	require.Equal(t, []float64{2, 4, 13, 24, 105, 206}, a)
	require.NoError(t, s.Err())
}

func TestOperandsOnDevice(t *testing.T) {
	s, on := handle(t)
	s.Dgemv(blas.NoTrans, 1, 1, 1, []float64{1}, 1, on(1), 1, 0, on(1), 1)
	require.ErrorIs(t, s.Err(), cu.InvalidValue)
	y := on(5)
	s.Dgemv(blas.NoTrans, 1, 1, 1, on(1), 1, on(1), 1, 0, y, 1)
	require.Equal(t, []float64{5}, y, "after an error nothing is done")
}

func TestUnwrittenOperand(t *testing.T) {
	s, on := handle(t)
	p, err := cu.MemAlloc(8)
	require.NoError(t, err)
	s.Dgemv(blas.NoTrans, 1, 1, 1, numbers(p, 1), 1, on(1), 1, 0, on(1), 1)
	require.ErrorIs(t, s.Err(), cu.IllegalAddress)
	require.ErrorContains(t, s.Err(), "nothing was written to")
}

// TestContextOfHandle: a handle is of the context that is current where it is made, and
// works in no other.
func TestContextOfHandle(t *testing.T) {
	s, on := handle(t)
	a, b, y := on(1), on(1), on(1)
	other, err := cu.Device(0).MakeContext(cu.SchedAuto)
	require.NoError(t, err)
	mine := cu.CtxFromCUContext(0, s.CUDAContext(), cu.SchedAuto)
	require.ErrorContains(t, new(Standard).Init(WithContext(mine)), "is not the context of the options")
	require.ErrorContains(t, new(Standard).Init(), "is not the context of the options")
	require.ErrorContains(t, s.Close(), "the handle is of context")
	used := *s
	used.Dgemv(blas.NoTrans, 1, 1, 1, a, 1, b, 1, 0, y, 1)
	require.ErrorContains(t, used.Err(), "the handle is of context")
	require.NoError(t, other.Destroy())
	require.ErrorIs(t, new(Standard).Init(WithContext(mine)), cu.InvalidContext)
	require.NoError(t, cu.SetCurrentContext(mine.CUDAContext()))
	s.Dgemv(blas.NoTrans, 1, 1, 1, a, 1, b, 1, 0, y, 1)
	require.NoError(t, s.Err())

	var unmade Standard
	require.NoError(t, unmade.Close())
	unmade.Dgemv(blas.NoTrans, 1, 1, 1, a, 1, b, 1, 0, y, 1)
	require.ErrorContains(t, unmade.Err(), "never made")
}
