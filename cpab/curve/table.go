package curve

import (
	"fmt"
	"math"

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
// that an element finds its bin without rounding. A bin holds the polynomials of
// all pieces that meet it, at most four, each in a variable τ of its own that runs
// from −½ to ½ where piece and bin meet; how many of the bin's up to three
// breakpoints lie at or left of the element says which is its own. A bin that meets
// more pieces is left to the exact evaluation.
//
// For the θ-gradient, the elements' upstream gradients g are summed into six
// moments per polynomial, Σ g·τ^j, and the Hermite interpolant of ∂y/∂θ on each
// piece closes the sum: O(elements + pieces).
//
// A Table is immutable.
type Table struct {
	exact *Exact
	tol   float64 // absolute

	smooths []smooth
	pieces  []piece

	scale  float32 // bins per unit of x, a power of two
	k0     int32   // number of the first bin: it starts at k0/scale
	lo, hi float32 // the table covers lo ≤ x < hi

	loSlope, hiSlope, hiOffset float32 // y = loSlope·x below, hiOffset + hiSlope·x above
	loExact, hiExact           bool    // unless it is left to the exact evaluation there

	bins   []bin
	coeffs []coeffs // for bin after bin the polynomials in τ of its pieces
	owner  []owner  // of the polynomials
}

// bin is one cell of the grid: the places where its second, third and fourth
// polynomial begin (+Inf where there is none), and the index of its first.
type bin struct {
	kink  [maxKinks]float32
	first uint32
}

const maxKinks = 3

// owner says how a polynomial's τ and its piece's σ are related: σ = shift + width·τ.
type owner struct {
	piece        int32
	shift, width float64
}

// coeffs is a polynomial: τ = (x − coeffs[6])·coeffs[7], y = Σ coeffs[k]·τ^k for k from
// 0 to 5.
type coeffs [8]float32

// The conversions in the following forbid fused multiply-adds, so that all
// machines and the assembly give the same bits.

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

// hardPolynomial belongs to all bins that are left to the exact evaluation; it is
// NaN.
const hardPolynomial = 0

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
	t.smooths = e.smooths(e.field.Segments(make([]cpab.Segment, 0, 2*e.curve.space.Cells()+3), 1))
	lo, hi := t.rangeOf()
	t.makePieces(lo, hi)
	t.chooseGrid(lo, hi)
	t.fill()
	return t, nil
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
		if t.bins[i].first == hardPolynomial {
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
	t.bins = make([]bin, int((hi-lo)/width))
}

// fill gives each bin the polynomials of the pieces that meet it.
func (t *Table) fill() {
	n := len(t.bins) + len(t.pieces) + 1
	t.coeffs, t.owner = make([]coeffs, 1, n), make([]owner, 1, n)
	for j := range t.coeffs[hardPolynomial] {
		t.coeffs[hardPolynomial][j] = float32(math.NaN())
	}
	width := 1 / float64(t.scale)
	at := 0 // the piece in which the bin starts
	if len(t.pieces) >= maxPieces {
		for i := range t.bins {
			t.bins[i].clear(hardPolynomial)
		}
		return
	}
	for i := range t.bins {
		start := float64(t.k0+int32(i)) * width
		end := float32(start + width)
		for at+1 < len(t.pieces) && breakpoint(t.pieces[at+1].from) <= float32(start) {
			at++
		}
		if !t.fillBin(&t.bins[i], at, start, end) {
			t.bins[i].clear(hardPolynomial)
		}
	}
}

// fillBin gives b the polynomials of the pieces from at on that begin before end.
// It reports whether b has room for them and float32 can hold them.
func (t *Table) fillBin(b *bin, at int, start float64, end float32) bool {
	n := len(t.coeffs)
	b.clear(uint32(n))
	used := 0
	for k := at; k < len(t.pieces); k++ {
		from := breakpoint(t.pieces[k].from)
		if from >= end {
			break
		}
		if k+1 < len(t.pieces) && from == breakpoint(t.pieces[k+1].from) {
			continue // no float32 lies in the piece
		}
		if k > at {
			if used == maxKinks {
				return t.backTo(n)
			}
			b.kink[used] = from
			used++
		}
		if !t.addPolynomial(k, start, float64(end)) {
			return t.backTo(n)
		}
	}
	return true
}

// backTo drops the polynomials from n on. It reports false, for its callers to
// return.
func (t *Table) backTo(n int) bool {
	t.coeffs, t.owner = t.coeffs[:n], t.owner[:n]
	return false
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

// clear makes b a bin of one polynomial.
func (b *bin) clear(first uint32) {
	inf := float32(math.Inf(1))
	*b = bin{kink: [maxKinks]float32{inf, inf, inf}, first: first}
}

// addPolynomial adds the polynomial of a piece for the bin start..end. It reports
// whether float32 can hold it.
func (t *Table) addPolynomial(k int, start, end float64) bool {
	p := &t.pieces[k]
	from, to := math.Max(start, p.from), math.Min(end, p.to)
	center, perUnit := float32(from+(to-from)/2), float32(1/(to-from))
	inv := 1 / (p.to - p.from)
	o := owner{int32(k), (float64(center) - p.from) * inv, inv / float64(perUnit)}
	q := p.value.moved(o.shift, o.width)
	c := coeffs{float32(q[0]), float32(q[1]), float32(q[2]), float32(q[3]), float32(q[4]), float32(q[5]), center, perUnit}
	finite := float32(0)
	for _, x := range c {
		finite += 0 * x
	}
	if finite != 0 {
		return false
	}
	t.coeffs, t.owner = append(t.coeffs, c), append(t.owner, o)
	return true
}

// locate returns x's polynomial. x lies in the table. The breakpoints are counted
// without branches, which could not be predicted.
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
		k := t.locate(v)
		c := &t.coeffs[k]
		dst[i] = c.value(c.tau(v))
		if k == hardPolynomial {
			dst[i] = float32(t.exact.Value(float64(v)))
		}
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
		k := t.locate(v)
		c := &t.coeffs[k]
		dy := c.slope(c.tau(v))
		if k == hardPolynomial {
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
