package curve

import "math"

// Layout is a table as a device takes it, which evaluates its pieces by itself: an
// element finds its piece by a binary search over Starts.
type Layout struct {
	// Starts holds the least float32 of each piece, in order; the first is Lo.
	Starts []float32
	// Pieces holds eight numbers per piece: c_0 … c_5, center and perUnit. With τ =
	// (x − center)·perUnit and t = τ², in float32 without fused multiply-adds,
	//
	//	y = (c_0 + c_1·τ) + ((c_2 + c_3·τ) + (c_4 + c_5·τ)·t)·t
	//	y′ = ((c_1 + (2·c_2)·τ) + ((3·c_3 + (4·c_4)·τ) + (5·c_5)·t)·t)·perUnit
	Pieces []float32
	// Lo and Hi bound the table: pieces are for Lo ≤ x < Hi. Below, y = LoSlope·max(x,
	// LoMin) and y′ = LoSlope; above, y = HiSlope·x + HiOffset and y′ = HiSlope.
	Lo, Hi, LoSlope, LoMin, HiSlope, HiOffset float32
	// HiMoves says that θ has a say above the table: see Gradient.
	HiMoves bool
}

// Layout returns the table's layout, which shares its memory. It reports false if
// parts of the curve are left to the exact evaluation, so that a device cannot do
// without.
func (t *Table) Layout() (l Layout, ok bool) {
	if t.loExact || t.hiExact || len(t.pieces) == 0 {
		return Layout{}, false
	}
	l = Layout{
		Starts: make([]float32, len(t.pieces)),
		Pieces: make([]float32, 0, 8*len(t.pieces)),
		Lo:     t.tab.Lo, Hi: t.tab.Hi, LoSlope: t.tab.LoSlope, LoMin: t.tab.LoMin,
		HiSlope: t.tab.HiSlope, HiOffset: t.tab.HiOffset,
		HiMoves: t.smooths[len(t.smooths)-1].seg != nil,
	}
	for k := range t.pieces {
		p := &t.pieces[k]
		if p.wild {
			return Layout{}, false
		}
		l.Starts[k] = p.first
		l.Pieces = append(l.Pieces, t.tab.Pieces[k+1][:]...)
	}
	l.Starts[0] = l.Lo
	return l, true
}

// Gradient adds Σ g·∂y/∂θ to dtheta, given the moments Σ g·τ^j, j = 0 … 5, of the
// elements of each piece, six numbers a piece. above are Σ g and Σ g·(x − Hi) of the
// elements x ≥ Hi if HiMoves says so, and of all that are lost, wherever they lie: these
// make dtheta NaN (see [Evaluator]), and so do sums that have overflowed.
func (t *Table) Gradient(dtheta []float64, sums []float64, above [2]float64) {
	w := scratches.Get().(*scratch)
	defer scratches.Put(w)
	w.resize(len(t.tab.Pieces), t.exact.curve.space.Cells()+1)
	for k := range t.pieces {
		copy(w.sums[k+1][:], sums[6*k:])
	}
	t.closeMoments(w.dv, w.sums)
	w.tail = above
	t.closeTail(w.dv, above)
	if !w.finite() {
		fill(dtheta, math.NaN())
		return
	}
	pullBack(t.exact.curve.space, dtheta, w.dv)
}
