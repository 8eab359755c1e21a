package cu

import (
	"errors"
	"math"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cuda/bench"
)

// double doubles the first of its arguments' elements.
const double = `.version 4.2
.target sm_50
.address_size 64
.visible .entry double(.param .u64 p, .param .u32 n)
{
	.reg .pred %p<2>; .reg .b32 %r<3>; .reg .b64 %rd<4>; .reg .f32 %f<3>;
	ld.param.u64 %rd1, [p];
	ld.param.u32 %r1, [n];
	mov.u32 %r2, %tid.x;
	setp.ge.s32 %p1, %r2, %r1;
	@%p1 bra $end;
	mul.wide.s32 %rd2, %r2, 4;
	add.s64 %rd3, %rd1, %rd2;
	ld.global.f32 %f1, [%rd3];
	add.rn.f32 %f2, %f1, %f1;
	st.global.f32 [%rd3], %f2;
$end:
	ret;
}
`

// newContext makes a context and keeps the test on its thread.
func newContext(t *testing.T) CUContext {
	t.Helper()
	runtime.LockOSThread()
	c, err := Device(0).MakeContext(SchedAuto)
	require.NoError(t, err)
	t.Cleanup(func() {
		if c.ctx != nil && !c.ctx.destroyed {
			require.NoError(t, c.Destroy())
		}
		runtime.UnlockOSThread()
	})
	return c
}

func load(t *testing.T) Function {
	t.Helper()
	m, err := LoadData(double)
	require.NoError(t, err)
	f, err := m.Function("double")
	require.NoError(t, err)
	return f
}

func upload(t *testing.T, x []float32) DevicePtr {
	t.Helper()
	p, err := MemAlloc(int64(4 * len(x)))
	require.NoError(t, err)
	require.NoError(t, MemcpyHtoD(p, unsafe.Pointer(&x[0]), int64(4*len(x))))
	return p
}

func download(t *testing.T, p DevicePtr, n int) []float32 {
	t.Helper()
	x := make([]float32, n)
	require.NoError(t, MemcpyDtoH(unsafe.Pointer(&x[0]), p, int64(4*n)))
	return x
}

// TestLaunchDoesNotWait: kernels run when something waits for them, in order.
func TestLaunchDoesNotWait(t *testing.T) {
	newContext(t)
	f := load(t)
	p, n := upload(t, []float32{1}), int64(1)
	one := wordAt(p)
	for range 3 {
		require.NoError(t, f.Launch(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)))
	}
	require.Equal(t, one, wordAt(p), "not yet")
	require.Equal(t, []float32{8}, download(t, p, 1))
	require.NoError(t, f.Launch(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)))
	require.NoError(t, Synchronize())
	require.Equal(t, float32(16), math.Float32frombits(wordAt(p)))

	t.Setenv("CUDA_LAUNCH_BLOCKING", "1")
	require.NoError(t, f.Launch(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)))
	require.Equal(t, float32(32), math.Float32frombits(wordAt(p)))
	t.Setenv("CUDA_LAUNCH_BLOCKING", "")

	n = 2 // more than there is: noticed later
	require.NoError(t, f.Launch(1, 1, 1, 32, 1, 1, 0, NoStream, params(&p, &n)))
	require.ErrorIs(t, MemFree(p), LaunchFailed)
}

// TestRelease: memory that is given back is poisoned behind the calls that are queued.
func TestRelease(t *testing.T) {
	c := NewBatchedContext(CtxFromCUContext(0, newContext(t), SchedAuto), 0)
	f, p, n := load(t), upload(t, []float32{1, 2}), int64(1)
	var y float32
	c.LaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n))
	c.MemcpyDtoH(unsafe.Pointer(&y), p, 4)
	c.Release(p, 4)
	c.DoWork()
	require.NoError(t, c.Errors())
	require.NoError(t, Synchronize())
	require.Equal(t, float32(2), y)
	require.Equal(t, bench.Poison, wordAt(p))
	require.Equal(t, float32(2), math.Float32frombits(wordAt(p+4)), "the rest stays")
}

