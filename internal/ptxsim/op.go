package ptxsim

// fn1, fn2 and fn3 are what an instruction does to the values of one lane.
type (
	fn1 func(a uint64) uint64
	fn2 func(a, b uint64) uint64
	fn3 func(a, b, c uint64) uint64
)

// maxLanes is the number of threads in a warp of a GPU.
const maxLanes = 32

// lanes are the values of one register in all threads of a warp.
type lanes [maxLanes]uint64

// exec does one instruction for some lanes of a warp. Registers are indexes into
// warp.regs; so are constants, parameters and special registers, which have slots of
// their own there.
type exec func(w *warp, active []uint8)

// op is an instruction of which each lane's result depends on the lane's registers
// alone. One of the functions is set.
type op struct {
	f1 fn1
	f2 fn2
	f3 fn3
	// The types of the result and the operands.
	to   scalar
	from []scalar
	// wider says that registers may be wider than the types, as for cvt.
	wider bool
	// fast, if not nil, gives a faster exec than the function.
	fast func(d int, from []int) exec
}

func (o op) exec(d int, from []int) exec {
	switch {
	case o.fast != nil:
		return o.fast(d, from)
	case o.f1 != nil:
		f, a := o.f1, from[0]
		return func(w *warp, active []uint8) {
			d, a := &w.regs[d], &w.regs[a]
			for _, l := range active {
				d[l%maxLanes] = f(a[l%maxLanes])
			}
		}
	case o.f2 != nil:
		f, a, b := o.f2, from[0], from[1]
		return func(w *warp, active []uint8) {
			d, a, b := &w.regs[d], &w.regs[a], &w.regs[b]
			for _, l := range active {
				d[l%maxLanes] = f(a[l%maxLanes], b[l%maxLanes])
			}
		}
	}
	f, a, b, c := o.f3, from[0], from[1], from[2]
	return func(w *warp, active []uint8) {
		d, a, b, c := &w.regs[d], &w.regs[a], &w.regs[b], &w.regs[c]
		for _, l := range active {
			d[l%maxLanes] = f(a[l%maxLanes], b[l%maxLanes], c[l%maxLanes])
		}
	}
}
