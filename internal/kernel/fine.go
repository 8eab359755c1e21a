package kernel

import (
	"math"
	"math/bits"
	"unsafe"
)

// A fine grid gives a curve by cells of equal width, of which an element finds its own
// without a search. Lines give y or y′, Quads the moments. Of the Tab in each, the range,
// the tails, Scale and First are used; First is the number of the first cell less
// FirstCell, because entry 0 of the cells stands for elements outside. Grids are made to
// be small: the kernels are as fast as a first-level cache if that holds the grid.

// FirstCell is the entry of the first cell. Entry 0 has both ends for itself.
const FirstCell = 2

// place returns the entry of x's cell, and the place in it from 0 to 1; both 0 outside.
func (t *Tab) place(x float32) (cell int32, place float32) {
	if !t.inside(x) {
		return 0, 0
	}
	u := x * t.Scale
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

// Lines are straight lines. Nodes[k] is the function's value at the start of cell k and
// the end of the one before; a NaN leaves both to the caller. Nodes[0] and Nodes[1] are 0.
type Lines struct {
	Tab
	Nodes []float32
}

// at returns the function's value at a place in a cell.
func (l *Lines) at(cell int32, place float32) float32 {
	start, end := l.Nodes[cell], l.Nodes[cell+1]
	return start + float32((end-start)*place)
}

// Forward is Tab.Forward where the lines are y; dst must not be x. It names the NaNs.
func (l *Lines) Forward(dst, x []float32, odd *Odd) (any bool) {
	dst, *odd = dst[:len(x)], Odd{}
	n, any := l.forwardVectors(dst, x, odd)
	return l.forwardGeneric(dst, x, odd, n) || any
}

// forwardGeneric is Forward's specification, from an element on.
func (l *Lines) forwardGeneric(dst, x []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		cell, place := l.place(x[i])
		y := l.at(cell, place)
		if cell == 0 {
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
	n, any := l.backwardXVectors(dst, x, g, odd)
	return l.backwardXGeneric(dst, x, g, odd, n) || any
}

// backwardXGeneric is BackwardX's specification, from an element on.
func (l *Lines) backwardXGeneric(dst, x, g []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		cell, place := l.place(x[i])
		dy := l.at(cell, place)
		if cell == 0 {
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

// Quads are cells for moments, with the place of a kink in each: elements at or right of
// it have sums of their own, Upper(cell). A cell without a kink has +Inf, one that is left
// to the caller NaN. Cell 0 gets the elements outside and means nothing; its kink is +Inf.
type Quads struct {
	Tab
	Kinks []float32
}

// Upper returns the entry of the sums of what is right of the kink in a cell.
func (q *Quads) Upper(cell int) int { return cell + len(q.Kinks) }

// Quad is Σ g·s^j for j from 0 to 3, where s is the place in the cell less ½.
type Quad [4]float32

// Moments adds the elements' moments to sums, twice as many as there are Kinks. It names
// the elements that are left to the caller: those of the cells which are, and those
// outside as OddBelow and OddAbove say.
func (q *Quads) Moments(sums []Quad, x, g []float32, odd *Odd) (any bool) {
	sums, g, *odd = sums[:2*len(q.Kinks)], g[:len(x)], Odd{}
	n, any := q.momentsVectors(sums, x, g, odd)
	return q.momentsGeneric(sums, x, g, odd, n) || any
}

// momentsGeneric is Moments' specification, from an element on.
func (q *Quads) momentsGeneric(sums []Quad, x, g []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		cell, place := q.place(x[i])
		kink := q.Kinks[cell]
		if kink != kink || cell == 0 && (x[i] < q.OddBelow || !(x[i] < q.OddAbove)) {
			odd.set(i)
			any = true
		}
		entry := int(cell)
		if x[i] >= kink {
			entry = q.Upper(entry)
		}
		m, p, s := &sums[entry], g[i], place-0.5
		m[0] += p
		p *= s
		m[1] += p
		p *= s
		m[2] += p
		p *= s
		m[3] += p
	}
	return any
}

// Sum is what Quads are added up to.
type Sum [4]float64

// Pour adds from to sums and makes it 0.
func Pour(sums []Sum, from []Quad) {
	sums = sums[:len(from)]
	n := pourVectors(sums, from)
	pourGeneric(sums[n:], from[n:])
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
