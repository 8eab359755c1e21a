package curve

import (
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/cpab"
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
// the element says which piece is the element's own. A bin with more breakpoints is
// left to the exact evaluation.
//
// For the θ-gradient, the elements' upstream gradients g are summed into six
// moments per piece, Σ g·τ^j, and the Hermite interpolant of ∂y/∂θ on the piece
// closes the sum: O(elements + pieces).
//
// A Table does not change but by Reset.
type Table struct {
	exact *Exact
	tol   float64 // absolute

	segments []cpab.Segment
	smooths  []smooth
	pieces   []piece

	scale  float32 // bins per unit of x, a power of two
	k0     int32   // number of the first bin: it starts at k0/scale
	lo, hi float32 // the table covers lo ≤ x < hi

	loSlope, hiSlope, hiOffset float32 // y = loSlope·x below, hiOffset + hiSlope·x above
	loExact, hiExact           bool    // unless it is left to the exact evaluation there

	bins   []bin
	coeffs []coeffs // of piece k at k+1
}

// bin is one cell of the grid: the places where the second, third and fourth of
// its pieces begin (+Inf where there is none), and the index of the first one's
// coefficients.
type bin struct {
	kink  [maxKinks]float32
	first uint32
}

const maxKinks = 3

// coeffs is the polynomial of a piece: τ = (x − coeffs[6])·coeffs[7], which runs from
// −½ to ½, and y = Σ coeffs[k]·τ^k for k from 0 to 5.
type coeffs [8]float32

// The conversions in the following forbid fused multiply-adds, so that all
// machines and the assembly give the same bits.

var nanCoeffs = coeffs{float32(math.NaN()), float32(math.NaN()), float32(math.NaN()), float32(math.NaN()), float32(math.NaN()), float32(math.NaN())}

// tau returns τ.
func (c *coeffs) tau(x float32) float32 { return (x - c[6]) * c[7] }

// value returns y.
func (c *coeffs) value(t float32) float32 {
	y := c[5]
	y = float32(y*t) + c[4]
	y = float32(y*t) + c[3]
	y = float32(y*t) + c[2]
	y = float32(y*t) + c[1]
	return float32(y*t) + c[0]
}

// slope returns dy/dx.
func (c *coeffs) slope(t float32) float32 {
	d := 5 * c[5]
	d = float32(d*t) + float32(4*c[4])
	d = float32(d*t) + float32(3*c[3])
	d = float32(d*t) + float32(2*c[2])
	return (float32(d*t) + c[1]) * c[7]
}

// hard is the index of the coefficients of all bins that are left to the exact
// evaluation. They are NaN, as are those of pieces that are left to it.
const hard = 0

const (
	// DefaultTolerance is the largest error of y, relative to the width of the
	// domain, and of y′ relative to the same number of units, that a table's
	// interpolation makes. The rounding of float32 comes on top.
	DefaultTolerance = 1e-6

	gateReach = 6.0  // beyond ±6, |Φ(x) − step(x)| < 1e-9
	maxBins   = 2048 // 32 KiB: a first-level cache
	minBins   = 32
)

// Table returns the curve at theta, tabulated with the given tolerance
// ([DefaultTolerance] if 0). It reports what Exact reports, and a tolerance that
// is not positive.
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
	t.segments = make([]cpab.Segment, 0, 2*e.curve.space.Cells()+3)
	t.Reset()
	return t, nil
}

// Reset tabulates the curve anew after [Exact.Reset], in the memory that t has. No
// one else may use t meanwhile.
func (t *Table) Reset() {
	t.segments = t.exact.field.Segments(t.segments, 1)
	t.smooths = t.exact.smooths(t.smooths, t.segments)
	lo, hi := t.rangeOf()
	t.makePieces(lo, hi)
	t.chooseGrid(lo, hi)
	t.fill()
}

// Dim implements Evaluator.
func (t *Table) Dim() int { return t.exact.Dim() }

// Exact returns the curve that the table tabulates.
func (t *Table) Exact() *Exact { return t.exact }

// Pieces returns the number of polynomial pieces, a measure of the set-up cost.
func (t *Table) Pieces() int { return len(t.pieces) }

// Bins returns the number of bins.
func (t *Table) Bins() int { return len(t.bins) }

// HardBins returns the number of bins that are left to the exact evaluation.
func (t *Table) HardBins() int {
	n := 0
	for i := range t.bins {
		if t.bins[i].first == hard {
			n++
		}
	}
	return n
}