// TestTraffic counts copies and waits.
func TestTraffic(t *testing.T) {
	newContext(t)
	f := load(t)
	bench.Reset()
	p, n := upload(t, []float32{1, 2, 3}), int64(1)
	require.NoError(t, f.Launch(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)))
	require.NoError(t, Synchronize())
	require.NoError(t, Synchronize())
	download(t, p, 1)
	moved := bench.Moved()
	require.Equal(t, bench.Traffic{Launches: 1, Waits: 3, Uploads: []int64{12}, Downloads: []int64{4}}, moved)
	up, down := moved.Total()
	require.Equal(t, []int64{12, 4}, []int64{up, down})
}

// params are the addresses of a launch's parameters.
func params(p *DevicePtr, n *int64) []unsafe.Pointer {
	return []unsafe.Pointer{unsafe.Pointer(p), unsafe.Pointer(n)}
}

func TestLaunch(t *testing.T) {
	newContext(t)
	f := load(t)
	p, n := upload(t, []float32{1, 2, 3}), int64(2)
	bench.Reset()
	require.NoError(t, f.LaunchAndSync(1, 1, 1, 32, 1, 1, 0, NoStream, params(&p, &n)))
	require.Equal(t, []float32{2, 4, 3}, download(t, p, 3))
	require.Equal(t, map[string]int{"double": 1}, bench.Launches())
	require.Positive(t, bench.Stats().Steps)
	require.True(t, bench.Active())
}

func TestLaunchErrors(t *testing.T) {
	newContext(t)
	f := load(t)
	p, n := upload(t, []float32{1, 2, 3}), int64(3)
	require.ErrorIs(t, f.LaunchAndSync(0, 1, 1, 32, 1, 1, 0, NoStream, params(&p, &n)), InvalidValue)
	require.ErrorIs(t, f.LaunchAndSync(1, 1, 1, 1025, 1, 1, 0, NoStream, params(&p, &n)), InvalidValue)
	require.ErrorIs(t, Function{}.LaunchAndSync(1, 1, 1, 1, 1, 1, 0, NoStream, nil), InvalidHandle)
	_, err := LoadData("not PTX")
	require.ErrorIs(t, err, InvalidImage)
	m, err := LoadData(double)
	require.NoError(t, err)
	_, err = m.Function("triple")
	require.ErrorIs(t, err, NotFound)
	g, err := m.Function("double")
	require.NoError(t, err)
	require.NoError(t, m.Unload())
	require.ErrorIs(t, g.LaunchAndSync(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)), InvalidHandle)
	require.ErrorIs(t, m.Unload(), InvalidHandle)

	// A kernel that goes wrong makes the context unusable.
	n = 4
	err = f.LaunchAndSync(1, 1, 1, 32, 1, 1, 0, NoStream, params(&p, &n))
	require.ErrorIs(t, err, LaunchFailed)
	require.ErrorContains(t, err, "thread (3,0,0): PTX line 14: ld.global.f32 %f1, [%rd3]")
	_, err = MemAlloc(4)
	require.ErrorIs(t, err, LaunchFailed)
	require.ErrorIs(t, Synchronize(), LaunchFailed)
}

func TestThreads(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("threads are not told apart")
	}
	c := newContext(t)
	result := make(chan error)
	elsewhere := func(do func() error) error {
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			result <- do()
		}()
		return <-result
	}
	require.ErrorIs(t, elsewhere(func() error { _, err := MemAlloc(4); return err }), InvalidContext)
	require.NoError(t, elsewhere(func() error {
		if err := SetCurrentContext(c); err != nil {
			return err
		}
		p, err := MemAlloc(4)
		return errors.Join(err, MemFree(p))
	}))
	require.ErrorIs(t, SetCurrentContext(CUContext{}), InvalidContext)
	require.NoError(t, c.Destroy())
	_, err := MemAlloc(4)
	require.ErrorIs(t, err, InvalidContext)
	require.ErrorIs(t, c.Destroy(), InvalidContext)
}

