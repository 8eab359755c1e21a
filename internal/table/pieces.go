package table

import (
	"math"

	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/shape"
)

// pieces are a curve cut into intervals on which a polynomial keeps the tolerance: first
// at the ends of the smooth intervals, then by halving.
type pieces struct {
	of  *shape.Exact
	tol float64 // absolute

	segments []flow.Segment
	smooths  []shape.Smooth
	list     []piece // from left to right
}

// width is that of the domain.
func (ps *pieces) width() float64 { return ps.of.Curve.Grid.B - ps.of.Curve.Grid.A }

// findSmooths finds the smooth intervals.
func (ps *pieces) findSmooths() {
	ps.segments = ps.of.Field.Segments(ps.segments, 1)
	ps.smooths = ps.of.Smooths(ps.smooths, ps.segments)
}

// last returns the smooth interval that goes on to +∞.
func (ps *pieces) last() *shape.Smooth { return &ps.smooths[len(ps.smooths)-1] }

// clear forgets all pieces.
func (ps *pieces) clear() {
	ps.segments, ps.smooths, ps.list = ps.segments[:0], ps.smooths[:0], ps.list[:0]
}

// cutAll cuts the smooth intervals between lo and hi into pieces that meet
// the tolerance, from left to right.
func (ps *pieces) cutAll(lo, hi float64) {
	ps.list = ps.list[:0]
	for i := range ps.smooths {
		s := &ps.smooths[i]
		from, to := math.Max(s.From, lo), math.Min(s.To, hi)
		if !(from < to) {
			continue
		}
		// The estimates trust that a piece is shorter than what the gate changes in.
		n := math.Min(math.Ceil((to-from)/maxPiece), maxHalvings)
		left := s.At(from)
		for k := 1.0; k <= n; k++ {
			right := s.At(to)
			if k < n {
				right = s.At(from + (to-from)*k/n)
			}
			ps.cut(int32(i), &left, &right, maxHalvings)
			left = right
		}
	}
}

const (
	maxPiece = 0.75

	// The safeties are what estimates may use: they are no bounds. Where T acts on the
	// whole line, φ may grow as the gate falls, and they miss more.
	defaultSafety = 0.4
	wholeSafety   = 0.1

	// maxHalvings bounds the depth of cut: what would need more is so narrow that
	// few elements lie in it, and it is left to the exact evaluation.
	maxHalvings = 12

	// steepest is the slope from which a curve is left to the exact evaluation: the
	// rounding of the places of its kinks moves it by more than the tolerance.
	steepest = 1e4

	// maxPieces is where a table stops to pay.
	maxPieces = 2048
)

// cut adds the pieces between two points of a smooth interval, halving it until
// the estimated errors meet the tolerance.
func (ps *pieces) cut(smooth int32, left, right *shape.Jet, halvings int) {
	s := &ps.smooths[smooth]
	p := piece{from: left.X, to: right.X, inv: 1 / (right.X - left.X), first: s.Breakpoint(left.X), smooth: smooth}
	if p.first == s.Breakpoint(right.X) {
		return // no float32 lies in it (but the end of the domain, where the piece before does)
	}
	if math.Min(math.Abs(left.D1), math.Abs(right.D1)) > steepest || p.inv > math.MaxFloat32 {
		p.wild = true
		ps.list = append(ps.list, p)
		return
	}
	p.wild = true
	if ps.ratioFits(smooth, left.X, right.X) && ps.gateFits(smooth, left.X, right.X) {
		p.value = hermite(left, right)
		p.wild = !ps.meets(&p, left, right)
	}
	if p.wild && halvings > 0 && len(ps.list) < maxPieces {
		middle := s.At(left.X + (right.X-left.X)/2)
		ps.cut(smooth, left, &middle, halvings-1)
		ps.cut(smooth, &middle, right, halvings-1)
		return
	}
	ps.list = append(ps.list, p)
}

// safety is the part of the tolerance that estimates may use.
func (ps *pieces) safety() float64 {
	if ps.of.Curve.Variant.Whole {
		return wholeSafety
	}
	return defaultSafety
}

// ratioFits reports whether the logarithm of the velocity, which ∂φ/∂θ is made of, keeps
// the tolerance between two points.
func (ps *pieces) ratioFits(smooth int32, from, to float64) bool {
	seg := ps.smooths[smooth].Seg
	if seg == nil {
		return true
	}
	r := seg.SpeedRatio(from, to)
	r += 1/r - 2
	safety := ps.safety()
	return !(r*r*r*(120./46080)*ps.width()*ps.gain() > safety*safety*ps.tol)
}

// gain is how much larger than ∂φ/∂θ of the flow that of the curve may be.
func (ps *pieces) gain() float64 { return math.Max(1, math.Abs(ps.of.Alpha)) }

// gateFits reports whether ∂y/∂θ, which is the gate times an affine function where
// trajectories stay in their cell, keeps the tolerance between two points. Where nothing is
// amplified it does if y does, which is of the same kind.
func (ps *pieces) gateFits(smooth int32, from, to float64) bool {
	if s := &ps.smooths[smooth]; s.Seg == nil || !s.Gated || ps.gain() == 1 {
		return true
	}
	gate := shape.Smooth{Gated: true} // y = x·Φ(x)
	left, right := gate.At(from), gate.At(to)
	p := hermite(&left, &right)
	value, _ := p.interpolationError(&left, &right)
	return !(value*ps.gain() > ps.safety()*ps.tol)
}

// meets reports whether a piece keeps the tolerance.
func (ps *pieces) meets(p *piece, left, right *shape.Jet) bool {
	value, slope := p.value.interpolationError(left, right)
	steep := p.steep()
	safety := ps.safety()
	if !(value <= ps.tol*safety && slope <= ps.tol*steep*safety) {
		return false
	}
	// Rounding in float32, where terms much larger than their sum cancel.
	const eps = 1. / (1 << 24)
	sum, slopes := 0.0, 0.0
	for k, c := range p.value {
		sum += math.Abs(c)
		slopes += float64(k) * math.Abs(c)
	}
	slopes /= p.to - p.from
	return sum*eps <= ps.tol+8*eps*math.Min(math.Abs(left.Y), math.Abs(right.Y)) && 4*slopes*eps <= ps.tol*steep
}

// rates estimates the derivatives of ∂y/∂V on a piece, at the worse of its ends; see
// flow.Segment.Rates. The gate adds its own, 1.
func (ps *pieces) rates(p *piece) (rate, second float64) {
	s := &ps.smooths[p.smooth]
	if s.Seg == nil {
		return 0, 0
	}
	rate, second = s.Seg.Rates(p.from)
	rate1, second1 := s.Seg.Rates(p.to)
	rate, second = math.Max(rate, rate1), math.Max(second, second1)
	if s.Gated {
		root := math.Sqrt(second) + 1
		return rate + 1, root * root
	}
	return rate, second
}
