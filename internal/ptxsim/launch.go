package ptxsim

import (
	"fmt"
	"math/rand/v2"
)

// Order is the order in which the blocks, warps and lanes of a launch run.
type Order byte

const (
	// Forward is by number.
	Forward Order = iota
	// Reverse is from the last to the first.
	Reverse
	// Shuffled is random by Config.Seed, and another in each interval between barriers.
	Shuffled
)

// Config says how a Machine runs kernels.
type Config struct {
	// Order is the order of the threads.
	Order Order
	// Seed is the seed of the order Shuffled.
	Seed uint64
	// WarpSize is the number of threads that run in lockstep, up to 32. 1 runs each
	// thread alone up to the next barrier, which is slower. 0 means 32.
	WarpSize int
	// MaxSteps ends a launch that runs more instructions, counted for each thread.
	// 0 means 2³¹, some ten seconds.
	MaxSteps int64
	// First and Count limit a launch to Count of its blocks, from block First on. A
	// Count of 0 means all. So grids can be tried that are too large to run.
	First, Count int
}

// Machine runs kernels on a memory. It is not safe for concurrent use.
type Machine struct {
	Memory *Memory
	Config Config
}

// Stats counts what a launch did.
type Stats struct {
	// Steps is the number of instructions, counted for each thread.
	Steps int64
	// Barriers is the number of barriers, counted for each block.
	Barriers int64
}

// limits of a launch, on all GPUs since compute capability 5.0.
const (
	maxThreads = 1024
	maxBlocksX = 1<<31 - 1
	maxBlocks  = 1<<16 - 1 // in the other directions
	maxThreadZ = 64
)

// launch is a launch while it runs.
type launch struct {
	*Kernel
	memory   *Memory
	args     []uint64
	grid     Dim // blocks
	threads  Dim // of a block
	blockAt  Dim
	shared   *sharedMemory
	steps    int64
	barriers int64
	maxSteps int64
	warpSize int
	order    func([]int)
	// blocks that run, and the first barrier interval of this launch
	first, count  int
	firstInterval uint32
}

// Launch runs a kernel on a grid of blocks of threads. shared is the size in bytes of
// the shared array whose size the kernel leaves open. Each argument is the bits of a
// parameter: an address or an integer, or the bits of a float.
//
// The error is a *Fault if the kernel was wrong.
func (m *Machine) Launch(k *Kernel, blocks, threads Dim, shared int, args ...uint64) (Stats, error) {
	l, err := m.prepare(k, blocks, threads, shared, args)
	if err != nil {
		return Stats{}, err
	}
	l.order = m.Config.ordering()
	l.shared = newSharedMemory(k.shared + shared)
	if l.memory.clock > 1<<31 {
		l.memory.forget()
	}
	l.shared.now = l.memory.clock
	l.firstInterval = l.shared.now + 1
	err = l.run()
	l.memory.clock = l.shared.now
	return Stats{Steps: l.steps, Barriers: l.barriers}, err
}

// Check returns the errors of Launch that show before a kernel runs.
func (m *Machine) Check(k *Kernel, blocks, threads Dim, shared int, args ...uint64) error {
	_, err := m.prepare(k, blocks, threads, shared, args)
	return err
}

// prepare makes a launch, if a GPU would take it.
func (m *Machine) prepare(k *Kernel, blocks, threads Dim, shared int, args []uint64) (*launch, error) {
	l := &launch{Kernel: k, memory: m.Memory, args: args, grid: blocks, threads: threads,
		maxSteps: m.Config.MaxSteps, warpSize: m.Config.WarpSize, first: m.Config.First, count: m.Config.Count}
	if l.count == 0 {
		l.count = blocks.size() - l.first
	}
	if l.maxSteps == 0 {
		l.maxSteps = 1 << 31
	}
	if l.warpSize == 0 {
		l.warpSize = maxLanes
	}
	if err := l.check(shared); err != nil {
		return nil, fmt.Errorf("ptxsim: kernel %s: %w", k.name, err)
	}
	return l, nil
}

func (l *launch) check(shared int) error {
	b, t := l.grid, l.threads
	switch {
	case b.X < 1 || b.Y < 1 || b.Z < 1 || b.X > maxBlocksX || b.Y > maxBlocks || b.Z > maxBlocks:
		return fmt.Errorf("launched with %v blocks", b)
	case t.X < 1 || t.Y < 1 || t.Z < 1 || t.size() > maxThreads || t.Z > maxThreadZ:
		return fmt.Errorf("launched with %v threads, want at most %d", t, maxThreads)
	case l.maxThreads > 0 && t.size() > l.maxThreads:
		return fmt.Errorf("launched with %v threads, was compiled for at most %d", t, l.maxThreads)
	case shared < 0 || l.Kernel.shared+shared > maxShared:
		return fmt.Errorf("launched with %d bytes of shared memory besides its own %d, want at most %d together", shared, l.Kernel.shared, maxShared)
	case shared > 0 && !l.openShared:
		return fmt.Errorf("launched with %d bytes of shared memory, has no array of open size", shared)
	case len(l.args) != len(l.params):
		return fmt.Errorf("launched with %d arguments, has %d parameters", len(l.args), len(l.params))
	case l.first < 0 || l.count < 1 || l.count > b.size()-l.first:
		return fmt.Errorf("Config.First and Count are %d and %d of %d blocks", l.first, l.count, b.size())
	case l.warpSize < 1 || l.warpSize > maxLanes:
		return fmt.Errorf("Config.WarpSize is %d, want 1 to %d", l.warpSize, maxLanes)
	}
	return nil
}

