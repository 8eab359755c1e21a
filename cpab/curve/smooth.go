package curve

import (
	"math"

	"github.com/ditac-go/ditac/cpab"
)

// smooth is an interval on which the curve has derivatives of every order:
// y = φ(x)·w(x) with φ the flow in one of its segments, or the identity outside
// the domain, and the gate w the normal distribution function or a constant.
type smooth struct {
	from, to float64
	seg      *cpab.Segment // nil: φ(x) = x
	gated    bool          // w = Φ(x), else the constant slope
	slope    float64
	open     bool // from itself belongs to the interval before: so at the upper end of the domain
}

// jet is a curve at a point, seen from one side: y and its first three
// derivatives, and the slope of φ.
type jet struct {
	x, y, d1, d2, d3 float64
	phi1             float64
}

// at returns the curve at x, from within s.
func (s *smooth) at(x float64) jet {
	phi, p1, p2, p3 := x, 1.0, 0.0, 0.0
	if s.seg != nil {
		phi, p1, p2, p3 = s.seg.Jet(x)
	}
	if !s.gated {
		return jet{x, phi * s.slope, p1 * s.slope, p2 * s.slope, p3 * s.slope, p1}
	}
	w, w1, w2, w3 := normalJet(x)
	return jet{
		x:    x,
		y:    phi * w,
		d1:   p1*w + phi*w1,
		d2:   p2*w + 2*p1*w1 + phi*w2,
		d3:   p3*w + 3*(p2*w1+p1*w2) + phi*w3,
		phi1: p1,
	}
}

// weights returns the weights ω of φ and its derivatives in x that equal the given
// ones of φ·w, where w(x) = ∂y/∂φ is the gate.
func (s *smooth) weights(x float64, o cpab.Weights) cpab.Weights {
	if !s.gated {
		return cpab.Weights{o[0] * s.slope, o[1] * s.slope, o[2] * s.slope}
	}
	w, w1, w2, _ := normalJet(x)
	return cpab.Weights{o[0]*w + o[1]*w1 + o[2]*w2, o[1]*w + 2*o[2]*w1, o[2] * w}
}

// normalJet returns Φ(x) and its first three derivatives.
func normalJet(x float64) (w, w1, w2, w3 float64) {
	w, w1 = normal(x)
	w2 = -x * w1
	return w, w1, w2, (x*x - 1) * w1
}

// smooths returns the smooth intervals of the curve from left to right; they
// cover the line. segs are those of the field's flow for time 1. It appends to
// out[:0].
func (e *Exact) smooths(out []smooth, segs []cpab.Segment) []smooth {
	c := e.curve
	out = out[:0]
	within := 0.0
	if c.variant == Leaky {
		within = e.leakyZero()
	}
	zero := func(outside bool) float64 { // where x̃ changes sign
		if outside {
			return 0
		}
		return within
	}
	add := func(from, to float64, seg *cpab.Segment, outside bool) {
		if !(from < to) {
			return
		}
		s := smooth{from: from, to: to, seg: seg, slope: 1, open: outside && from == c.b}
		switch {
		case c.variant == DiTAC, c.variant == Infinite, c.variant == GE && outside && to <= c.a:
			s.gated = true
		case c.variant == Leaky && to <= zero(outside):
			s.slope = c.slope
		}
		out = append(out, s)
	}
	// split adds from..to in two where a leaky ReLU has its kink.
	split := func(from, to float64, seg *cpab.Segment, outside bool) {
		if c.variant == Leaky {
			if zero := zero(outside); from < zero && zero < to {
				add(from, zero, seg, outside)
				from = zero
			}
		}
		add(from, to, seg, outside)
	}
	if c.variant == Infinite {
		for i := range segs {
			add(segs[i].From, segs[i].To, &segs[i], false)
		}
		return out
	}
	split(math.Inf(-1), c.a, nil, true)
	for i := range segs {
		split(math.Max(segs[i].From, c.a), math.Min(segs[i].To, c.b), &segs[i], false)
	}
	split(c.b, math.Inf(1), nil, true)
	return out
}

// leakyZero returns the least x where φ is not negative, as the exact evaluation has it:
// some ulp beside the point that flows into 0.
func (e *Exact) leakyZero() float64 {
	x := e.field.Flow(0, -1)
	if math.IsInf(x, 0) {
		return x
	}
	negative := func(x float64) bool { return e.field.Flow(x, 1) < 0 }
	left := math.Nextafter(x, math.Inf(-1))
	if !negative(x) && negative(left) {
		return x
	}
	// Bisection, from where the rounding of φ has no say.
	right := x
	for d := (e.curve.b - e.curve.a) * 0x1p-52; negative(right) || !negative(left); d *= 2 {
		if left, right = x-d, x+d; math.IsInf(d, 0) {
			return x
		}
	}
	for {
		middle := left + (right-left)/2
		switch {
		case middle == left || middle == right:
			return right
		case negative(middle):
			left = middle
		default:
			right = middle
		}
	}
}
