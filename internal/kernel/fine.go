package kernel

import (
	"math"
	"math/bits"
	"unsafe"
)

// A fine grid gives a curve by intervals of equal width, of which an element finds its own
// without a search. Lines give y or y′, Quads the moments. Of the Tab in each, the range,
// the tails, Scale and First are used; First is the number of the first interval less
// FirstInterval, because entry 0 of the intervals stands for elements outside. Grids are
// made to be small: the kernels are as fast as a first-level cache if that holds the grid.

// FirstInterval is the entry of the first interval. Entry 0 has both ends for itself.
const FirstInterval = 2

// place returns the entry of x's interval, and the place in it from 0 to 1; both 0 outside.
func (t *Tab) place(x float32) (interval int32, place float32) {
	if !t.inside(x) {
		return 0, 0
	}
	u := float32(x * t.Scale)
	floor := math.Floor(float64(u))
	return int32(floor) - t.First, u - float32(floor)
}

// MaxBlock is the largest number of elements that a kernel on a fine grid gets at once.
const MaxBlock = 1024

// Odd says which elements of a block are left to the caller: bit i%64 of Odd[i/64].
type Odd [MaxBlock / 64]uint64

func (o *Odd) set(i int) { o[i/64] |= 1 << (i % 64) }

// Each calls f for each of the elements, in order.
func (o *Odd) Each(f func(i int)) {
	for k, word := range o {
		for ; word != 0; word &= word - 1 {
			f(64*k + bits.TrailingZeros64(word))
		}
	}
}

// start is where the assembly writes bit after bit.
func (o *Odd) start() *uint8 { return (*uint8)(unsafe.Pointer(o)) }

// Lines are straight lines. Nodes[k] is the function's value at the start of interval k
// and the end of the one before; a NaN leaves both to the caller. Nodes[0] and Nodes[1] are 0.
type Lines struct {
	Tab
	Nodes []float32
}

// at returns the function's value at a place in an interval.
func (l *Lines) at(interval int32, place float32) float32 {
	start, end := l.Nodes[interval], l.Nodes[interval+1]
	return start + float32((end-start)*place)
}

// Forward is Tab.Forward where the lines are y; dst must not be x. It names the NaNs.
func (l *Lines) Forward(dst, x []float32, odd *Odd) (any bool) {
	dst, *odd = dst[:len(x)], Odd{}
	p := inUse()
	n := p.whole(len(x))
	if n > 0 {
		any = p.lines(&dst[0], &x[0], n, &l.Scale, &l.Nodes[0], odd.start()) != 0
	}
	return l.forwardGeneric(dst, x, odd, n) || any
}

// forwardGeneric is Forward's specification, from an element on.
func (l *Lines) forwardGeneric(dst, x []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		interval, place := l.place(x[i])
		y := l.at(interval, place)
		if interval == 0 {
			y = l.tail(x[i])
		}
		if y != y {
			odd.set(i)
			any = true
		}
		dst[i] = y
	}
	return any
}

// BackwardX is Tab.BackwardX where the lines are y′; dst must be neither x nor g. It
// names the elements with a NaN as y′.
func (l *Lines) BackwardX(dst, x, g []float32, odd *Odd) (any bool) {
	dst, g, *odd = dst[:len(x)], g[:len(x)], Odd{}
	p := inUse()
	n := p.whole(len(x))
	if n > 0 {
		any = p.slopes(&dst[0], &x[0], &g[0], n, &l.Scale, &l.Nodes[0], odd.start()) != 0
	}
	return l.backwardXGeneric(dst, x, g, odd, n) || any
}

// backwardXGeneric is BackwardX's specification, from an element on.
func (l *Lines) backwardXGeneric(dst, x, g []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		interval, place := l.place(x[i])
		dy := l.at(interval, place)
		if interval == 0 {
			dy = l.Tab.Slope(x[i])
		}
		if dy != dy {
			odd.set(i)
			any = true
		}
		dst[i] = scaled(g[i], dy)
	}
	return any
}

// Quads are intervals for moments, with the place of a kink in each: elements at or right
// of it have sums of their own, Upper(interval). An interval without a kink has +Inf, one
// that is left to the caller NaN. Interval 0 gets the elements outside and means nothing;
// its kink is +Inf.
type Quads struct {
	Tab
	Kinks []float32
}

// Upper returns the entry of the sums of what is right of the kink in an interval.
func (q *Quads) Upper(interval int) int { return interval + len(q.Kinks) }

// Quad is Σ g·s^j for j from 0 to 3, where s is the place in the interval less ½.
type Quad [4]float32

// Moments adds the elements' moments to sums, twice as many as there are Kinks. It names
// the elements that are left to the caller: those of the intervals which are, and
// those outside as OddBelow and OddAbove say.
func (q *Quads) Moments(sums []Quad, x, g []float32, odd *Odd) (any bool) {
	sums, g, *odd = sums[:2*len(q.Kinks)], g[:len(x)], Odd{}
	p := inUse()
	n := p.whole(len(x))
	if n > 0 {
		any = p.quads(&sums[0][0], &x[0], &g[0], n, &q.Scale, &q.Kinks[0], len(q.Kinks), odd.start()) != 0
	}
	return q.momentsGeneric(sums, x, g, odd, n) || any
}

// momentsGeneric is Moments' specification, from an element on.
func (q *Quads) momentsGeneric(sums []Quad, x, g []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		interval, place := q.place(x[i])
		kink := q.Kinks[interval]
		if kink != kink || interval == 0 && (x[i] < q.OddBelow || !(x[i] < q.OddAbove)) {
			odd.set(i)
			any = true
		}
		entry := int(interval)
		if x[i] >= kink {
			entry = q.Upper(entry)
		}
		m, p, s := &sums[entry], g[i], place-0.5
		m[0] += p
		p = float32(p * s)
		m[1] += p
		p = float32(p * s)
		m[2] += p
		p = float32(p * s)
		m[3] += p
	}
	return any
}

// Sum is what Quads are added up to.
type Sum [4]float64

// Pour adds from to sums and makes it 0.
func Pour(sums []Sum, from []Quad) {
	sums = sums[:len(from)]
	if p := inUse(); p.lanes > 0 && len(from) > 0 {
		p.pour(&sums[0][0], &from[0][0], len(from))
	} else {
		pourGeneric(sums, from)
	}
}

// pourGeneric is Pour's specification.
func pourGeneric(sums []Sum, from []Quad) {
	for k := range from {
		sum, v := &sums[k], &from[k]
		sum[0] += float64(v[0])
		sum[1] += float64(v[1])
		sum[2] += float64(v[2])
		sum[3] += float64(v[3])
		*v = Quad{}
	}
}
