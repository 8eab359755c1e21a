package kernel

import "math"

// A fine grid gives a curve by cells of equal width, of which an element finds its own
// without a search. Lines give y, Bends y′, Quads the moments. Of the Tab in each, the
// range, the tails, Scale and First are used; First is the number of the first cell
// less one, because entry 0 of the cells stands for elements outside.

// place returns the entry of x's cell, and the place in it from 0 to 1; both 0 outside.
func (t *Tab) place(x float32) (cell int32, place float32) {
	if !t.inside(x) {
		return 0, 0
	}
	u := x * t.Scale
	floor := math.Floor(float64(u))
	return int32(floor) - t.First, u - float32(floor)
}

// Lines are y by straight lines.
type Lines struct {
	Tab
	Cells []Line
}

// Line is y at the start of a cell and how much it grows to its end; NaN if it is left
// to the caller.
type Line [2]float32

// Forward is Tab.Forward, but dst must not be x.
func (l *Lines) Forward(dst, x []float32) (odd bool) {
	dst = dst[:len(x)]
	n := len(x) &^ (lanes - 1)
	if !useAVX2 || n == 0 {
		return l.forwardGeneric(dst, x)
	}
	odd = linesAVX2(&dst[0], &x[0], n, &l.Scale, &l.Cells[0][0]) != 0
	return l.forwardGeneric(dst[n:], x[n:]) || odd
}

// forwardGeneric is Forward's specification.
func (l *Lines) forwardGeneric(dst, x []float32) (odd bool) {
	for i, v := range x {
		cell, place := l.place(v)
		p := &l.Cells[cell]
		y := p[0] + float32(p[1]*place)
		if cell == 0 {
			y = l.tail(v)
		}
		odd = odd || y != y
		dst[i] = y
	}
	return odd
}

// Bends are y′ by lines that may have a bend in each cell.
type Bends struct {
	Tab
	Cells []Bend
}

// Bend is y′ at the start of a cell, how much it grows to its end but for the bend, the
// place of the bend, and how much more y′ grows per cell behind it. A NaN as the first
// leaves the cell to the caller.
type Bend [4]float32

// BackwardX is Tab.BackwardX, but dst must be neither x nor g.
func (b *Bends) BackwardX(dst, x, g []float32) (odd bool) {
	dst, g = dst[:len(x)], g[:len(x)]
	n := len(x) &^ (lanes - 1)
	if !useAVX2 || n == 0 {
		return b.backwardXGeneric(dst, x, g)
	}
	odd = bendsAVX2(&dst[0], &x[0], &g[0], n, &b.Scale, &b.Cells[0][0]) != 0
	return b.backwardXGeneric(dst[n:], x[n:], g[n:]) || odd
}

// backwardXGeneric is BackwardX's specification.
func (b *Bends) backwardXGeneric(dst, x, g []float32) (odd bool) {
	for i, v := range x {
		cell, place := b.place(v)
		p := &b.Cells[cell]
		dy := (p[0] + float32(p[1]*place)) + float32(p[3]*max(place-p[2], 0))
		if cell == 0 {
			dy = b.Tab.Slope(v)
		}
		odd = odd || dy != dy
		dst[i] = g[i] * dy
	}
	return odd
}

// Quads are cells for moments: the Bins, which hold the places of up to three kinks,
// and as Piece the entry of their first part among the sums. Entry 0 gets the elements
// outside and means nothing.
type Quads struct {
	Tab
	Entries int // the number of sums
}

// FirstEntry is the first entry of the sums that a cell may have.
const FirstEntry = 1

// NoCell is the Bin of elements outside: no number is at or right of a NaN.
var NoCell = Bin{Kink: [MaxKinks]float32{nan, nan, nan}}

// Quad is Σ g·s^j for j from 0 to 3, where s is the place in the cell less ½.
type Quad [4]float32

// Moments adds the elements' moments to sums. It reports whether there are elements
// outside that OddBelow and OddAbove leave to the caller.
func (q *Quads) Moments(sums []Quad, x, g []float32) (odd bool) {
	sums, g = sums[:q.Entries], g[:len(x)]
	n := len(x) &^ (lanes - 1)
	if !useAVX2 || n == 0 {
		return q.momentsGeneric(sums, x, g)
	}
	odd = quadsAVX2(&sums[0][0], &x[0], &g[0], n, &q.Scale) != 0
	return q.momentsGeneric(sums, x[n:], g[n:]) || odd
}

// momentsGeneric is Moments' specification.
func (q *Quads) momentsGeneric(sums []Quad, x, g []float32) (odd bool) {
	for i, v := range x {
		cell, place := q.place(v)
		entry := q.Bins[cell].piece(v)
		odd = odd || cell == 0 && (v < q.OddBelow || !(v < q.OddAbove))
		m, p, s := &sums[entry], g[i], place-0.5
		m[0] += p
		p *= s
		m[1] += p
		p *= s
		m[2] += p
		p *= s
		m[3] += p
	}
	return odd
}
