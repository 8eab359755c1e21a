package table

import (
	"slices"
	"sync"

	"github.com/ditac-go/ditac/internal/kernel"
)

// scratch holds the sums over a slice of the elements.
type scratch struct {
	sums  []moments
	block []kernel.Sums // moments of a block of elements
	dv    []float64     // gradient to the vertex velocities, and to a learned amplification
	tail  [2]float64    // see tailMoments

	quads     []kernel.Sum // those of a quadGrid, none if it is not in use
	quadBlock []kernel.Quad
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// resize makes all sums 0.
func (w *scratch) resize(pieces, gradient int) {
	w.sums = slices.Grow(w.sums[:0], pieces)[:pieces]
	w.block = slices.Grow(w.block[:0], pieces)[:pieces]
	w.dv = slices.Grow(w.dv[:0], gradient)[:gradient]
	clear(w.sums)
	clear(w.dv)
	w.tail = [2]float64{}
	w.quads = w.quads[:0]
}

// scratch returns one for the sums of a slice, by the intervals of q if that is not nil.
func (l *lookup) scratch(q *quadGrid) *scratch {
	w := scratches.Get().(*scratch)
	w.resize(len(l.tab.Pieces), l.of.Curve.GradSize())
	if q != nil {
		w.resizeQuads(q)
	}
	return w
}

// resizeQuads makes room for the sums of a quadGrid, 0.
func (w *scratch) resizeQuads(q *quadGrid) {
	w.quads = slices.Grow(w.quads, q.sums())[:q.sums()]
	w.quadBlock = slices.Grow(w.quadBlock[:0], 2*len(q.Kinks))[:2*len(q.Kinks)]
	clear(w.quads)
	clear(w.quadBlock[:len(q.Kinks)])
	for _, k := range q.kinked {
		w.quadBlock[q.Upper(k)] = kernel.Quad{}
	}
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
