package curve

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
)

// Table is a Curve at one θ, tabulated for float32 tensors.
//
// A uniform grid of bins, whose width is a power of two so that a float32 finds
// its place in its bin without rounding, is laid over the part of the line where
// the curve is not affine. The curve is smooth but for kinks at known places
// (the vertices, the points that flow into them, the ends of the domain), and a
// bin holds up to four pieces between its kinks. On each piece y and y′ are cubic
// Hermite interpolants, whose errors are bounded by the fourth and fifth
// derivative, known in closed form: |error| ≤ length⁴·max|·⁗|/384.
//
// For the θ-gradient, the elements' upstream gradients g are summed into four
// moments per piece, Σ g·t^j, and one cubic interpolation of ∂y/∂θ per piece,
// exact at its four nodes, closes the sum: O(elements + pieces).
//
// Where a bin would need more pieces than it can hold, it is left to the exact
// evaluation. A Table is immutable.
type Table struct {
	exact *Exact
	tol   float64

	scale  float32 // bins per unit of x, a power of two
	k0     int32   // number of the first bin: it starts at k0/scale
	lo, hi float32 // the table covers lo ≤ x < hi

	loSlope, hiSlope, hiOffset float32 // y = loSlope·x below, hiOffset + hiSlope·x above

	bins   []bin
	value  []cubic   // y on each piece, by offset from its start in bin widths
	slope  []cubic   // y′
	origin []float32 // where in its bin the piece starts, in bin widths
	parts  []part    // the pieces that θ moves, for BackwardTheta
	hard   bool      // some bin is left to the exact evaluation

	smooths []smooth
}

// bin is one cell of the grid. Its pieces are first, first+1, …, the next of
// which starts at each kink (in bin widths; +Inf where there is none).
type bin struct {
	kink  [maxKinks]float32
	first uint32
}

const maxKinks = 3

type cubic [4]float32

func (c *cubic) at(t float32) float32 {
	// The conversions forbid fused multiply-adds, so that all machines and the
	// assembly give the same bits.
	y := c[3]
	y = float32(y*t) + c[2]
	y = float32(y*t) + c[1]
	return float32(y*t) + c[0]
}

// part is a piece inside the domain.
type part struct {
	piece      uint32
	smooth     int32
	x, length  float64 // start and length, in units of x
	inBinWidth float64 // length in bin widths
}

// hardPiece is the piece of all hard bins: its polynomials give NaN.
const hardPiece = 0

// Bounds of the grid.
const (
	// DefaultTolerance is the largest error of y, relative to the width of the
	// domain, and of y′ relative to the same number of units, that a table's
	// interpolation makes. The rounding of float32 comes on top.
	DefaultTolerance = 1e-6

	gateReach = 6.0  // beyond ±6, |Φ(x) − step(x)| < 1e-9
	maxBins   = 2048 // 32 KiB: a first-level cache
	minBins   = 64
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
	t.smooths = e.smooths(e.field.Segments(nil, 1))
	lo, hi := t.rangeOf()
	t.chooseGrid(lo, hi)
	t.build()
	return t, nil
}

// Dim implements Evaluator.
func (t *Table) Dim() int { return t.exact.Dim() }

// Exact returns the curve that the table tabulates.
func (t *Table) Exact() *Exact { return t.exact }

// Pieces returns the number of polynomial pieces, a measure of the set-up cost.
func (t *Table) Pieces() int { return len(t.value) }

// Bins returns the number of bins.
func (t *Table) Bins() int { return len(t.bins) }

// HardBins returns the number of bins that are left to the exact evaluation.
func (t *Table) HardBins() int {
	n := 0
	for i := range t.bins {
		if t.bins[i].first == hardPiece {
			n++
		}
	}
	return n
}

