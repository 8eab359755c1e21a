package cu

import (
	"fmt"
	"sync"

	"github.com/ditac-go/ditac/cuda/bench"
)

func init() { bench.Activate() }

// driver is the state of the driver. Its lock is held during each call, kernels
// included: the device does one thing at a time.
var driver driverState

type driverState struct {
	sync.Mutex
	current  map[int]*context  // by thread
	contexts int               // that were made
	alive    map[*context]bool // that were not destroyed
	used     int64             // bytes
}

// report tells the panel what the contexts hold that were not destroyed.
func (d *driverState) report() {
	r := bench.Resources{Contexts: len(d.alive)}
	for c := range d.alive {
		r.Handles += c.handles
		r.Modules += c.modules
		r.Allocations += len(c.sizes)
	}
	bench.SetResources(r)
}

// context is what a CUContext stands for.
type context struct {
	number    int
	memory    *bench.Memory
	sizes     map[DevicePtr]int64 // of its allocations
	handles   int                 // of cuBLAS
	modules   int                 // loaded
	queue     []func() error      // launches, and what goes with them, that have not run
	destroyed bool
	broken    error // by a kernel
}

// CUContext is a handle of a context.
type CUContext struct{ ctx *context }

func (c CUContext) String() string {
	if c.ctx == nil {
		return "no context"
	}
	return fmt.Sprintf("context %d", c.ctx.number)
}

// ContextFlags are flags for making contexts.
type ContextFlags byte

// SchedAuto is the default.
const SchedAuto ContextFlags = 0

// MakeContext makes a context and makes it the current one of the calling thread.
func (d Device) MakeContext(ContextFlags) (CUContext, error) {
	driver.Lock()
	defer driver.Unlock()
	if d != 0 {
		return CUContext{}, fail(InvalidDevice, "%v", d)
	}
	driver.contexts++
	c := &context{number: driver.contexts, memory: bench.NewMemory(), sizes: map[DevicePtr]int64{}}
	if driver.alive == nil {
		driver.alive = map[*context]bool{}
	}
	driver.alive[c] = true
	driver.report()
	setCurrent(c)
	return CUContext{c}, nil
}

func setCurrent(c *context) {
	if driver.current == nil {
		driver.current = map[int]*context{}
	}
	driver.current[thread()] = c
}

// SetCurrentContext makes a context the current one of the calling thread.
func SetCurrentContext(c CUContext) error {
	driver.Lock()
	defer driver.Unlock()
	return c.makeCurrent()
}

func (c CUContext) makeCurrent() error {
	if c.ctx == nil || c.ctx.destroyed {
		return fail(InvalidContext, "%v is destroyed or was never made", c)
	}
	setCurrent(c.ctx)
	return nil
}

// CurrentContext returns the current context of the calling thread.
func CurrentContext() (CUContext, error) {
	driver.Lock()
	defer driver.Unlock()
	c, err := current()
	return CUContext{c}, err
}

// current is the usable current context of the calling thread.
func current() (*context, error) {
	c := driver.current[thread()]
	switch {
	case c == nil:
		return nil, fail(InvalidContext, "no context is current in this thread: is runtime.LockOSThread missing?")
	case c.destroyed:
		return nil, fail(InvalidContext, "the current context %d is destroyed", c.number)
	case c.broken != nil:
		return nil, c.broken
	}
	return c, nil
}

// Destroy frees what a context holds.
func (c *CUContext) Destroy() error {
	driver.Lock()
	defer driver.Unlock()
	if c.ctx == nil || c.ctx.destroyed {
		return fail(InvalidContext, "%v is destroyed or was never made", *c)
	}
	c.ctx.flush()
	c.ctx.destroyed = true
	for p, size := range c.ctx.sizes {
		driver.used -= size
		delete(c.ctx.sizes, p)
	}
	delete(driver.alive, c.ctx)
	driver.report()
	*c = CUContext{}
	return nil
}

// CountHandle notes that a handle of cuBLAS was made in the context, 1, or closed,
// −1. It is not in the original; package cublas uses it.
func (c CUContext) CountHandle(change int) {
	driver.Lock()
	defer driver.Unlock()
	c.ctx.handles += change
	driver.report()
}

// Synchronize waits for the current context's kernels.
func Synchronize() error { return inCurrent((*context).wait) }
