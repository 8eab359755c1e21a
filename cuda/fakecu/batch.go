package cu

import (
	"sync"
	"unsafe"

	"github.com/ditac-go/ditac/cuda/bench"
)

// workBufLen is the length of a BatchedContext's queue. From one call less on, the
// original asks another goroutine to empty the queue, while the caller may do so too.
const workBufLen = 64

// BatchedContext queues calls until DoWork. Gorgonia copies it by value; all copies
// share the queue.
type BatchedContext struct {
	Context
	Device

	workAvailable chan struct{}
	work          chan func(*context) error
	first         *error
	count         *counter
}

// counter counts the calls of a queue, for what is to be done between two of them.
type counter struct {
	sync.Mutex
	queued, run int
	between     []between
}

// between is something to do when a number of calls were run.
type between struct {
	run int
	do  func(*context) error
}

// NewBatchedContext makes a BatchedContext.
func NewBatchedContext(c Context, d Device) *BatchedContext {
	return &BatchedContext{Context: c, Device: d,
		workAvailable: make(chan struct{}, 1),
		work:          make(chan func(*context) error, workBufLen),
		first:         new(error),
		count:         new(counter),
	}
}

// enqueue puts a call into the queue.
func (c *BatchedContext) enqueue(call func(*context) error) {
	if len(c.work) >= workBufLen-1 {
		driver.Lock()
		c.note(fail(InvalidValue, "%d calls are queued: DoWork is due (the original panics, or not, by chance)", len(c.work)))
		driver.Unlock()
		c.DoWork()
	}
	c.count.Lock()
	c.count.queued++
	c.count.Unlock()
	c.work <- call
}

// afterQueued does something when all calls that are queued now were run, without a place
// in the queue, which is full too soon.
func (c *BatchedContext) afterQueued(do func(*context) error) {
	c.count.Lock()
	defer c.count.Unlock()
	c.count.between = append(c.count.between, between{c.count.queued, do})
}

// due returns what is to be done after the calls that were run.
func (c *counter) due() (all []between) {
	c.Lock()
	defer c.Unlock()
	n := 0
	for n < len(c.between) && c.between[n].run <= c.run {
		n++
	}
	all, c.between = c.between[:n:n], c.between[n:]
	return all
}

// note keeps the first error.
func (c *BatchedContext) note(err error) {
	if err != nil && *c.first == nil {
		*c.first = err
	}
}

// WorkAvailable returns the channel that Signal sends to.
func (c *BatchedContext) WorkAvailable() <-chan struct{} { return c.workAvailable }

// Signal asks whoever receives from WorkAvailable to call DoWork.
func (c *BatchedContext) Signal() { c.workAvailable <- struct{}{} }

// DoWork runs the queued calls in the context, which stays the current one of the
// calling thread.
func (c *BatchedContext) DoWork() {
	driver.Lock()
	defer driver.Unlock()
	for {
		for _, b := range c.count.due() {
			if ctx := c.CUDAContext().ctx; ctx != nil && !ctx.destroyed { // which does not become current
				c.note(b.do(ctx))
			}
		}
		select {
		case call := <-c.work:
			c.note(c.run(call))
			c.count.Lock()
			c.count.run++
			c.count.Unlock()
		default:
			return
		}
	}
}

// run makes the context current and does a call in it. The goroutine may change its
// thread in between, so the current context is not asked for.
func (c *BatchedContext) run(call func(*context) error) error {
	handle := c.CUDAContext()
	if err := handle.makeCurrent(); err != nil {
		return err
	}
	if handle.ctx.broken != nil {
		return handle.ctx.broken
	}
	return call(handle.ctx)
}

// Errors returns the first error of the calls so far.
func (c *BatchedContext) Errors() error {
	driver.Lock()
	defer driver.Unlock()
	return *c.first
}

// FirstError is Errors.
func (c *BatchedContext) FirstError() error { return c.Errors() }

// Cleanup does nothing: there is no C memory.
func (c *BatchedContext) Cleanup() {}

// Memcpy queues a copy on the device.
func (c *BatchedContext) Memcpy(dst, src DevicePtr, size int64) {
	c.enqueue(func(ctx *context) error { return ctx.copyDevice(dst, src, size) })
}

// MemcpyHtoD queues a copy from the host; src is read when the copy is made.
func (c *BatchedContext) MemcpyHtoD(dst DevicePtr, src unsafe.Pointer, size int64) {
	c.enqueue(func(ctx *context) error { return ctx.copyFromHost(dst, src, size) })
}

// MemcpyDtoH queues a copy to the host.
func (c *BatchedContext) MemcpyDtoH(dst unsafe.Pointer, src DevicePtr, size int64) {
	c.enqueue(func(ctx *context) error { return ctx.copyToHost(dst, src, size) })
}

// MemAlloc allocates memory, after all queued calls.
func (c *BatchedContext) MemAlloc(size int64) (p DevicePtr, err error) {
	c.enqueue(func(ctx *context) error {
		p, err = ctx.alloc(size)
		return err
	})
	c.DoWork()
	return p, err
}

// LaunchKernel queues a launch; the parameters are copied now.
func (c *BatchedContext) LaunchKernel(f Function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared int, _ Stream, params []unsafe.Pointer) {
	args := arguments(params)
	c.enqueue(func(ctx *context) error {
		return f.launch(ctx, bench.Dim{X: gridX, Y: gridY, Z: gridZ}, bench.Dim{X: blockX, Y: blockY, Z: blockZ}, shared, args)
	})
}

// Synchronize queues waiting for the device.
func (c *BatchedContext) Synchronize() { c.enqueue((*context).wait) }

// LaunchAndSync queues a launch and waiting for it.
func (c *BatchedContext) LaunchAndSync(f Function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared int, s Stream, params []unsafe.Pointer) {
	c.LaunchKernel(f, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, s, params)
	c.Synchronize()
}
