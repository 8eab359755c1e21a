package cu

import (
	"os"
	"unsafe"

	"github.com/ditac-go/ditac/cuda/bench"
)

// Module is a PTX text loaded into a context.
type Module struct{ m *module }

type module struct {
	ctx      *context
	ptx      *bench.Module
	unloaded bool
}

// Function is a kernel of a module.
type Function struct {
	k *bench.Kernel
	m *module
}

// Stream is a queue of the device. There is only the default one.
type Stream struct{}

// NoStream is the default stream.
var NoStream Stream

// LoadData loads a PTX text into the current context.
func LoadData(image string) (Module, error) {
	var m Module
	err := inCurrent(func(c *context) error {
		ptx, err := parse(image)
		if err != nil {
			return fail(InvalidImage, "%v", err)
		}
		m.m = &module{ctx: c, ptx: ptx}
		c.modules++
		driver.report()
		return nil
	})
	return m, err
}

// compiled are the PTX texts that were loaded, as drivers keep what they compiled:
// every machine of Gorgonia loads all of them. The driver's lock guards it.
var compiled = map[string]*bench.Module{}

func parse(image string) (*bench.Module, error) {
	if m, ok := compiled[image]; ok {
		return m, nil
	}
	m, err := bench.Parse(image)
	if err == nil {
		compiled[image] = m
	}
	return m, err
}

// Unload unloads the module.
func (m Module) Unload() error {
	return inCurrent(func(c *context) error {
		if err := m.usable(c); err != nil {
			return err
		}
		if err := c.flush(); err != nil {
			return err
		}
		m.m.unloaded = true
		c.modules--
		driver.report()
		return nil
	})
}

func (m Module) usable(c *context) error {
	switch {
	case m.m == nil:
		return fail(InvalidHandle, "the module or function was never loaded")
	case m.m.unloaded:
		return fail(InvalidHandle, "the module is unloaded")
	case m.m.ctx != c:
		return fail(InvalidHandle, "the module is of context %d, current is context %d", m.m.ctx.number, c.number)
	}
	return nil
}

// Function returns a kernel of the module.
func (m Module) Function(name string) (Function, error) {
	var f Function
	err := inCurrent(func(c *context) error {
		if err := m.usable(c); err != nil {
			return err
		}
		k, err := m.m.ptx.Kernel(name)
		if err != nil {
			return fail(NotFound, "%v", err)
		}
		f = Function{k, m.m}
		return nil
	})
	return f, err
}

// arguments copies 8 bytes from each address, as the original does.
func arguments(params []unsafe.Pointer) []uint64 {
	args := make([]uint64, len(params))
	for i, p := range params {
		args[i] = *(*uint64)(p)
	}
	return args
}

// launch queues a kernel of a context, after the driver's checks. It runs at the next
// flush, as on a GPU, where a launch does not wait; with CUDA_LAUNCH_BLOCKING set it
// runs at once, which the driver does, too.
func (f Function) launch(c *context, grid, block bench.Dim, shared int, args []uint64) error {
	if err := (Module{f.m}).usable(c); err != nil {
		return err
	}
	if err := bench.Check(c.memory, f.k, grid, block, shared, args...); err != nil {
		return fail(InvalidValue, "%v", err)
	}
	bench.Note(bench.Traffic{Launches: 1})
	c.queue = append(c.queue, func() error { return bench.Launch(c.memory, f.k, grid, block, shared, args...) })
	if os.Getenv("CUDA_LAUNCH_BLOCKING") == "1" {
		return c.flush()
	}
	return nil
}

// flush runs what is queued. A kernel that goes wrong makes the context unusable.
func (c *context) flush() error {
	for len(c.queue) > 0 && c.broken == nil {
		do := c.queue[0]
		c.queue = c.queue[1:]
		if err := do(); err != nil {
			c.broken = fail(LaunchFailed, "%v", err)
		}
	}
	c.queue = nil
	return c.broken
}

// wait is flush for calls that wait for the device.
func (c *context) wait() error {
	if len(c.queue) > 0 {
		bench.Note(bench.Traffic{Waits: 1})
	}
	return c.flush()
}

// Launch queues a kernel in the current context. Each parameter is the address of 8
// bytes, which are copied now.
func (f Function) Launch(gridX, gridY, gridZ, blockX, blockY, blockZ, shared int, _ Stream, params []unsafe.Pointer) error {
	return inCurrent(func(c *context) error {
		return f.launch(c, bench.Dim{X: gridX, Y: gridY, Z: gridZ}, bench.Dim{X: blockX, Y: blockY, Z: blockZ}, shared, arguments(params))
	})
}

// LaunchAndSync is Launch and Synchronize.
func (f Function) LaunchAndSync(gridX, gridY, gridZ, blockX, blockY, blockZ, shared int, s Stream, params []unsafe.Pointer) error {
	if err := f.Launch(gridX, gridY, gridZ, blockX, blockY, blockZ, shared, s, params); err != nil {
		return err
	}
	return Synchronize()
}

// JITOption is an option of LoadDataEx.
type JITOption interface{ write(info, failure string) }

// JITInfoLogBuffer is memory for what the compiler has to say, JITErrorLogBuffer for what is
// wrong.
type (
	JITInfoLogBuffer  struct{ Buffer []byte }
	JITErrorLogBuffer struct{ Buffer []byte }
)

func (o *JITInfoLogBuffer) write(info, _ string)     { copy(o.Buffer, info) }
func (o *JITErrorLogBuffer) write(_, failure string) { copy(o.Buffer, failure) }

// LoadDataEx is LoadData with options.
func LoadDataEx(image string, options ...JITOption) (Module, error) {
	m, err := LoadData(image)
	failure := ""
	if err != nil {
		failure = err.Error()
	}
	for _, o := range options {
		o.write("the bench interprets PTX", failure)
	}
	return m, err
}
