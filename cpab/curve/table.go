package curve

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/kernel"
)

// Table is a Curve at one θ, tabulated for float32 tensors.
//
// The curve is smooth but for kinks at known places (the vertices, the points
// that flow into them, the ends of the domain). Between them it is cut into
// pieces, on which a polynomial of fifth degree, the Hermite interpolant of y, y′
// and y″ at the piece's ends, keeps the tolerance.
//
// To find an element's piece, a uniform grid of bins is laid over the part of the
// line where the curve is not affine. The width of a bin is a power of two, so
// that an element finds its bin without rounding. A bin knows the piece in which it
// starts and the up to three breakpoints in it; how many of these lie at or left of
// the element says which piece is the element's own. In a bin with more breakpoints,
// a search does.
//
// For the θ-gradient, the elements' upstream gradients g are summed into six
// moments per piece, Σ g·τ^j, and the Hermite interpolant of ∂y/∂θ on the piece
// closes the sum: O(elements + pieces).
//
// Long slices get grids of narrow cells instead, which need less work per element; see
// fine.
//
// A Table does not change but by Reset.
type Table struct {
	exact *Exact
	tol   float64 // absolute

	segments []cpab.Segment
	smooths  []smooth
	pieces   []piece

	loExact, hiExact bool // beyond the table, the curve is left to the exact evaluation

	tab kernel.Tab // tab.Pieces[k+1] is that of pieces[k]

	fine fine // for long slices
}

// hard is the index in Tab.Pieces of all bins that have too many breakpoints for
// the kernels: a NaN piece.
const hard = 0

const (
	// DefaultTolerance is the largest error of y, relative to the width of the
	// domain, and of y′ relative to the same number of units, that a table's
	// interpolation makes. The rounding of float32 comes on top.
	DefaultTolerance = 1e-6

	gateReach = 6.0  // beyond ±6, |Φ(x) − step(x)| < 1e-9
	maxBins   = 2048 // 32 KiB, the size of a first-level cache
	minBins   = 32
)

// Table returns the curve at theta, tabulated with the given tolerance
// ([DefaultTolerance] if 0). A curve whose domain is too wide, too narrow or too far
// from 0 for float32, or has more than 1,024 cells, is evaluated exactly. It reports what Exact reports, and a
// tolerance that is not positive.
func (c *Curve) Table(theta []float64, tolerance float64) (*Table, error) {
	e, err := c.Exact(theta)
	if err != nil {
		return nil, err
	}
	return e.Table(tolerance)
}

// Table returns the table of e; see [Curve.Table].
func (e *Exact) Table(tolerance float64) (*Table, error) {
	if tolerance == 0 {
		tolerance = DefaultTolerance
	}
	if !(tolerance > 0) || math.IsInf(tolerance, 0) {
		return nil, fmt.Errorf("curve: tolerance = %v, want a positive number", tolerance)
	}
	t := &Table{exact: e, tol: tolerance * (e.curve.b - e.curve.a)}
	if t.pays() {
		t.segments = make([]cpab.Segment, 0, 2*e.curve.space.Cells()+3)
	}
	t.Reset()
	return t, nil
}

// Reset tabulates the curve anew after [Exact.Reset], in the memory that t has. No
// one else may use t meanwhile.
func (t *Table) Reset() {
	if !t.pays() {
		t.segments, t.smooths = t.segments[:0], t.smooths[:0]
		t.pieces = t.pieces[:0]
		t.tab.Pieces = append(t.tab.Pieces[:0], kernel.NaNPiece)
		t.tab.Bins = append(t.tab.Bins[:0], kernel.Bin{Kink: noKinks, Piece: hard}) // kernels look for elements outside, too
		t.fine.reset()
		t.leaveAll()
		return
	}
	t.segments = t.exact.field.Segments(t.segments, 1)
	t.smooths = t.exact.smooths(t.smooths, t.segments)
	lo, hi, widest := t.rangeOf()
	t.makePieces(lo, hi)
	t.chooseGrid(lo, hi, widest)
	t.fill()
	t.fine.reset()
	if math.Max(math.Abs(lo), math.Abs(hi)) > farOff*(hi-lo) {
		t.leaveAll()
	}
}

