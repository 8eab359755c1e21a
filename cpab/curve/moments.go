package curve

import (
	"math"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/kernel"
)

// momentBlock is the number of elements whose moments are summed in float32
// before they join the float64 sums: short enough for the rounding to stay near
// that of one element.
const momentBlock = 1 << 14

// moments are Σ g·τ^j, j = 0 … 5.
type moments [6]float64

// BackwardTheta32 implements Evaluator.
func (t *Table) BackwardTheta32(dtheta []float64, x, g []float32) {
	t.backwardTheta(dtheta, x, g, t.quadsFor(len(x)))
}

func (t *Table) backwardTheta(dtheta []float64, x, g []float32, q *quadGrid) {
	s := newSlicing(len(x), tableSlice)
	var few [1]*scratch
	works := few[:]
	if s.count() > 1 {
		works = make([]*scratch, s.count())
	}
	for k := range works {
		works[k] = scratches.Get().(*scratch)
		works[k].resize(len(t.tab.Pieces), t.exact.curve.space.Cells()+1)
		if q != nil {
			works[k].resizeQuads(q)
		}
	}
	s.each(func(slice, from, to int) {
		if q != nil {
			t.addQuads(works[slice], x[from:to], g[from:to], q)
		} else {
			t.addSlice(works[slice], x[from:to], g[from:to])
		}
	})
	w := works[0]
	for _, v := range works[1:] {
		w.add(v)
		scratches.Put(v)
	}
	t.closeMoments(w.dv, w.sums)
	if q != nil {
		t.closeQuads(q, w)
	}
	t.closeTail(w.dv, w.tail)
	switch {
	case w.finite():
		pullBack(t.exact.curve.space, dtheta, w.dv)
	case anyLost(x, g):
		fill(dtheta, math.NaN())
	default: // sums are beyond float32
		t.exact.BackwardTheta32(dtheta, x, g)
	}
	scratches.Put(w)
}

// finite reports whether no element was lost and no sum has overflowed. Elements that
// have no piece have sums, too, which mean nothing else. (The higher moments of the
// others are seen in dv.)
func (w *scratch) finite() bool {
	sum := 0.0 // NaN if one of those that it is made of is not finite
	for k := range w.sums {
		sum += 0 * w.sums[k][0]
	}
	for k := range w.quads {
		sum += 0 * w.quads[k][0]
	}
	for _, d := range w.dv {
		sum += 0 * d
	}
	return sum+0*w.tail[0]+0*w.tail[1] == 0
}

// anyLost reports whether an element is lost.
func anyLost(x, g []float32) bool {
	for i := range x {
		if isLost(x[i], g[i]) {
			return true
		}
	}
	return false
}

// addSlice adds the moments of a slice of the elements.
func (t *Table) addSlice(w *scratch, x, g []float32) {
	for from := 0; from < len(x); from += momentBlock {
		to := min(from+momentBlock, len(x))
		clear(w.block)
		for at := from; at < to; at += blockLen {
			end := min(at+blockLen, to)
			if t.tab.Moments(w.block, x[at:end], g[at:end]) {
				t.addOdd(w, x[at:end], g[at:end])
			}
		}
		for k := range w.block {
			for j := range w.sums[k] {
				w.sums[k][j] += float64(w.block[k][0][j]) + float64(w.block[k][1][j])
			}
		}
	}
}

// add adds the sums of v.
func (w *scratch) add(v *scratch) {
	for k := range w.sums {
		for j := range w.sums[k] {
			w.sums[k][j] += v.sums[k][j]
		}
	}
	for k := range w.quads {
		a, b := &w.quads[k], &v.quads[k]
		a[0] += b[0]
		a[1] += b[1]
		a[2] += b[2]
		a[3] += b[3]
	}
	for k := range w.dv {
		w.dv[k] += v.dv[k]
	}
	w.tail[0] += v.tail[0]
	w.tail[1] += v.tail[1]
}

