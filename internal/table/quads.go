package table

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/kernel"
)

// quadGrid are the intervals of the moments: the sums Σ g·s^j, j = 0 … 3, where s is the
// place in the interval less ½: they are so narrow that higher ones count for nothing. An
// interval with a kink has sums for either side of it.
type quadGrid struct {
	kernel.Quads
	kinked []int   // the intervals with a kink
	places []place // of the sums, from left to right
}

// place says what a sum is of.
type place struct {
	piece    int32 // the widest of those that the elements lie in
	interval int32
	sum      int32 // its number: the intervals', and behind them those right of kinks
}

// quadBlock is momentBlock for the more and so smaller sums of a quadGrid.
const quadBlock = 2 * momentBlock

const (
	maxQuads = 1 << 12

	// quadShare is the part of safety, and so of the tolerance, that the terms left out
	// may use: s⁴ in wide pieces and s³ in narrow ones.
	quadShare = 0.25

	// narrow is the width in intervals from which a piece turns its moments into node
	// values by Hermite's interpolation; one that is narrower takes each entry's as a
	// Taylor series about the center.
	narrow = 4
)

// quadsFor returns the grid if they pay for n elements, else nil.
func (f *fine) quadsFor(n int) *quadGrid {
	q := f.quads.of(f.span(), n, elementsPerQuad, f.quadWidth, f.makeQuads)
	if q == nil || n < elementsPerQuad*len(q.Kinks) {
		return nil
	}
	return q
}

// makeQuads makes the intervals, narrower ones if it takes that to leave few to the pieces.
func (f *fine) makeQuads(q *quadGrid, width float64, count int) bool {
	for ; count <= maxQuads; count *= 2 {
		if f.makeQuadsOf(q, width, count) {
			return true
		}
		width /= 2
	}
	return false
}

// quadWidth returns the width of intervals in which s⁴ is negligible.
func (f *fine) quadWidth() float64 {
	width := f.widest()
	for k := range f.list {
		if p := &f.list[k]; !p.wild {
			rate, second := f.rates(p)
			width = math.Min(width, 2*math.Sqrt(math.Sqrt(24*quadShare*f.safety()*f.tol/(rate*rate*second))))
		}
	}
	return width
}

// narrowDoes reports whether s³ is negligible in a narrow piece.
func (f *fine) narrowDoes(p *piece, width float64) bool {
	rate, second := f.rates(p)
	far := math.Min(width/2, p.to-p.from)
	return far*far*far/6*rate*second <= quadShare*f.safety()*f.tol
}

// makeQuadsOf makes intervals of a width. It reports false if too many are left to the pieces.
func (f *fine) makeQuadsOf(q *quadGrid, width float64, count int) bool {
	n := kernel.FirstInterval + count
	q.Tab = f.fineTab(width)
	q.Kinks = slices.Grow(q.Kinks[:0], n)[:n]
	q.kinked, q.places = q.kinked[:0], slices.Grow(q.places[:0], n)
	for k := range q.Kinks {
		q.Kinks[k] = float32(math.Inf(1))
	}
	odd := 0
	f.walk(count, width, func(interval int, _ float64, first, last int) {
		if !f.addInterval(q, interval, first, last) {
			q.Kinks[interval] = float32(math.NaN())
			odd++
		}
	})
	return float64(odd) <= maxOdd*float64(count)
}

// addInterval adds an interval, given its pieces. It reports false if that has two kinks, is
// wild, or has a narrow piece in which s³ counts.
func (f *fine) addInterval(q *quadGrid, interval, first, last int) bool {
	sides, kink := [2]int{first}, 0
	for k := first + 1; k <= last; k++ {
		p, widest := &f.list[k], &f.list[sides[kink]]
		switch {
		case p.smooth == f.list[k-1].smooth:
			if p.to-p.from > widest.to-widest.from {
				sides[kink] = k
			}
		case kink == 1:
			return false
		default:
			kink, sides[1] = 1, k
			q.Kinks[interval] = p.first
		}
	}
	for _, k := range sides[:kink+1] {
		p, width := &f.list[k], 1/float64(q.Scale)
		if p.wild || p.to-p.from < narrow*width && !f.narrowDoes(p, width) {
			return false
		}
	}
	q.places = append(q.places, place{int32(sides[0]), int32(interval), int32(interval)})
	if kink == 1 {
		q.places = append(q.places, place{int32(sides[1]), int32(interval), int32(q.sums())})
		q.kinked = append(q.kinked, interval)
	}
	return true
}

// sums returns the number of sums.
func (q *quadGrid) sums() int { return len(q.Kinks) + len(q.kinked) }

// pour adds a block's sums to those of a slice.
func (q *quadGrid) pour(sums []kernel.Sum, block []kernel.Quad) {
	n := len(q.Kinks)
	kernel.Pour(sums[:n], block[:n])
	for k, interval := range q.kinked {
		at := q.Upper(interval)
		kernel.Pour(sums[n+k:n+k+1], block[at:at+1])
	}
}

// center returns the center of an interval.
func (q *quadGrid) center(interval int32) float64 {
	return (float64(q.First+interval) + 0.5) / float64(q.Scale)
}

// moments returns a sum as moments in σ of its piece.
func (q *quadGrid) moments(p *piece, at *place, sum *kernel.Sum) moments {
	m := moments{sum[0], sum[1], sum[2], sum[3]}
	return m.moved((q.center(at.interval)-p.from)*p.inv, p.inv/float64(q.Scale))
}

// weights returns the center of a place's interval, moved into its piece, and the weights
// of a function's value and derivatives there that are its sum over the elements.
func (q *quadGrid) weights(p *piece, at *place, sum *kernel.Sum) (x float64, o flow.Weights) {
	center := q.center(at.interval)
	x = math.Min(math.Max(center, p.from), p.to)
	shift, width := center-x, 1/float64(q.Scale)
	m1, m2 := width*sum[1], width*width*sum[2]
	return x, flow.Weights{sum[0], m1 + shift*sum[0], (m2 + 2*shift*m1 + shift*shift*sum[0]) / 2}
}

// addQuads is addSlice by the intervals of a grid.
func (l *lookup) addQuads(w *scratch, x, g []float32, q *quadGrid) {
	r := newRest(func(r *rest) { l.addSlice(w, r.x[:r.n], r.g[:r.n]) })
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