// farOff bounds how far from 0 a table may lie, in its widths: the numbers of cells are
// to fit in 32 bits.
const farOff = 1 << 15

// pays reports whether there is to be a table: the domain is so far from the limits of
// float32 that all that a table computes with is, too, and its cells are so few that
// pieces do not outnumber what a table may have: each cell, and what flows into it, has
// one at least. With more cells, trajectories rarely cross many of them.
func (t *Table) pays() bool {
	const most, least = 0x1p100, 0x1p-100
	a, b := t.exact.curve.a, t.exact.curve.b
	return t.exact.curve.space.Cells() <= maxPieces/2 && b-a > least && math.Max(-a, b) < most && math.Min(-a, b) > -most
}

// leaveAll leaves the whole curve to the exact evaluation.
func (t *Table) leaveAll() {
	t.loExact, t.hiExact = true, true
	t.tab.Lo, t.tab.Hi = float32(math.Inf(1)), float32(math.Inf(-1))
	t.tab.SetTails(float32(math.NaN()), float32(math.NaN()), 0, true, true)
}

// Dim implements Evaluator.
func (t *Table) Dim() int { return t.exact.Dim() }

// Exact returns the curve that the table tabulates.
func (t *Table) Exact() *Exact { return t.exact }

// Pieces returns the number of polynomial pieces, a measure of the set-up cost.
func (t *Table) Pieces() int { return len(t.pieces) }

// Bins returns the number of bins.
func (t *Table) Bins() int { return len(t.tab.Bins) }

// HardBins returns the number of bins with too many breakpoints for the kernels.
func (t *Table) HardBins() int {
	n := 0
	for i := range t.tab.Bins {
		if t.tab.Bins[i].Piece == hard {
			n++
		}
	}
	return n
}

// rangeOf sets the tails and returns the range between them, in whole numbers of
// the widest bins that may be chosen.
func (t *Table) rangeOf() (lo, hi, widest float64) {
	c, first, last := t.exact.curve, &t.smooths[0], &t.smooths[len(t.smooths)-1]
	lo, hi = first.to, last.from
	if first.gated {
		// φ may be steep out there; go on until the gate has won.
		for lo = math.Min(lo, -gateReach); lo > -4*gateReach; lo -= 1 {
			if j := first.at(lo); math.Abs(j.y) < t.tol/16 && math.Abs(j.d1) < t.tol/16 {
				break
			}
		}
	}
	if last.gated {
		hi = math.Max(hi, gateReach)
	}
	// The transformation over the whole line may have its last kinks far out.
	far := farOut * (c.b - c.a)
	t.loExact, t.hiExact = lo < c.a-far, hi > c.b+far
	lo, hi = math.Max(lo, c.a-far), math.Min(hi, c.b+far)
	widest = powerOfTwo((hi - lo) / minBins)
	lo, hi = widest*math.Floor(lo/widest), widest*math.Floor(hi/widest+1) // the end of the domain is inside

	j := last.at(math.Max(hi, last.from))
	slope := j.d1
	if last.gated { // the gate is 1 from here on, φ is affine
		slope = j.phi1
	}
	loSlope, hiSlope, hiOffset := float32(first.slope), float32(slope), float32(j.y-slope*j.x)
	if first.gated {
		loSlope = 0
	}
	if last.seg == nil {
		hiOffset = 0
	}
	if math.Abs(float64(hiOffset)) > t.tol*(1<<22) {
		t.hiExact = true // the sum in float32 would cancel
	}
	if t.loExact {
		loSlope = float32(math.NaN())
	}
	if t.hiExact {
		hiSlope = float32(math.NaN())
	}
	t.tab.Lo, t.tab.Hi = float32(lo), float32(hi)
	t.tab.SetTails(loSlope, hiSlope, hiOffset, t.loExact, t.hiExact || last.seg != nil)
	return lo, hi, widest
}

// farOut is how many widths beyond the domain a table goes; what is farther out
// is left to the exact evaluation where it is not simple.
const farOut = 8

