package cu

// Context is what Gorgonia uses of the original's interface of the same name.
type Context interface {
	CUDAContext() CUContext
	Error() error
	Do(fn func() error) error
	Work() <-chan func() error
	ErrChan() chan error
	Close() error
}

// Ctx is a context whose work is done by a goroutine that receives it from Work and
// sends the result to ErrChan.
type Ctx struct {
	CUContext
	work    chan func() error
	errChan chan error
}

// CtxFromCUContext makes a Ctx.
func CtxFromCUContext(_ Device, c CUContext, _ ContextFlags) *Ctx {
	return &Ctx{CUContext: c, work: make(chan func() error), errChan: make(chan error)}
}

// CUDAContext returns the context.
func (c *Ctx) CUDAContext() CUContext { return c.CUContext }

// Do has the goroutine do something and waits for it.
func (c *Ctx) Do(fn func() error) error {
	c.work <- fn
	return <-c.errChan
}

// Error returns nil, as the original does.
func (c *Ctx) Error() error { return nil }

// Work returns the channel of things to do.
func (c *Ctx) Work() <-chan func() error { return c.work }

// ErrChan returns the channel of results.
func (c *Ctx) ErrChan() chan error { return c.errChan }

// Close destroys the context and closes the channels.
func (c *Ctx) Close() error {
	if c.CUContext.ctx == nil {
		return nil
	}
	if c.errChan != nil {
		close(c.errChan)
		c.errChan = nil
	}
	if c.work != nil {
		close(c.work)
		c.work = nil
	}
	return c.CUContext.Destroy()
}