// scratch holds the sums over a slice of the elements.
type scratch struct {
	sums  []moments
	block []kernel.Sums // moments of a block of elements
	dv    []float64     // gradient to the vertex velocities
	tail  [2]float64    // see tailMoments

	quads     []kernel.Sum // those of a quadGrid, none if it is not in use
	quadBlock []kernel.Quad
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// resize makes all sums 0.
func (w *scratch) resize(pieces, vertices int) {
	w.sums = slices.Grow(w.sums[:0], pieces)[:pieces]
	w.block = slices.Grow(w.block[:0], pieces)[:pieces]
	w.dv = slices.Grow(w.dv[:0], vertices)[:vertices]
	clear(w.sums)
	clear(w.dv)
	w.tail = [2]float64{}
	w.quads = w.quads[:0]
}

// resizeQuads makes room for the sums of a quadGrid, 0.
func (w *scratch) resizeQuads(q *quadGrid) {
	w.quads = slices.Grow(w.quads, q.sums())[:q.sums()]
	w.quadBlock = slices.Grow(w.quadBlock[:0], 2*len(q.Kinks))[:2*len(q.Kinks)]
	clear(w.quads)
	clear(w.quadBlock[:len(q.Kinks)])
	for _, cell := range q.kinked {
		w.quadBlock[q.Upper(cell)] = kernel.Quad{}
	}
}

// addOdd adds the elements that the kernel has left out.
func (t *Table) addOdd(w *scratch, x, g []float32) {
	for i, v := range x {
		if !(v >= t.tab.Lo && v < t.tab.Hi) {
			t.tailMoments(w, v, g[i])
			continue
		}
		if p := &t.tab.Pieces[t.tab.Locate(v)]; p[0] != p[0] {
			t.addFound(w, v, g[i])
		}
	}
}

// addFound adds an element in the table after a search for its piece.
func (t *Table) addFound(w *scratch, x, g float32) {
	if k := t.find(x); k < 0 || t.pieces[k].wild {
		t.exact.AddGradV(w.dv, float64(x), float64(g))
	} else {
		w.sums[k+1].addElement(float64(t.tab.Pieces[k+1].Tau(x)), float64(g))
	}
}

// addElement adds g·τ^j.
func (m *moments) addElement(tau, g float64) {
	for j := range m {
		m[j] += g
		g *= tau
	}
}

// tailMoments collects Σ g·(x−hi)^j, j = 0, 1, above the table, where φ may
// still depend on θ, and there it is affine in x. NaN elements go in, too, for finite.
// Below the table y is no function of θ, or the gate has made it one in name only.
func (t *Table) tailMoments(w *scratch, x, g float32) {
	switch {
	case x < t.tab.Lo && t.loExact, x >= t.tab.Hi && t.hiExact:
		t.exact.AddGradV(w.dv, float64(x), float64(g))
	case x < t.tab.Lo:
	case x != x, t.smooths[len(t.smooths)-1].seg != nil:
		w.tail[0] += float64(g)
		w.tail[1] += float64(g) * (float64(x) - float64(t.tab.Hi))
	}
}

// closeTail adds Σ g·∂y/∂V of the elements above the table to dv.
func (t *Table) closeTail(dv []float64, tail [2]float64) {
	if tail == [2]float64{} || tail[0]-tail[0] != 0 || tail[1]-tail[1] != 0 {
		return
	}
	last := &t.smooths[len(t.smooths)-1]
	if last.seg == nil {
		return
	}
	var sum cpab.GradSum
	hi := float64(t.tab.Hi)
	last.seg.AddGrad(&sum, hi, cpab.Weights{tail[0], tail[1]})
	last.seg.Flush(dv, &sum)
}

// closeMoments adds Σ g·∂y/∂V of the elements in the table to dv, given the
// moments of each piece k at k+1.
func (t *Table) closeMoments(dv []float64, sums []moments) {
	c := closing{table: t, dv: dv, part: -1}
	for k := range t.pieces {
		p, m := &t.pieces[k], &sums[k+1]
		if *m == (moments{}) || p.wild || t.smooths[p.part].seg == nil {
			continue
		}
		in := m.moved(p.sigma(p.tau()))
		c.piece(p, &in)
	}
	c.flush()
}

// moved returns the moments in σ = shift + width·τ: powers of a sum, round by round.
func (m *moments) moved(shift, width float64) moments {
	w2 := width * width
	w3 := w2 * width
	c0, c1, c2, c3, c4, c5 := m[0], m[1]*width, m[2]*w2, m[3]*w3, m[4]*w2*w2, m[5]*w3*w2
	c5 += shift * c4
	c4 += shift * c3
	c3 += shift * c2
	c2 += shift * c1
	c1 += shift * c0
	c5 += shift * c4
	c4 += shift * c3
	c3 += shift * c2
	c2 += shift * c1
	c5 += shift * c4
	c4 += shift * c3
	c3 += shift * c2
	c5 += shift * c4
	c4 += shift * c3
	c5 += shift * c4
	return moments{c0, c1, c2, c3, c4, c5}
}

// closing turns moments into gradients, piece by piece from left to right: the
// sum over the elements of g·∂y/∂V is a weighted sum of values and derivatives at
// the ends of the pieces. Neighbours share an end.
type closing struct {
	table *Table
	dv    []float64
	part  int32 // the smooth interval of sum; −1 before the first
	sum   cpab.GradSum

	x     float64 // the last node, which may get more weight
	omega cpab.Weights
}

// enter begins a smooth interval, unless the last node was in it.
func (c *closing) enter(part int32) {
	if part != c.part {
		c.flush()
		c.part = part
	}
}

// piece adds the gradient of a piece, given the moments in σ: the weights of whose nodes are the moments of
// the basis of Hermite's interpolation: the polynomials that have one of the six
// values at the ends of [0,1] and 0 for the others.
func (c *closing) piece(p *piece, m *moments) {
	c.enter(p.part)
	l := p.to - p.from
	rise := 10*m[3] - 15*m[4] + 6*m[5]
	c.node(p.from, cpab.Weights{m[0] - rise, l * (m[1] - 6*m[3] + 8*m[4] - 3*m[5]), l * l / 2 * (m[2] - 3*m[3] + 3*m[4] - m[5])})
	c.node(p.to, cpab.Weights{rise, l * (-4*m[3] + 7*m[4] - 3*m[5]), l * l / 2 * (m[3] - 2*m[4] + m[5])})
}

func (c *closing) node(x float64, omega cpab.Weights) {
	if x != c.x {
		c.evaluate()
		c.x = x
	}
	for k := range omega {
		c.omega[k] += omega[k]
	}
}

// evaluate adds the last node's gradient.
func (c *closing) evaluate() {
	if c.omega != (cpab.Weights{}) {
		s := &c.table.smooths[c.part]
		s.seg.AddGrad(&c.sum, c.x, s.weights(c.x, c.omega))
		c.omega = cpab.Weights{}
	}
}

// flush ends a smooth interval.
func (c *closing) flush() {
	c.evaluate()
	if c.part >= 0 {
		c.table.smooths[c.part].seg.Flush(c.dv, &c.sum)
	}
}
