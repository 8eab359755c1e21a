package cu

import (
	"fmt"
	"sync"

	"github.com/ditac-go/ditac/cuda/bench"
)

func init() { bench.Activate() }

// driver is the state of the driver. Its lock is held during each call, kernels
// included: the device does one thing at a time.
var driver struct {
	sync.Mutex
	current  map[int]*context // by thread
	contexts int              // that were made
	used     int64            // bytes
}

// context is what a CUContext stands for.
type context struct {
	number    int
	memory    *bench.Memory
	sizes     map[DevicePtr]int64 // of its allocations
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
	c.ctx.destroyed = true
	for p, size := range c.ctx.sizes {
		driver.used -= size
		delete(c.ctx.sizes, p)
	}
	*c = CUContext{}
	return nil
}

// Synchronize waits for the current context's kernels, which is no wait here.
func Synchronize() error {
	driver.Lock()
	defer driver.Unlock()
	_, err := current()
	return err
}