// rangeOf sets the tails and returns the range between them, in whole numbers of
// the widest bins.
func (t *Table) rangeOf() (lo, hi float64) {
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
	widest := powerOfTwo((hi - lo) / minBins)
	lo, hi = widest*math.Floor(lo/widest), widest*math.Ceil(hi/widest)

	t.loSlope = float32(first.slope)
	if first.gated {
		t.loSlope = 0
	}
	j := last.at(math.Max(hi, last.from))
	slope := j.d1
	if last.gated { // the gate is 1 from here on, φ is affine
		slope = j.phi1
	}
	t.hiSlope = float32(slope)
	if t.hiOffset = float32(j.y - slope*j.x); last.seg == nil {
		t.hiOffset = 0
	}
	return lo, hi
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
// share.
func (t *Table) chooseGrid(lo, hi float64) {
	width := (hi - lo) / minBins
	for i := maxKinks; i < len(t.pieces); i++ {
		width = math.Min(width, t.pieces[i].from-t.pieces[i-maxKinks].from)
	}
	width = powerOfTwo(math.Max(width, math.SmallestNonzeroFloat64))
	for (hi-lo)/width > maxBins {
		width *= 2
	}
	t.scale, t.k0 = float32(1/width), int32(lo/width)
	t.lo, t.hi = float32(lo), float32(hi)
	t.bins = slices.Grow(t.bins[:0], int((hi-lo)/width))[:int((hi-lo)/width)]
}

// fill makes the bins and the coefficients.
func (t *Table) fill() {
	t.coeffs = slices.Grow(t.coeffs[:0], 1+len(t.pieces))[:1+len(t.pieces)]
	t.coeffs[hard] = nanCoeffs
	for k := range t.pieces {
		t.coeffs[k+1] = t.pieces[k].coeffs()
	}
	width := 1 / float64(t.scale)
	at := 0 // the piece in which the bin starts
	for i := range t.bins {
		start := float64(t.k0+int32(i)) * width
		at = t.fillBin(&t.bins[i], at, float32(start), float32(start+width))
	}
}

// fillBin fills the bin start..end, which starts in piece at or one of those after
// it. It returns the piece in which it ends.
func (t *Table) fillBin(b *bin, at int, start, end float32) int {
	for at+1 < len(t.pieces) && t.pieces[at+1].first <= start {
		at++
	}
	inf := float32(math.Inf(1))
	*b = bin{kink: [maxKinks]float32{inf, inf, inf}, first: uint32(1 + at)}
	for used := 0; at+1 < len(t.pieces) && t.pieces[at+1].first < end; used++ {
		at++
		if used == maxKinks {
			*b = bin{kink: [maxKinks]float32{inf, inf, inf}, first: hard}
			break
		}
		b.kink[used] = t.pieces[at].first
	}
	return at
}

// breakpoint returns the least float32 at or right of x: the first element of the
// piece that starts at x.
func breakpoint(x float64) float32 {
	f := float32(x)
	if float64(f) < x {
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

// locate returns the index of x's coefficients. x lies in the table. The
// breakpoints are counted without branches, which could not be predicted.
func (t *Table) locate(x float32) uint32 {
	b := &t.bins[int32(math.Floor(float64(x*t.scale)))-t.k0]
	return b.first + btou(x >= b.kink[0]) + btou(x >= b.kink[1]) + btou(x >= b.kink[2])
}

func btou(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// Forward32 implements Evaluator.
func (t *Table) Forward32(dst, x []float32) {
	for i, v := range x {
		if !(v >= t.lo && v < t.hi) {
			dst[i], _ = t.tail(v)
			continue
		}
		c := &t.coeffs[t.locate(v)]
		y := c.value(c.tau(v))
		if y != y {
			y = float32(t.exact.Value(float64(v)))
		}
		dst[i] = y
	}
}

// BackwardX32 implements Evaluator.
func (t *Table) BackwardX32(dst, x, g []float32) {
	for i, v := range x {
		if !(v >= t.lo && v < t.hi) {
			_, dy := t.tail(v)
			dst[i] = g[i] * dy
			continue
		}
		c := &t.coeffs[t.locate(v)]
		dy := c.slope(c.tau(v))
		if dy != dy {
			_, exact := t.exact.Jet(float64(v))
			dy = float32(exact)
		}
		dst[i] = g[i] * dy
	}
}

// tail evaluates the curve outside the table.
func (t *Table) tail(x float32) (y, dy float32) {
	switch {
	case x < t.lo && t.loExact, x >= t.hi && t.hiExact:
		y, dy := t.exact.Jet(float64(x))
		return float32(y), float32(dy)
	case x < t.lo:
		if t.loSlope == 0 {
			return float32(math.Copysign(0, -1)), 0
		}
		return t.loSlope * x, t.loSlope
	case x >= t.hi:
		return float32(t.hiSlope*x) + t.hiOffset, t.hiSlope
	}
	return x, x // NaN
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