// rangeOf sets the tails and returns the range between them.
func (t *Table) rangeOf() (lo, hi float64) {
	first, last := &t.smooths[0], &t.smooths[len(t.smooths)-1]
	lo, hi = first.to, last.from
	t.loSlope = float32(first.slope)
	if first.gated {
		t.loSlope = 0
		// φ may be steep out there; go on until the gate has won.
		for lo = math.Min(lo, -gateReach); lo > -32; lo -= 1 {
			if j := first.at(lo); math.Abs(j.y) < t.tol/16 && math.Abs(j.d1) < t.tol/16 {
				break
			}
		}
	}
	if last.gated {
		hi = math.Max(hi, gateReach)
	}
	j := last.at(hi)
	slope := j.d1
	if last.gated { // the gate is 1 from here on, φ is affine
		slope = j.phi[1]
	}
	t.hiSlope = float32(slope)
	t.hiOffset = float32(j.y - slope*hi)
	if last.seg == nil {
		t.hiOffset = 0
	}
	return lo, hi
}

// chooseGrid picks the widest bins for which the bounds of the errors allow it.
func (t *Table) chooseGrid(lo, hi float64) {
	width := (hi - lo) / minBins
	for i := range t.smooths {
		s := &t.smooths[i]
		from, to := math.Max(s.from, lo), math.Min(s.to, hi)
		if !(from < to) {
			continue
		}
		a, b := s.at(from), s.at(to)
		if w := maxKinks * t.reach(s, &a, &b); w < to-from && w < width {
			width = w
		}
	}
	width = math.Max(width, (hi-lo)/(maxBins-2))
	_, exp := math.Frexp(width)
	exp-- // 2^exp ≤ width
	if math.Ldexp(1, exp)*(maxBins-2) < hi-lo {
		exp++
	}
	scale := math.Ldexp(1, -exp)
	k0, k1 := math.Floor(lo*scale), math.Ceil(hi*scale)
	t.scale, t.k0 = float32(scale), int32(k0)
	t.lo, t.hi = float32(k0/scale), float32(k1/scale)
	t.bins = make([]bin, int(k1-k0))
}

// reach returns the length of a piece between a and b whose interpolation errors
// meet the tolerance.
func (t *Table) reach(s *smooth, a, b *jet) float64 {
	m4, m5 := s.bounds(a, b)
	return math.Sqrt(math.Sqrt(384 * t.tol / math.Max(m4, m5)))
}

// build fills the bins from left to right.
func (t *Table) build() {
	n := len(t.bins) + 2*len(t.smooths) + 1
	t.value, t.slope = make([]cubic, 1, n), make([]cubic, 1, n)
	t.origin = make([]float32, 1, n)
	t.parts = make([]part, 0, n)
	nan := float32(math.NaN())
	t.value[hardPiece], t.slope[hardPiece] = cubic{nan, nan, nan, nan}, cubic{nan, nan, nan, nan}

	binWidth := 1 / float64(t.scale)
	si := 0
	var left jet
	at := math.NaN() // where left was taken
	for i := range t.bins {
		b := &t.bins[i]
		b.clear(uint32(len(t.value)))
		start := float64(t.k0+int32(i)) * binWidth
		end := start + binWidth
		used := 0 // kinks
		ok := true
		parts := len(t.parts)
		for from := start; from < end; {
			for t.smooths[si].to <= from {
				si++
				at = math.NaN()
			}
			s := &t.smooths[si]
			to := math.Min(s.to, end)
			if at != from {
				left = s.at(from)
			}
			right := s.at(to)
			ok = ok && t.addPieces(b, s, si, start, &left, &right, &used)
			left, at, from = right, to, to
		}
		if !ok {
			t.hard = true
			t.parts = t.parts[:parts]
			b.clear(hardPiece)
		}
	}
}

// clear makes b a bin of one piece.
func (b *bin) clear(first uint32) {
	inf := float32(math.Inf(1))
	*b = bin{kink: [maxKinks]float32{inf, inf, inf}, first: first}
}

// addPieces adds the pieces of b from left to right, which lie in s; start is
// where b starts. It reports whether b has room for them.
func (t *Table) addPieces(b *bin, s *smooth, si int, start float64, left, right *jet, used *int) bool {
	length := right.x - left.x
	count := 1
	if r := t.reach(s, left, right); r < length {
		if r = math.Ceil(length / r); !(r <= maxKinks+1) {
			return false
		}
		count = int(r)
	}
	from := *left
	for i := range count {
		to := *right
		if i < count-1 {
			to = s.at(left.x + length*float64(i+1)/float64(count))
		}
		if !t.addPiece(b, s, si, start, &from, &to, used) {
			return false
		}
		from = to
	}
	return true
}