// ordering gives the function that brings indexes into the order.
func (c Config) ordering() func([]int) {
	switch c.Order {
	case Reverse:
		return func(x []int) {
			for i := range x {
				x[i] = len(x) - 1 - i
			}
		}
	case Shuffled:
		r := rand.New(rand.NewPCG(c.Seed, 0))
		return func(x []int) { copy(x, r.Perm(len(x))) }
	}
	return func(x []int) {
		for i := range x {
			x[i] = i
		}
	}
}

// run runs the blocks one after the other.
func (l *launch) run() error {
	total := l.count
	pool := l.newWarps()
	next := func(i int) int { return i }
	if total <= 1<<20 { // of more, the order would take too much memory
		order := make([]int, total)
		l.order(order)
		next = func(i int) int { return order[i] }
	}
	for i := range total {
		l.blockAt = l.grid.at(l.first + next(i))
		if err := l.runBlock(pool); err != nil {
			return err
		}
	}
	return nil
}

// newWarps makes the warps of a block. Without barriers they run one after the other
// and can be one and the same.
func (l *launch) newWarps() []*warp {
	n := (l.threads.size() + l.warpSize - 1) / l.warpSize
	if !l.hasBarrier {
		n = 1
	}
	warps := make([]*warp, n)
	for i := range warps {
		w := &warp{launch: l, regs: make([]lanes, l.slots), recent: make([]*block, l.memories)}
		for slot, v := range l.uniform {
			x := v(l.args)
			for lane := range w.regs[slot] {
				w.regs[slot][lane] = x
			}
		}
		warps[i] = w
	}
	return warps
}

// startWarp puts a warp at the start of the i-th threads of the block.
func (l *launch) startWarp(w *warp, i int) {
	first := i * l.warpSize
	n := min(l.warpSize, l.threads.size()-first)
	w.start(first, n)
	for _, s := range l.specials {
		s.fill(&w.regs[s.slot], l, first, n)
	}
}

func (l *launch) runBlock(pool []*warp) error {
	l.shared.enterBlock()
	order := make([]int, (l.threads.size()+l.warpSize-1)/l.warpSize)
	l.order(order)
	if !l.hasBarrier {
		w := pool[0]
		for _, i := range order {
			l.startWarp(w, i)
			if w.run(); w.fault != nil {
				return w.fault
			}
		}
		return nil
	}
	for i, w := range pool {
		l.startWarp(w, i)
	}
	for {
		for _, i := range order {
			if w := pool[i]; w.all != 0 {
				if w.run(); w.fault != nil {
					return w.fault
				}
			}
		}
		done, err := l.passBarrier(pool)
		if done || err != nil {
			return err
		}
		l.order(order)
	}
}

// passBarrier lets the warps pass the barrier at which all of them wait. It is an
// error if some do not.
func (l *launch) passBarrier(pool []*warp) (done bool, err error) {
	at := -1
	for _, w := range pool {
		for i := range w.groups {
			switch pc := w.groups[i].pc; {
			case at < 0:
				at = pc
			case at != pc:
				w.failAt(&l.code[pc], w.groups[i].list[0], fmt.Sprintf("waits here, others at the barrier of PTX line %d", l.code[at].line))
				return false, w.fault
			}
		}
	}
	if at < 0 {
		return true, nil
	}
	for _, w := range pool {
		if w.all != uint32(uint64(1)<<w.n-1) {
			left := 0
			for w.all>>left&1 != 0 {
				left++
			}
			w.failAt(&l.code[at], uint8(left), "the thread has left, others wait at the barrier")
			return false, w.fault
		}
		w.groups[0].waiting = false
		w.groups[0].pc++
		w.reorder()
	}
	l.barriers++
	l.shared.barrier()
	return false, nil
}

// fill gives a special register its values in n threads from first on.
func (s special) fill(values *lanes, l *launch, first, n int) {
	switch s.register {
	case "%tid":
		if s.axis == "x" && l.threads.X == l.threads.size() {
			for i := range n {
				values[i] = uint64(first + i)
			}
			return
		}
		for i := range n {
			values[i] = l.threads.at(first + i).along(s.axis)
		}
		return
	case "%ntid":
		values[0] = l.threads.along(s.axis)
	case "%ctaid":
		values[0] = l.blockAt.along(s.axis)
	case "%nctaid":
		values[0] = l.grid.along(s.axis)
	}
	for i := range values {
		values[i] = values[0]
	}
}
