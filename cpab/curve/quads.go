package curve

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve/internal/kernel"
)

// quadGrid are the cells of the moments. Each smooth part of a cell has an entry among
// the sums, with the moments Σ g·s^j, j = 0 … 3, where s is the place in the cell less
// ½: cells are so narrow that higher ones count for nothing.
type quadGrid struct {
	kernel.Quads
	places []place // of the entries
}

// place says what an entry's moments are of.
type place struct {
	piece int32 // the widest of those that the entry's elements lie in
	cell  int32
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
	if q == nil || n < elementsPerQuad*len(q.Bins) {
		return nil
	}
	return q
}

// makeQuads makes the cells, narrower ones if it takes that to leave none to the caller:
// looking for the elements of one costs more than quads save.
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

// makeQuadsOf makes cells of a width. It reports false if one of them is wild, has more
// kinks than a Bin holds, or a narrow piece in which s³ counts.
func (t *Table) makeQuadsOf(q *quadGrid, width float64, count int) bool {
	bins := q.Bins[:0]
	q.Tab = t.fineTab(width)
	q.Bins = append(slices.Grow(bins, 1+count), kernel.NoCell)
	q.places = append(q.places[:0], make([]place, kernel.FirstEntry)...)
	ok := true
	t.walk(count, width, func(k int, _ float64, first, last int) {
		ok = ok && t.addCell(q, place{int32(first), int32(k)}, last)
	})
	q.Entries = len(q.places)
	return ok
}

// addCell adds a cell, given its first entry and its last piece.
func (t *Table) addCell(q *quadGrid, entry place, last int) bool {
	bin, kinks := kernel.NoCell, 0
	bin.Piece = uint32(len(q.places))
	for k := int(entry.piece) + 1; k <= last; k++ {
		p, before := &t.pieces[k], &t.pieces[entry.piece]
		switch {
		case p.part == t.pieces[k-1].part:
			if p.to-p.from > before.to-before.from {
				entry.piece = int32(k)
			}
		case kinks == kernel.MaxKinks:
			return false
		default:
			bin.Kink[kinks] = p.first
			kinks++
			q.places = append(q.places, entry)
			entry.piece = int32(k)
		}
	}
	q.places = append(q.places, entry)
	for _, at := range q.places[bin.Piece:] {
		p, width := &t.pieces[at.piece], 1/float64(q.Scale)
		if p.wild || p.to-p.from < narrow*width && !t.narrowDoes(p, width) {
			return false
		}
	}
	q.Bins = append(q.Bins, bin)
	return true
}

// addQuads adds the moments of a slice of the elements.
func (t *Table) addQuads(q *quadGrid, w *scratch, x, g []float32) {
	for from := 0; from < len(x); from += quadBlock {
		to := min(from+quadBlock, len(x))
		clear(w.quadBlock)
		for at := from; at < to; at += blockLen {
			end := min(at+blockLen, to)
			if q.Moments(w.quadBlock, x[at:end], g[at:end]) {
				t.addOutside(w, x[at:end], g[at:end])
			}
		}
		for k := range w.quads[:q.Entries] {
			sum, v := &w.quads[k], &w.quadBlock[k]
			sum[0] += float64(v[0])
			sum[1] += float64(v[1])
			sum[2] += float64(v[2])
			sum[3] += float64(v[3])
		}
	}
}

// addOutside adds the elements outside.
func (t *Table) addOutside(w *scratch, x, g []float32) {
	for i, v := range x {
		if !(v >= t.tab.Lo && v < t.tab.Hi) {
			t.tailMoments(w, v, g[i])
		}
	}
}

// quadMoments returns the moments in σ of an entry's piece.
func (t *Table) quadMoments(q *quadGrid, e int, sum *[4]float64) moments {
	at := q.places[e]
	p := &t.pieces[at.piece]
	m := moments{sum[0], sum[1], sum[2], sum[3]}
	return m.moved((q.center(at.cell)-p.from)*p.inv, p.inv/float64(q.Scale))
}

// center returns the center of a cell.
func (q *quadGrid) center(cell int32) float64 {
	return (float64(q.First+cell) + 0.5) / float64(q.Scale)
}

// weights returns the center of an entry's cell, moved into its piece, and the weights
// of a function's value and derivatives there that are its sum over the elements.
func (t *Table) quadWeights(q *quadGrid, e int, sum *[4]float64) (x float64, o cpab.Weights) {
	at := q.places[e]
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
	for e := kernel.FirstEntry; e < q.Entries; e++ {
		sum := &w.quads[e]
		k := q.places[e].piece
		p := &t.pieces[k]
		if k != now {
			end()
			now = k
		}
		if *sum == ([4]float64{}) || t.smooths[p.part].seg == nil {
			continue
		}
		if (p.to-p.from)*float64(q.Scale) < narrow {
			x, o := t.quadWeights(q, e, sum)
			c.enter(p.part)
			c.node(x, o)
			continue
		}
		add := t.quadMoments(q, e, sum)
		for j := range m {
			m[j] += add[j]
		}
	}
	end()
	c.flush()
}