func (t *Table) addPiece(b *bin, s *smooth, si int, start float64, from, to *jet, used *int) bool {
	scale := float64(t.scale)
	origin := float32((from.x - start) * scale)
	if int(b.first) < len(t.value) { // not the bin's first piece
		previous := float32(0)
		if *used > 0 {
			previous = b.kink[*used-1]
		}
		if origin == previous { // no float32 lies in the piece before: replace it
			t.drop(b, used)
		} else if origin >= 1 {
			return true // nor in this one
		} else if *used == maxKinks {
			return false
		}
	}
	if int(b.first) < len(t.value) {
		b.kink[*used] = origin
		*used++
	}
	length := (to.x - from.x) * scale
	value := hermite(length, from.y, to.y, from.d1/scale, to.d1/scale)
	slope := hermite(length, from.d1, to.d1, from.d2/scale, to.d2/scale)
	if !value.finite() || !slope.finite() {
		return false
	}
	if s.seg != nil {
		t.parts = append(t.parts, part{piece: uint32(len(t.value)), smooth: int32(si), x: from.x, length: to.x - from.x, inBinWidth: length})
	}
	if int(b.first) == len(t.value) {
		origin = 0
	}
	t.value, t.slope, t.origin = append(t.value, value), append(t.slope, slope), append(t.origin, origin)
	return true
}

// drop removes the last piece of b.
func (t *Table) drop(b *bin, used *int) {
	last := len(t.value) - 1
	t.value, t.slope, t.origin = t.value[:last], t.slope[:last], t.origin[:last]
	if n := len(t.parts); n > 0 && int(t.parts[n-1].piece) == last {
		t.parts = t.parts[:n-1]
	}
	if *used > 0 {
		*used--
		b.kink[*used] = float32(math.Inf(1))
	}
}

// hermite returns the cubic on [0,length] with the given end values and slopes.
func hermite(length, y0, y1, d0, d1 float64) cubic {
	rise := (y1 - y0) / length
	return cubic{float32(y0), float32(d0), float32((3*rise - 2*d0 - d1) / length), float32((d0 + d1 - 2*rise) / (length * length))}
}

func (c *cubic) finite() bool {
	s := c[0]*0 + c[1]*0 + c[2]*0 + c[3]*0
	return s == 0
}

// locate returns x's piece and its offset there in bin widths. x lies in the
// table. The kinks are counted without branches, which could not be predicted.
func (t *Table) locate(x float32) (piece uint32, offset float32) {
	u := x * t.scale
	k := int32(math.Floor(float64(u)))
	w := u - float32(k)
	b := &t.bins[k-t.k0]
	piece = b.first + btou(w >= b.kink[0]) + btou(w >= b.kink[1]) + btou(w >= b.kink[2])
	return piece, w - t.origin[piece]
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
		piece, offset := t.locate(v)
		dst[i] = t.value[piece].at(offset)
		if piece == hardPiece {
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
		piece, offset := t.locate(v)
		dy := t.slope[piece].at(offset)
		if piece == hardPiece {
			_, exact := t.exact.Jet(float64(v))
			dy = float32(exact)
		}
		dst[i] = g[i] * dy
	}
}

