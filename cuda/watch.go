//go:build cuda

package cuda

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"
	"weak"

	"gorgonia.org/cu"
	engine "gorgonia.org/gorgonia/cuda"
)

// watches are the words that kernels report by, of each engine in the order in which they
// were asked for; see Session.Watch.
var watches = struct {
	sync.Mutex
	of map[weak.Pointer[engine.Engine]][]*watch
}{of: map[weak.Pointer[engine.Engine]][]*watch{}}

// watch is memory that the CPU reads, too.
type watch struct {
	name   string
	at     cu.DevicePtr
	words  []int32
	report func(s *Session, words []int32) error
}

// Watch returns the address of n 32-bit words by which kernels say what is wrong without
// anyone waiting for them: the words are 0 until a kernel writes to them. A machine that
// NewTapeMachine has made looks at them at the end of each run, when the device is done anyway.
// If one is not 0, it calls report, whose error is the run's, and makes them 0 again. report may
// copy from the device, by the session that it gets: it must not hold another.
//
// The words are the machine's and stay the same for a name, as Scratch; of several reports for
// a name the last counts.
func (s *Session) Watch(name string, n int, report func(s *Session, words []int32) error) (Arg, error) {
	if n < 1 {
		return 0, fmt.Errorf("cuda: Session.Watch: %q: %d words, want at least 1", name, n)
	}
	watches.Lock()
	defer watches.Unlock()
	key := weak.Make(s.engine)
	for _, w := range watches.of[key] {
		if w.name == name && len(w.words) >= n {
			w.report = report
			return Arg(w.at), nil
		}
	}
	for k := range watches.of {
		if k.Value() == nil {
			delete(watches.of, k)
		}
	}
	at, err := cu.MemAllocManaged(int64(4*n), cu.AttachGlobal)
	if err != nil {
		return 0, fmt.Errorf("cuda: Session.Watch: %q: allocating %d words: %w", name, n, err)
	}
	address := uintptr(at)
	w := &watch{name: name, at: at, words: unsafe.Slice(*(**int32)(unsafe.Pointer(&address)), n), report: report}
	clear(w.words)
	watches.of[key] = append(watches.of[key], w)
	return Arg(at), nil
}

// endRun waits for what the run has left to do on an engine, and returns what kernels have
// reported.
func endRun(e *engine.Engine) error {
	watches.Lock()
	all := watches.of[weak.Make(e)]
	watches.Unlock()
	if len(all) == 0 {
		return nil
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cu.SetCurrentContext(e.Context().CUDAContext()); err != nil {
		return fmt.Errorf("cuda: at the end of a run: %w", err)
	}
	if err := cu.Synchronize(); err != nil {
		return fmt.Errorf("cuda: at the end of a run: %w", err)
	}
	s := &Session{e}
	var errs []error
	for _, w := range all {
		for _, word := range w.words {
			if word != 0 {
				errs = append(errs, w.report(s, w.words))
				clear(w.words)
				break
			}
		}
	}
	return errors.Join(errs...)
}

// RunAll runs the graph, reports what kernels have to say at the end, and copies what
// operations have changed to the values of nodes.
func (m *machine) RunAll() error {
	m.beginStates()
	if err := m.VM.RunAll(); err != nil {
		return err
	}
	for i := range m.engines {
		if err := endRun(&m.engines[i]); err != nil {
			return err
		}
	}
	return m.keepStates()
}
