package table

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/shape"
)

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
	if t.loExact || t.hiExact || len(t.list) == 0 {
		return Layout{}, false
	}
	l = Layout{
		Starts: make([]float32, len(t.list)),
		Pieces: make([]float32, 0, 8*len(t.list)),
		Lo:     t.tab.Lo, Hi: t.tab.Hi, LoSlope: t.tab.LoSlope, LoMin: t.tab.LoMin,
		HiSlope: t.tab.HiSlope, HiOffset: t.tab.HiOffset,
		HiMoves: t.last().Seg != nil,
	}
	for k := range t.list {
		p := &t.list[k]
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
// make dtheta NaN (see [Evaluator]), and so do sums that have overflowed. It reports
// slices of the wrong length.
func (t *Table) Gradient(dtheta []float64, sums []float64, above [2]float64) error {
	if err := checkSums(t.Dim(), dtheta, 6*len(t.list), sums); err != nil {
		return err
	}
	w := t.scratch(nil)
	defer scratches.Put(w)
	for k := range t.list {
		copy(w.sums[k+1][:], sums[6*k:])
	}
	w.tail = above
	t.close(w, nil)
	if !w.finite() {
		shape.Fill(dtheta, math.NaN())
		return nil
	}
	return t.of.Curve.PullBack(dtheta, w.dv)
}

// checkSums reports a gradient that does not have dim numbers, and sums that are not n.
func checkSums(dim int, dtheta []float64, n int, sums []float64) error {
	if len(dtheta) != dim {
		return fmt.Errorf("len(dtheta) = %d, want %d", len(dtheta), dim)
	}
	if len(sums) != n {
		return fmt.Errorf("len(sums) = %d, want %d", len(sums), n)
	}
	return nil
}
