//go:build cuda

package cuda

import (
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"gorgonia.org/cu"
	"gorgonia.org/cu/blas"
	"gorgonia.org/cu/dnn"
	"gorgonia.org/gorgonia"
	engine "gorgonia.org/gorgonia/cuda"
)

// machine is a machine of Gorgonia with engines.
type machine struct {
	gorgonia.VM
	engines []engine.Engine
	states  map[string]*state
	close   func() error
}

// finish makes the handles of cuBLAS of a new machine's engines anew: Gorgonia v0.9.18
// makes them on the worker's thread before that has the engine's context. It returns the
// machine with a Close that leaves nothing behind.
func finish(g *gorgonia.ExprGraph, vm gorgonia.VM) (gorgonia.VM, error) {
	c, ok := vm.(gorgonia.CUDAMachine)
	if !ok || len(c.Engines()) == 0 {
		collectable(vm)
		return vm, nil // no operation runs on a GPU
	}
	m := &machine{VM: vm, engines: c.Engines(), states: findStates(g)}
	m.close = sync.OnceValue(m.closeEngines)
	for i := range m.engines {
		hold(&m.engines[i], m.states)
		if err := bindBLAS(&m.engines[i]); err != nil {
			return nil, errors.Join(fmt.Errorf("cuBLAS on GPU %d: %w", i, err), m.close())
		}
	}
	return m, nil
}

// onWorker does something on the thread of the engine's worker, in the engine's context.
// An error would end the worker, so it goes another way.
func onWorker(e *engine.Engine, do func() error) (err error) {
	e.Context().Do(func() error {
		err = do()
		return nil
	})
	return err
}

// bindBLAS makes the handle of cuBLAS in the engine's context.
func bindBLAS(e *engine.Engine) error {
	return onWorker(e, func() error {
		// The handle that is there is closed in the context that it was made in, the
		// thread's current one. If that is gone, so is the handle.
		e.BLASContext().Close()
		*e.BLASContext() = cublas.Standard{}
		if err := cu.SetCurrentContext(e.Context().CUDAContext()); err != nil {
			return err
		}
		return e.BLASContext().Init(cublas.WithContext(e.Context()))
	})
}

// Close frees what the machine holds on its GPUs, once.
func (m *machine) Close() error { return m.close() }

// patience is how long a worker may take to answer before it counts as ended.
const patience = 3 * time.Second

// closeEngines closes the machine. Gorgonia's own Close stops at the first error, with
// the context and all its memory left, and waits for ever for a worker that has ended,
// as it does when a product of matrix and vector fails.
func (m *machine) closeEngines() error {
	for i := range m.engines {
		e := &m.engines[i]
		revive(e)
		onWorker(e, func() error {
			// Handles that cannot be closed, after a fault, are dropped: destroying the
			// context frees what they hold.
			cu.SetCurrentContext(e.Context().CUDAContext())
			e.BLASContext().Close()
			*e.BLASContext() = cublas.Standard{}
			e.CUDNNContext().Close()
			*e.CUDNNContext() = cudnn.Context{}
			return nil
		})
	}
	engines := m.engines
	m.engines, m.states = nil, nil
	err := m.VM.Close()
	for i := range engines {
		err = errors.Join(err, engines[i].Context().Close()) // nothing, if it was closed
		endCollector(&engines[i])
		release(&engines[i])
	}
	m.VM = closedMachine{}
	return err
}

// revive starts the engine's worker again if it has ended.
func revive(e *engine.Engine) {
	answered := make(chan struct{})
	go func() {
		onWorker(e, func() error { return nil })
		close(answered)
	}()
	select {
	case <-answered:
	case <-time.After(patience):
		go e.Run()
		<-answered
	}
}

// endCollector ends the goroutine that Gorgonia has waiting for the engine's calls to be
// due. It holds the machine, and ends when the channel is closed, which Gorgonia does
// not do. Nobody sends to it once the engine is closed.
func endCollector(e *engine.Engine) {
	c := e.Context().WorkAvailable()
	close(*(*chan struct{})(unsafe.Pointer(&c))) // a channel of any direction is the same pointer
}

// closedMachine is what a machine is after Close.
type closedMachine struct{}

func (closedMachine) RunAll() error { return errors.New("cuda: the machine is closed") }
func (closedMachine) Reset()        {}
func (closedMachine) Close() error  { return nil }
