//go:build cuda

package cuda

import (
	"fmt"
	"runtime"
	"unsafe"

	"gorgonia.org/cu"
	"gorgonia.org/gorgonia"
	engine "gorgonia.org/gorgonia/cuda"
	"gorgonia.org/tensor"
)

// Session is the use of a GPU by one operation, within its CUDADo method:
//
//	func (op) CUDADo(extern gorgonia.External, dev gorgonia.Device, prealloc gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
//		s, err := cuda.Open(extern, dev)
//		if err != nil {
//			return nil, err
//		}
//		defer s.Close()
//		err = s.Launch("module.kernel", blocks, threads, 0, cuda.Pointer(prealloc), cuda.Pointer(in[0]), cuda.Int(n))
//		return prealloc, err
//	}
//
// It is bound to the calling goroutine.
type Session struct{ engine *engine.Engine }

// Open begins a session on a machine's device. What Gorgonia has queued for the device
// so far, copies of the inputs among it, is done when Open returns.
func Open(extern gorgonia.External, dev gorgonia.Device) (*Session, error) {
	m, ok := extern.(gorgonia.CUDAMachine)
	if !ok {
		return nil, fmt.Errorf("cuda: Open: extern is a %T, which has no CUDA device", extern)
	}
	engines := m.Engines()
	if int(dev) < 0 || int(dev) >= len(engines) {
		return nil, fmt.Errorf("cuda: Open: device %v, the machine has %d GPUs", dev, len(engines))
	}
	s := &Session{&engines[int(dev)]} // Contexts() of the machine gives copies
	if err := s.engine.DoWork(); err != nil {
		return nil, fmt.Errorf("cuda: Open: work queued before: %w", err)
	}
	runtime.LockOSThread() // the current context is one of the thread
	if err := cu.SetCurrentContext(s.engine.Context().CUDAContext()); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("cuda: Open: %w", err)
	}
	return s, nil
}

// Close ends the session.
func (s *Session) Close() { runtime.UnlockOSThread() }

// Arg is a parameter of a kernel. All are passed as 8 bytes, so a kernel declares
// pointers and long long, or float and double.
type Arg uint64

// Pointer passes the address of a value or other memory on the device.
func Pointer(m tensor.Memory) Arg { return Arg(m.Uintptr()) }

// Int passes an integer.
func Int(n int) Arg { return Arg(uint64(int64(n))) }

// Grid is the usual grid for n elements: blocks of 256 threads, at most most of them,
// where kernels take several elements for each thread.
func Grid(n, most int) (blocks, threads int) {
	const size = 256
	return min(max((n+size-1)/size, 1), most), size
}

// Launch runs a kernel, named as "module.function", on blocks of threads in one
// dimension, after all that was launched before. It does not wait: what goes wrong in the
// kernel is the error of a later call that waits, as a copy from the device, or of Launch
// itself if the environment variable CUDA_LAUNCH_BLOCKING is 1. shared is the number of
// bytes of the kernel's shared array of open size.
func (s *Session) Launch(kernel string, blocks, threads, shared int, args ...Arg) error {
	f, ok := s.engine.Functions()[kernel]
	if !ok {
		return fmt.Errorf("cuda: Session.Launch: the machine has no kernel %q: was it made before its package was imported?", kernel)
	}
	params := make([]unsafe.Pointer, len(args))
	for i := range args {
		params[i] = unsafe.Pointer(&args[i])
	}
	if err := f.Launch(blocks, 1, 1, threads, 1, 1, shared, cu.NoStream, params); err != nil {
		return fmt.Errorf("cuda: Session.Launch: kernel %q on %d blocks of %d threads: %w", kernel, blocks, threads, err)
	}
	return nil
}

// Wait waits for all kernels that were launched. Copies do so by themselves: it is for
// measuring time.
func (s *Session) Wait() error {
	if err := cu.Synchronize(); err != nil {
		return fmt.Errorf("cuda: Session.Wait: %w", err)
	}
	return nil
}
