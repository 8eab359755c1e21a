package curve

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/kernel"
)

// quadGrid are the cells of the moments: the sums Σ g·s^j, j = 0 … 3, where s is the
// place in the cell less ½: cells are so narrow that higher ones count for nothing. A
// cell with a kink has sums for either side of it.
type quadGrid struct {
	kernel.Quads
	kinked []int   // the cells with a kink
	places []place // of the sums, from left to right
}

// place says what a sum is of.
type place struct {
	piece int32 // the widest of those that the elements lie in
	cell  int32
	sum   int32 // its number: the cells', and behind them those right of kinks
}

// quadBlock is momentBlock for the more and so smaller sums of a quadGrid.
const quadBlock = 2 * momentBlock

const (
	maxQuads = 1 << 12

	// quadShare is the part of safety, and so of the tolerance, that the terms left out
	// may use: s⁴ in wide pieces and s³ in narrow ones.
	quadShare = 0.25

	// narrow is the width in cells from which a piece turns its moments into node
	// values by Hermite's interpolation; one that is narrower takes each entry's as a
	// Taylor series about the center.
	narrow = 4
)

// quadsFor returns the cells if they pay for n elements, else nil.
func (t *Table) quadsFor(n int) *quadGrid {
	q := t.fine.quads.of(t, n, elementsPerQuad, t.quadWidth, t.makeQuads)
	if q == nil || n < elementsPerQuad*len(q.Kinks) {
		return nil
	}
	return q
}

// makeQuads makes the cells, narrower ones if it takes that to leave few to the pieces.
func (t *Table) makeQuads(q *quadGrid, width float64, count int) bool {
	for ; count <= maxQuads; count *= 2 {
		if t.makeQuadsOf(q, width, count) {
			return true
		}
		width /= 2
	}
	return false
}

// quadWidth returns the width of cells in which s⁴ is negligible.
func (t *Table) quadWidth() float64 {
	width := t.widest()
	for k := range t.pieces {
		if p := &t.pieces[k]; !p.wild {
			rate, second := t.rates(p)
			width = math.Min(width, 2*math.Sqrt(math.Sqrt(24*quadShare*t.safety()*t.tol/(rate*rate*second))))
		}
	}
	return width
}

// rates estimates the derivatives of ∂y/∂V on a piece, at the worse of its ends; see
// cpab.Segment.Rates. The gate adds its own, 1.
func (t *Table) rates(p *piece) (rate, second float64) {
	s := &t.smooths[p.part]
	if s.seg == nil {
		return 0, 0
	}
	rate, second = s.seg.Rates(p.from)
	rate1, second1 := s.seg.Rates(p.to)
	rate, second = math.Max(rate, rate1), math.Max(second, second1)
	if s.gated {
		root := math.Sqrt(second) + 1
		return rate + 1, root * root
	}
	return rate, second
}

// narrowDoes reports whether s³ is negligible in a narrow piece.
func (t *Table) narrowDoes(p *piece, width float64) bool {
	rate, second := t.rates(p)
	far := math.Min(width/2, p.to-p.from)
	return far*far*far/6*rate*second <= quadShare*t.safety()*t.tol
}

// makeQuadsOf makes cells of a width. It reports false if too many are left to the pieces.
func (t *Table) makeQuadsOf(q *quadGrid, width float64, count int) bool {
	n := kernel.FirstInterval + count
	q.Tab = t.fineTab(width)
	q.Kinks = slices.Grow(q.Kinks[:0], n)[:n]
	q.kinked, q.places = q.kinked[:0], slices.Grow(q.places[:0], n)
	for k := range q.Kinks {
		q.Kinks[k] = float32(math.Inf(1))
	}
	odd := 0
	t.walk(count, width, func(cell int, _ float64, first, last int) {
		if !t.addCell(q, cell, first, last) {
			q.Kinks[cell] = float32(math.NaN())
			odd++
		}
	})
	return float64(odd) <= maxOdd*float64(count)
}