// powerOfTwo returns the greatest power of two that is not greater than x > 0.
func powerOfTwo(x float64) float64 {
	_, exp := math.Frexp(x)
	return math.Ldexp(1, exp-1)
}

// chooseGrid picks the widest bins, a power of two, that no four breakpoints
// share. lo and hi are multiples of widest, and so of all that are narrower: every
// element between them has a bin.
func (t *Table) chooseGrid(lo, hi, widest float64) {
	width := widest
	for i := kernel.MaxKinks; i < len(t.pieces); i++ {
		width = math.Min(width, t.pieces[i].from-t.pieces[i-kernel.MaxKinks].from)
	}
	width = powerOfTwo(math.Max(width, math.SmallestNonzeroFloat64))
	for width < widest && (hi-lo)/width > maxBins {
		width *= 2
	}
	t.tab.Scale, t.tab.First = float32(1/width), int32(lo/width)
	t.tab.Bins = slices.Grow(t.tab.Bins[:0], int((hi-lo)/width))[:int((hi-lo)/width)]
}

// fill makes the bins and the polynomials that the kernels use.
func (t *Table) fill() {
	n := 1 + len(t.pieces)
	t.tab.Pieces = slices.Grow(t.tab.Pieces[:0], n)[:n]
	t.tab.Pieces[hard] = kernel.NaNPiece
	for k := range t.pieces {
		t.tab.Pieces[k+1] = t.pieces[k].polynomial()
	}
	t.fillBins()
}

// fillBins makes the bins, breakpoint by breakpoint: most bins have none.
func (t *Table) fillBins() {
	bins, scale, first := t.tab.Bins, t.tab.Scale, t.tab.First
	at := 0 // the piece in which the next bin starts
	for next := 0; next < len(bins); next++ {
		kink := len(bins) // the next bin with a breakpoint
		if at+1 < len(t.pieces) {
			kink = int(int32(math.Floor(float64(t.pieces[at+1].first*scale))) - first)
		}
		for same := (kernel.Bin{Kink: noKinks, Piece: uint32(1 + at)}); next < kink; next++ {
			bins[next] = same
		}
		if next < len(bins) {
			at = t.fillBin(&bins[next], at, float32(first+int32(next))/scale, float32(first+int32(next)+1)/scale)
		}
	}
}

// fillBin fills the bin start..end, which starts in piece at or the one after it. It
// returns the piece in which it ends.
func (t *Table) fillBin(b *kernel.Bin, at int, start, end float32) int {
	if at+1 < len(t.pieces) && begins(t.pieces[at+1].first, start, end) {
		at++
	}
	*b = kernel.Bin{Kink: noKinks, Piece: uint32(1 + at)}
	for used := 0; at+1 < len(t.pieces) && t.pieces[at+1].first < end; used++ {
		at++
		if used < kernel.MaxKinks {
			b.Kink[used] = t.pieces[at].first
		} else {
			*b = kernel.Bin{Kink: noKinks, Piece: hard}
		}
	}
	return at
}

// begins reports whether a bin, or cell, start..end has nothing to the left of the piece
// whose first number is given. A wide one that starts at 0 has: the negative numbers so
// small that their place in bins underflows to −0.
func begins(first, start, end float32) bool {
	return first < start || first == start && !(start == 0 && end > 1)
}

var noKinks = [kernel.MaxKinks]float32{float32(math.Inf(1)), float32(math.Inf(1)), float32(math.Inf(1))}