// tail evaluates the curve outside the table.
func (t *Table) tail(x float32) (y, dy float32) {
	switch {
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

// momentBlock is the number of elements whose moments are summed in float32
// before they join the float64 sums: short enough for the rounding to stay near
// that of one element.
const momentBlock = 1 << 14

// BackwardTheta32 implements Evaluator.
func (t *Table) BackwardTheta32(dtheta []float64, x, g []float32) {
	sums := make([][4]float64, len(t.value))
	block := make([][4]float32, len(t.value))
	dv := make([]float64, t.exact.curve.space.Cells()+1)
	var tail [2]float64
	for from := 0; from < len(x); from += momentBlock {
		to := min(from+momentBlock, len(x))
		clear(block)
		for i := from; i < to; i++ {
			v := x[i]
			if !(v >= t.lo && v < t.hi) {
				t.tailMoments(&tail, v, g[i])
				continue
			}
			piece, offset := t.locate(v)
			if piece == hardPiece {
				t.exact.AddGradV(dv, float64(v), float64(g[i]))
				continue
			}
			m, p := &block[piece], g[i]
			m[0] += p
			p *= offset
			m[1] += p
			p *= offset
			m[2] += p
			p *= offset
			m[3] += p
		}
		for k := range block {
			for j, m := range block[k] {
				sums[k][j] += float64(m)
			}
		}
	}
	t.closeMoments(dv, sums)
	t.closeTail(dv, tail)
	pullBack(t.exact.curve.space, dtheta, dv)
}

// tailMoments collects Σ g·(x−hi)^j, j = 0, 1, above the table, where φ may
// still depend on θ, and there it is affine in x. NaN elements go in, too: an
// element that is lost is no reason to hide it. Below the table y is no function
// of θ, or the gate has made it one in name only.
func (t *Table) tailMoments(tail *[2]float64, x, g float32) {
	if x < t.lo {
		return
	}
	if x != x || t.smooths[len(t.smooths)-1].seg != nil {
		tail[0] += float64(g)
		tail[1] += float64(g) * (float64(x) - float64(t.hi))
	}
}

// closeTail adds Σ g·∂y/∂V of the elements above the table to dv.
func (t *Table) closeTail(dv []float64, tail [2]float64) {
	if tail == [2]float64{} {
		return
	}
	last := &t.smooths[len(t.smooths)-1]
	if last.seg == nil {
		for j := range dv {
			dv[j] = math.NaN()
		}
		return
	}
	var sum cpab.GradSum
	hi := float64(t.hi)
	last.seg.AddGrad(&sum, hi, tail[0]-tail[1])
	last.seg.AddGrad(&sum, hi+1, tail[1])
	last.seg.Flush(dv, &sum)
}

// lobatto are the four nodes of cubic interpolation on [0,1], the ends among
// them; lagrange[q][j] is the coefficient of τ^j in the polynomial that is 1 at
// node q and 0 at the others.
var lobatto, lagrange = lobattoCubic()

func lobattoCubic() (nodes [4]float64, basis [4][4]float64) {
	nodes = [4]float64{0, (1 - 1/math.Sqrt(5)) / 2, (1 + 1/math.Sqrt(5)) / 2, 1}
	for q := range nodes {
		poly := [4]float64{1}
		for r, x := range nodes {
			if r == q {
				continue
			}
			// multiply by (τ − x)/(nodes[q] − x)
			f := 1 / (nodes[q] - x)
			for j := 3; j > 0; j-- {
				poly[j] = f * (poly[j-1] - x*poly[j])
			}
			poly[0] *= -x * f
		}
		basis[q] = poly
	}
	return nodes, basis
}

// closeMoments adds Σ g·∂y/∂V to dv, given the moments Σ g·offset^j of each
// piece.
func (t *Table) closeMoments(dv []float64, sums [][4]float64) {
	var sum cpab.GradSum
	var open *smooth
	pendingX, pending := 0.0, 0.0 // weight at the node that two pieces share
	flushNode := func() {
		if open != nil && pending != 0 {
			open.seg.AddGrad(&sum, pendingX, pending*open.gate(pendingX))
		}
		pending = 0
	}
	for i := range t.parts {
		p := &t.parts[i]
		m := &sums[p.piece]
		if *m == [4]float64{} {
			continue
		}
		if s := &t.smooths[p.smooth]; s != open {
			flushNode()
			if open != nil {
				open.seg.Flush(dv, &sum)
			}
			open = s
		}
		var omega [4]float64
		power := 1.0
		for j := range m {
			for q := range omega {
				omega[q] += lagrange[q][j] * m[j] * power
			}
			power /= p.inBinWidth
		}
		if p.x != pendingX {
			flushNode()
		}
		pendingX, pending = p.x, pending+omega[0]
		flushNode()
		for q := 1; q < 3; q++ {
			x := p.x + p.length*lobatto[q]
			open.seg.AddGrad(&sum, x, omega[q]*open.gate(x))
		}
		pendingX, pending = p.x+p.length, omega[3]
	}
	flushNode()
	if open != nil {
		open.seg.Flush(dv, &sum)
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
