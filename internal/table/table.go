package table

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/shape"
)

// Table is a curve at one θ, tabulated for float32 tensors; see the package. It does not
// change but by Reset.
type Table struct {
	lookup
	fine fine // for long slices
}

const (
	// DefaultTolerance is the largest error that a table's interpolation makes: of y as
	// a part of the domain's width, and of y′ the same number times max(1, |y′|). The
	// rounding of float32 comes on top.
	DefaultTolerance = 1e-6

	// tableSlice is the length of slices: long enough for what a slice costs to be small
	// beside the work on its elements, and a multiple of momentBlock.
	tableSlice = 1 << 16
)

// Of returns the table of a curve at theta. It reports what [NewExact] and [New] do.
func Of(c *curve.Curve, theta []float64, tolerance float64) (*Table, error) {
	e, err := NewExact(ShapeOf(c), theta)
	if err != nil {
		return nil, err
	}
	return New(e, tolerance)
}

// New returns the table of e with a tolerance such as [DefaultTolerance]. A curve whose
// domain is too wide, too narrow or too far from 0 for float32, or has more than 1,024
// cells, is evaluated exactly. It reports a tolerance that is not positive and finite.
func New(e *Exact, tolerance float64) (*Table, error) {
	if !(tolerance > 0) || math.IsInf(tolerance, 0) {
		return nil, fmt.Errorf("tolerance = %v, want a positive number", tolerance)
	}
	t := &Table{lookup: lookup{pieces: pieces{of: &e.Exact}, exact: e}}
	t.tol = tolerance * t.width()
	t.fine.lookup = &t.lookup
	if t.pays() {
		t.segments = make([]flow.Segment, 0, 2*e.Curve.Grid.Cells+3)
	}
	t.Reset()
	return t, nil
}

// Reset tabulates the curve anew after [Exact.Reset], in the memory that t has. No
// one else may use t meanwhile.
func (t *Table) Reset() {
	t.fine.reset()
	if !t.pays() {
		t.pieces.clear()
		t.tab.Pieces = append(t.tab.Pieces[:0], kernel.NaNPiece)
		t.tab.Bins = append(t.tab.Bins[:0], kernel.Bin{Kink: noKinks, Piece: hard}) // kernels look for elements outside, too
		t.leaveAll()
		return
	}
	t.findSmooths()
	lo, hi, widest := t.rangeOf()
	t.cutAll(lo, hi)
	t.chooseBins(lo, hi, widest)
	t.fill()
	if math.Max(math.Abs(lo), math.Abs(hi)) > farOff*(hi-lo) {
		t.leaveAll()
	}
}

// pays reports whether there is to be a table: the domain is so far from the limits of
// float32 that all that a table computes with is, too, and its cells are so few that
// pieces do not outnumber what a table may have: each cell, and what flows into it, has
// one at least. With more cells, trajectories rarely cross many of them.
func (t *Table) pays() bool {
	const most, least = 0x1p100, 0x1p-100
	g := t.of.Curve.Grid
	return g.Cells <= maxPieces/2 && g.B-g.A > least && math.Max(-g.A, g.B) < most && math.Min(-g.A, g.B) > -most
}

// Exact returns the curve that the table tabulates.
func (t *Table) Exact() *Exact { return t.exact }

// Pieces returns the number of polynomial pieces, a measure of the set-up cost.
func (t *Table) Pieces() int { return len(t.list) }

var _ Evaluator = (*Table)(nil)

// Dim implements Evaluator.
func (t *Table) Dim() int { return t.exact.Dim() }

// Forward32 implements Evaluator.
func (t *Table) Forward32(dst, x []float32) { t.forward(dst, x, t.fine.linesFor(len(x))) }

// forward evaluates by lines, or by pieces if they are nil.
func (t *Table) forward(dst, x []float32, lines *kernel.Lines) {
	parallel.SlicesOf(len(x), tableSlice).Each(func(_, from, to int) {
		if lines != nil {
			t.forwardLines(dst[from:to], x[from:to], lines)
		} else {
			t.forwardPieces(dst[from:to], x[from:to])
		}
	})
}

// BackwardX32 implements Evaluator.
func (t *Table) BackwardX32(dst, x, g []float32) {
	t.backwardX(dst, x, g, t.fine.slopesFor(len(x)))
}

// backwardX evaluates by lines of y′, or by pieces if they are nil.
func (t *Table) backwardX(dst, x, g []float32, slopes *kernel.Lines) {
	parallel.SlicesOf(len(x), tableSlice).Each(func(_, from, to int) {
		if slopes != nil {
			t.backwardXLines(dst[from:to], x[from:to], g[from:to], slopes)
		} else {
			t.backwardXPieces(dst[from:to], x[from:to], g[from:to])
		}
	})
}

// BackwardTheta32 implements Evaluator.
func (t *Table) BackwardTheta32(dtheta []float64, x, g []float32) {
	t.backwardTheta(dtheta, x, g, t.fine.quadsFor(len(x)))
}

// backwardTheta sums by the intervals of q, or by pieces if it is nil.
func (t *Table) backwardTheta(dtheta []float64, x, g []float32, q *quadGrid) {
	s := parallel.SlicesOf(len(x), tableSlice)
	var few [1]*scratch
	works := few[:]
	if s.Count() > 1 {
		works = make([]*scratch, s.Count())
	}
	for k := range works {
		works[k] = t.scratch(q)
	}
	s.Each(func(slice, from, to int) {
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
	t.close(w, q)
	switch {
	case w.finite():
		pullBack(t.exact.Curve, dtheta, w.dv)
	case anyLost(x, g):
		shape.Fill(dtheta, math.NaN())
	default: // sums are beyond float32
		t.exact.BackwardTheta32(dtheta, x, g)
	}
	scratches.Put(w)
}

// anyLost reports whether an element is lost.
func anyLost[T float](x, g []T) bool {
	for i := range x {
		if shape.IsLost(x[i], g[i]) {
			return true
		}
	}
	return false
}

// Forward64 implements Evaluator: float64 tensors are evaluated exactly.
func (t *Table) Forward64(dst, x []float64) { t.exact.Forward64(dst, x) }

// BackwardX64 implements Evaluator: float64 tensors are evaluated exactly.
func (t *Table) BackwardX64(dst, x, g []float64) { t.exact.BackwardX64(dst, x, g) }

// BackwardTheta64 implements Evaluator: float64 tensors are evaluated exactly.
func (t *Table) BackwardTheta64(dtheta []float64, x, g []float64) {
	t.exact.BackwardTheta64(dtheta, x, g)
}