// breakpoint returns the least float32 at or right of x: the first element of the
// piece that starts at x.
func (s *smooth) breakpoint(x float64) float32 {
	f := float32(x)
	if float64(f) < x || s.open && float64(f) == x && x == s.from {
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

// Forward32 implements Evaluator.
func (t *Table) Forward32(dst, x []float32) { t.forward(dst, x, t.linesFor(len(x))) }

func (t *Table) forward(dst, x []float32, lines *kernel.Lines) {
	newSlicing(len(x), tableSlice).each(func(_, from, to int) {
		if lines != nil {
			t.forwardLines(dst[from:to], x[from:to], lines)
		} else {
			t.forwardPieces(dst[from:to], x[from:to])
		}
	})
}

func (t *Table) forwardPieces(dst, x []float32) {
	blocks(dst, x, nil, func(_ int, dst, x, _ []float32) {
		if !t.tab.Forward(dst, x) {
			return
		}
		for i, y := range dst {
			if y != y {
				dst[i] = t.value(x[i])
			}
		}
	})
}

// value returns y(x) where a kernel has left it to the caller.
func (t *Table) value(x float32) float32 {
	if k := t.find(x); k >= 0 {
		if y := t.tab.Pieces[k+1].Value(x); y == y {
			return y
		}
	}
	return float32(t.exact.Value(float64(x)))
}

// slope is value for y′(x).
func (t *Table) slope(x float32) float64 {
	if k := t.find(x); k >= 0 {
		if dy := t.tab.Pieces[k+1].Slope(x); dy == dy {
			return float64(dy)
		}
	}
	_, dy := t.exact.Jet(float64(x))
	return dy
}

// find returns the piece of x, or −1 if there is none. Where a bin has too many
// breakpoints for the kernels, it finds what they cannot.
func (t *Table) find(x float32) int {
	if !(x >= t.tab.Lo && x < t.tab.Hi) {
		return -1
	}
	// The number of pieces that begin at or left of x, less one.
	return sort.Search(len(t.pieces), func(k int) bool { return t.pieces[k].first > x }) - 1
}

// BackwardX32 implements Evaluator.
func (t *Table) BackwardX32(dst, x, g []float32) { t.backwardX(dst, x, g, t.slopesFor(len(x))) }

func (t *Table) backwardX(dst, x, g []float32, slopes *kernel.Lines) {
	newSlicing(len(x), tableSlice).each(func(_, from, to int) {
		if slopes != nil {
			t.backwardXLines(dst[from:to], x[from:to], g[from:to], slopes)
		} else {
			t.backwardXPieces(dst[from:to], x[from:to], g[from:to])
		}
	})
}

func (t *Table) backwardXPieces(dst, x, g []float32) {
	blocks(dst, x, g, func(_ int, dst, x, g []float32) {
		if !t.tab.BackwardX(dst, x, g) {
			return
		}
		for i, d := range dst {
			if d != d && !(g[i] != g[i]) {
				dst[i] = float32(scaled(float64(g[i]), t.slope(x[i]))) // y′ may be beyond float32
			}
		}
	})
}

// blockLen is the number of elements that the kernels get at once: few enough for
// those that a kernel leaves to the exact evaluation to be looked for in a cache.
const blockLen = kernel.MaxBlock

// blocks calls f for block after block, with its place. Where dst is x or g, f gets a copy of these,
// because it reads them after it has written dst.
func blocks(dst, x, g []float32, f func(at int, dst, x, g []float32)) {
	var copies [2]*[blockLen]float32
	for from := 0; from < len(x); from += blockLen {
		to := min(from+blockLen, len(x))
		d, in := dst[from:to], [2][]float32{x[from:to], nil}
		if g != nil {
			in[1] = g[from:to]
		}
		for k, v := range in {
			if len(v) > 0 && &v[0] == &d[0] {
				if copies[k] == nil {
					copies[k] = new([blockLen]float32)
				}
				in[k] = copies[k][:copy(copies[k][:], v)]
			}
		}
		f(from, d, in[0], in[1])
	}
}

// Forward64 implements Evaluator: float64 tensors are evaluated exactly.
func (t *Table) Forward64(dst, x []float64) { t.exact.Forward64(dst, x) }

// BackwardX64 implements Evaluator: float64 tensors are evaluated exactly.
func (t *Table) BackwardX64(dst, x, g []float64) { t.exact.BackwardX64(dst, x, g) }

// BackwardTheta64 implements Evaluator: float64 tensors are evaluated exactly.
func (t *Table) BackwardTheta64(dtheta []float64, x, g []float64) {
	t.exact.BackwardTheta64(dtheta, x, g)
}

var _ Evaluator = (*Table)(nil)
