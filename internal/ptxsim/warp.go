package ptxsim

import "fmt"

// warp is up to 32 threads that run in lockstep. Where they branch apart they form
// groups; the group that is furthest behind in the code runs, so that groups meet
// again behind a branch.
type warp struct {
	*launch
	first  int // thread of lane 0
	n      int // lanes
	regs   []lanes
	order  []uint8 // of the lanes
	perm   []int   // order, as launch.order writes it
	groups []group
	all    uint32 // mask of the lanes that have not left
	fault  *Fault
	recent []*block        // the allocations that the instructions accessed last
	active [maxLanes]uint8 // of a guarded instruction
}

// group is the lanes of a warp that are at the same instruction.
type group struct {
	pc      int
	mask    uint32
	waiting bool // at the barrier at pc
	n       int
	list    [maxLanes]uint8 // the n lanes of mask, in the warp's order
}

// set makes lanes, which are in order, those of the group.
func (g *group) set(order []uint8, mask uint32) {
	g.mask, g.n = mask, 0
	for _, l := range order {
		if mask>>l&1 != 0 {
			g.list[g.n] = l
			g.n++
		}
	}
}

// start puts n threads at the first instruction.
func (w *warp) start(first, n int) {
	w.first, w.n = first, n
	w.all = uint32(uint64(1)<<n - 1)
	w.groups = append(w.groups[:0], group{})
	w.reorder()
}

// reorder brings the lanes, which are all in one group, into the order of the
// launch.
func (w *warp) reorder() {
	w.perm, w.order = w.perm[:0], w.order[:0]
	w.perm = append(w.perm, make([]int, w.n)...)
	w.launch.order(w.perm)
	for _, l := range w.perm {
		w.order = append(w.order, uint8(l))
	}
	w.groups[0].set(w.order, w.all)
}

// run runs the warp until all its threads have left or wait at a barrier.
func (w *warp) run() {
	for w.fault == nil {
		g, limit := w.next()
		if g < 0 {
			return
		}
		w.runGroup(g, limit)
	}
}

// next gives the group to run, the one that is furthest behind, or -1, and the
// instruction at which another group waits for it. Groups at the same place are
// joined.
func (w *warp) next() (g, limit int) {
	g, limit = -1, len(w.code)
	for i := 0; i < len(w.groups); i++ {
		for j := len(w.groups) - 1; j > i; j-- {
			if a, b := &w.groups[i], &w.groups[j]; a.pc == b.pc && a.waiting == b.waiting {
				a.set(w.order, a.mask|b.mask)
				w.remove(j)
			}
		}
	}
	for i := range w.groups {
		if !w.groups[i].waiting && (g < 0 || w.groups[i].pc < w.groups[g].pc) {
			g = i
		}
	}
	for i := range w.groups {
		if i != g && !w.groups[i].waiting {
			limit = min(limit, w.groups[i].pc)
		}
	}
	return g, limit
}

func (w *warp) remove(i int) {
	last := len(w.groups) - 1
	w.groups[i] = w.groups[last]
	w.groups = w.groups[:last]
}

// runGroup runs a group until it reaches limit, splits, waits or leaves.
func (w *warp) runGroup(i, limit int) {
	g := &w.groups[i]
	for g.pc < limit {
		in := &w.code[g.pc]
		w.steps += int64(g.n)
		if w.steps > w.maxSteps {
			w.failAt(in, g.list[0], fmt.Sprintf("the launch has run %d instructions: an endless loop?", w.steps))
			return
		}
		active := g.list[:g.n]
		if in.guard >= 0 {
			active = w.filter(active, in)
			if len(active) == 0 {
				g.pc++
				continue
			}
		}
		switch in.kind {
		case compute:
			in.exec(w, active)
			if w.fault != nil {
				w.place(in)
				return
			}
			g.pc++
		case branch:
			if len(active) < g.n {
				w.split(i, active, in.target)
				return
			}
			g.pc = in.target
		case leave:
			mask := maskOf(active)
			w.all &^= mask
			if len(active) == g.n {
				w.remove(i)
				return
			}
			g.set(w.order, g.mask&^mask)
			g.pc++
		case barrier:
			if len(active) < g.n {
				w.failAt(in, g.list[0], "some threads of the warp skip the barrier")
				return
			}
			g.waiting = true
			return
		}
	}
}

// filter gives the lanes for which an instruction's guard holds.
func (w *warp) filter(list []uint8, in *instruction) []uint8 {
	p, n := &w.regs[in.guard], 0
	for _, l := range list {
		if (p[l%maxLanes] != 0) != in.negated {
			w.active[n%maxLanes] = l
			n++
		}
	}
	return w.active[:n]
}

func maskOf(list []uint8) uint32 {
	var mask uint32
	for _, l := range list {
		mask |= 1 << l
	}
	return mask
}

// split sends some lanes of a group to a branch's target.
func (w *warp) split(i int, taken []uint8, target int) {
	mask := maskOf(taken)
	w.groups = append(w.groups, group{pc: target})
	w.groups[len(w.groups)-1].set(w.order, mask)
	g := &w.groups[i]
	g.set(w.order, g.mask&^mask)
	g.pc++
}

// fail stops the warp for what a lane did. The instruction is added by place.
func (w *warp) fail(lane uint8, format string, args ...any) {
	w.fault = &Fault{
		Kernel: w.Kernel.name, Block: w.blockAt, Thread: w.threads.at(w.first + int(lane)),
		Reason: fmt.Sprintf(format, args...),
	}
}

func (w *warp) failShared(lane uint8, h hazard, offset uint64) {
	by := ""
	if h.other != noThread {
		by = fmt.Sprintf(", by thread %v", w.threads.at(int(h.other)))
	}
	w.fail(lane, "%s, at offset %d%s", h.reason, offset, by)
}

func (w *warp) place(in *instruction) { w.fault.Line, w.fault.Instruction = in.line, in.text }

func (w *warp) failAt(in *instruction, lane uint8, reason string) {
	w.fail(lane, "%s", reason)
	w.place(in)
}