// addCell adds a cell, given its pieces. It reports false if the cell has two kinks, is
// wild, or has a narrow piece in which s³ counts.
func (t *Table) addCell(q *quadGrid, cell, first, last int) bool {
	sides, kink := [2]int{first}, 0
	for k := first + 1; k <= last; k++ {
		p, widest := &t.pieces[k], &t.pieces[sides[kink]]
		switch {
		case p.part == t.pieces[k-1].part:
			if p.to-p.from > widest.to-widest.from {
				sides[kink] = k
			}
		case kink == 1:
			return false
		default:
			kink, sides[1] = 1, k
			q.Kinks[cell] = p.first
		}
	}
	for _, k := range sides[:kink+1] {
		p, width := &t.pieces[k], 1/float64(q.Scale)
		if p.wild || p.to-p.from < narrow*width && !t.narrowDoes(p, width) {
			return false
		}
	}
	q.places = append(q.places, place{int32(sides[0]), int32(cell), int32(cell)})
	if kink == 1 {
		q.places = append(q.places, place{int32(sides[1]), int32(cell), int32(q.sums())})
		q.kinked = append(q.kinked, cell)
	}
	return true
}

// sums returns the number of sums.
func (q *quadGrid) sums() int { return len(q.Kinks) + len(q.kinked) }

// pour adds a block's sums to those of a slice.
func (q *quadGrid) pour(sums []kernel.Sum, block []kernel.Quad) {
	n := len(q.Kinks)
	kernel.Pour(sums[:n], block[:n])
	for k, cell := range q.kinked {
		at := q.Upper(cell)
		kernel.Pour(sums[n+k:n+k+1], block[at:at+1])
	}
}

// addQuads is addSlice with cells.
func (t *Table) addQuads(w *scratch, x, g []float32, q *quadGrid) {
	r := newRest(func(r *rest) { t.addSlice(w, r.x[:r.n], r.g[:r.n]) })
	for from := 0; from < len(x); from += quadBlock {
		to := min(from+quadBlock, len(x))
		for at := from; at < to; at += blockLen {
			end := min(at+blockLen, to)
			if q.Moments(w.quadBlock, x[at:end], g[at:end], &r.odd) {
				r.add(at, x[at:end], g[at:end])
			}
		}
		q.pour(w.quads, w.quadBlock)
	}
	r.done()
}

// quadMoments returns the moments in σ of a place's piece.
func (t *Table) quadMoments(q *quadGrid, at *place, sum *kernel.Sum) moments {
	p := &t.pieces[at.piece]
	m := moments{sum[0], sum[1], sum[2], sum[3]}
	return m.moved((q.center(at.cell)-p.from)*p.inv, p.inv/float64(q.Scale))
}

// center returns the center of a cell.
func (q *quadGrid) center(cell int32) float64 {
	return (float64(q.First+cell) + 0.5) / float64(q.Scale)
}

// quadWeights returns the center of a place's cell, moved into its piece, and the weights
// of a function's value and derivatives there that are its sum over the elements.
func (t *Table) quadWeights(q *quadGrid, at *place, sum *kernel.Sum) (x float64, o cpab.Weights) {
	p := &t.pieces[at.piece]
	center := q.center(at.cell)
	x = math.Min(math.Max(center, p.from), p.to)
	shift, width := center-x, 1/float64(q.Scale)
	m1, m2 := width*sum[1], width*width*sum[2]
	return x, cpab.Weights{sum[0], m1 + shift*sum[0], (m2 + 2*shift*m1 + shift*shift*sum[0]) / 2}
}

// closeQuads adds Σ g·∂y/∂V of the elements in the cells to dv.
func (t *Table) closeQuads(q *quadGrid, w *scratch) {
	c := closing{table: t, dv: w.dv, part: -1}
	var m moments // of the piece
	now := int32(-1)
	end := func() {
		if now >= 0 && m != (moments{}) {
			c.piece(&t.pieces[now], &m)
		}
		m = moments{}
	}
	for e := range q.places {
		at := &q.places[e]
		sum, k := &w.quads[at.sum], at.piece
		p := &t.pieces[k]
		if k != now {
			end()
			now = k
		}
		if *sum == (kernel.Sum{}) || t.smooths[p.part].seg == nil {
			continue
		}
		if (p.to-p.from)*float64(q.Scale) < narrow {
			x, o := t.quadWeights(q, at, sum)
			c.enter(p.part)
			c.node(x, o)
			continue
		}
		add := t.quadMoments(q, at, sum)
		for j := range m {
			m[j] += add[j]
		}
	}
	end()
	c.flush()
}