// TestContextsApart: nothing of one context can be used in another.
func TestContextsApart(t *testing.T) {
	a := newContext(t)
	f, p, n := load(t), upload(t, []float32{1}), int64(1)
	newContext(t)
	require.ErrorIs(t, f.LaunchAndSync(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)), InvalidHandle)
	require.ErrorIs(t, MemFree(p), InvalidValue)
	var x float32
	require.ErrorIs(t, MemcpyDtoH(unsafe.Pointer(&x), p, 4), InvalidValue)
	require.ErrorIs(t, Memcpy(p, p, 4), InvalidValue)
	require.ErrorIs(t, MemsetD32(p, 0, 1), InvalidValue)
	require.ErrorIs(t, load(t).LaunchAndSync(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)), LaunchFailed)
	require.NoError(t, SetCurrentContext(a))
	require.NoError(t, f.LaunchAndSync(1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n)))
	require.Equal(t, []float32{2}, download(t, p, 1))
	require.NoError(t, MemFree(p))
	require.ErrorIs(t, MemFree(p), InvalidValue)
}

// wordAt reads memory of the device as the CPU can read managed memory.
func wordAt(p DevicePtr) uint32 { return **(**uint32)(unsafe.Pointer(&p)) }

func TestMemory(t *testing.T) {
	newContext(t)
	free, total, err := MemInfo()
	require.NoError(t, err)
	p, err := MemAllocManaged(1000, AttachGlobal)
	require.NoError(t, err)
	require.Zero(t, p.Uintptr()%256)
	require.Equal(t, uintptr(1000), p.MemSize())
	require.Equal(t, bench.Poison, wordAt(p))
	less, _, err := MemInfo()
	require.NoError(t, err)
	require.Equal(t, int64(1000), free-less)
	require.NoError(t, MemsetD32(p, 7, 250))
	require.Equal(t, uint32(7), wordAt(p))
	require.ErrorIs(t, MemsetD32(p, 7, 251), InvalidValue)
	_, err = MemAlloc(total + 1)
	require.ErrorIs(t, err, OutOfMemory)
	_, err = MemAlloc(0)
	require.ErrorIs(t, err, InvalidValue)
}

func TestBatchedContext(t *testing.T) {
	c := NewBatchedContext(CtxFromCUContext(0, newContext(t), SchedAuto), 0)
	f, p, n := load(t), upload(t, []float32{1}), int64(1)
	x := []float32{5}
	c.MemcpyHtoD(p, unsafe.Pointer(&x[0]), 4)
	x[0] = 6 // the copy is made at DoWork
	c.LaunchAndSync(f, 1, 1, 1, 1, 1, 1, 0, NoStream, params(&p, &n))
	n = 99 // but parameters are copied when the launch is queued
	var y float32
	c.MemcpyDtoH(unsafe.Pointer(&y), p, 4)
	require.Zero(t, y)
	copied := *c // as Gorgonia does
	copied.DoWork()
	require.NoError(t, c.Errors())
	require.Equal(t, float32(12), y)
	q, err := c.MemAlloc(8)
	require.NoError(t, err)
	require.Equal(t, uintptr(8), q.MemSize())
	_, err = c.MemAlloc(-1)
	require.ErrorIs(t, err, InvalidValue)
	require.ErrorIs(t, c.Errors(), InvalidValue)
}

func TestFullQueue(t *testing.T) {
	c := NewBatchedContext(CtxFromCUContext(0, newContext(t), SchedAuto), 0)
	for range workBufLen - 1 {
		c.Synchronize()
	}
	c.DoWork()
	require.NoError(t, c.Errors())
	for range workBufLen {
		c.Synchronize()
	}
	c.DoWork()
	require.ErrorContains(t, c.Errors(), "63 calls are queued")
	c.Synchronize()
	c.DoWork()
	require.Error(t, c.FirstError(), "the first error stays")
}

func TestDevice(t *testing.T) {
	n, err := NumDevices()
	require.NoError(t, err)
	require.Equal(t, 1, n)
	d, err := GetDevice(0)
	require.NoError(t, err)
	require.True(t, d.IsGPU())
	require.Equal(t, "GPU(0)", d.String())
	require.Equal(t, "CPU", CPU.String())
	_, err = GetDevice(1)
	require.ErrorIs(t, err, InvalidDevice)
	_, err = d.Attributes(WarpSize, 999)
	require.ErrorIs(t, err, InvalidValue)
	_, err = Device(1).MakeContext(SchedAuto)
	require.ErrorIs(t, err, InvalidDevice)
}
