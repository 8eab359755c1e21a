package shape

import (
	"math"

	"github.com/ditac-go/ditac/internal/flow"
)

// Smooth is an interval on which the curve has derivatives of every order:
// y = φ(x)·w(x) with φ the flow in one of its segments, or the identity outside
// the domain, and the gate w the normal distribution function or a constant.
type Smooth struct {
	From, To float64
	Seg      *flow.Segment // nil: φ(x) = x
	Gated    bool          // w = Φ(x), else the constant Slope
	Slope    float64
	Alpha    float64 // the amplification of φ − x where Seg is; see amplify
	Open     bool    // From itself belongs to the interval before: so at the upper end of the domain
}

// Jet is a curve at a point, seen from one side: y and its first three
// derivatives, and the slope of φ.
type Jet struct {
	X, Y, D1, D2, D3 float64
	Phi1             float64
}

// At returns the curve at x, from within s.
func (s *Smooth) At(x float64) Jet {
	phi, p1, p2, p3 := x, 1.0, 0.0, 0.0
	if s.Seg != nil {
		phi, p1, p2, p3 = s.Seg.Jet(x)
		if s.Alpha != 1 {
			phi, p1, p2, p3 = amplify(x, phi, s.Alpha), amplifySlope(p1, s.Alpha), s.Alpha*p2, s.Alpha*p3
		}
	}
	if !s.Gated {
		return Jet{x, phi * s.Slope, p1 * s.Slope, p2 * s.Slope, p3 * s.Slope, p1}
	}
	w, w1, w2, w3 := normalJet(x)
	return Jet{
		X:    x,
		Y:    phi * w,
		D1:   p1*w + phi*w1,
		D2:   p2*w + 2*p1*w1 + phi*w2,
		D3:   p3*w + 3*(p2*w1+p1*w2) + phi*w3,
		Phi1: p1,
	}
}

// Weights returns the weights ω of the flow and its derivatives in x that equal the given
// ones of y, where ∂y/∂φ is the gate w(x), times the amplification.
func (s *Smooth) Weights(x float64, o flow.Weights) flow.Weights {
	if s.Alpha != 1 {
		for k := range o {
			o[k] *= s.Alpha
		}
	}
	return s.gateWeights(x, o)
}

// gateWeights returns the weights of a function and its derivatives in x that equal the
// given ones of the function times the gate.
func (s *Smooth) gateWeights(x float64, o flow.Weights) flow.Weights {
	if !s.Gated {
		return flow.Weights{o[0] * s.Slope, o[1] * s.Slope, o[2] * s.Slope}
	}
	w, w1, w2, _ := normalJet(x)
	return flow.Weights{o[0]*w + o[1]*w1 + o[2]*w2, o[1]*w + 2*o[2]*w1, o[2] * w}
}

// GradAlpha returns ω₀·f + ω₁·f′ + ω₂·f″ of the function f = ∂y/∂α = (T(x) − x)·w at x.
func (s *Smooth) GradAlpha(x float64, omega flow.Weights) float64 {
	if s.Seg == nil {
		return 0
	}
	o := s.gateWeights(x, omega)
	phi, p1, p2, _ := s.Seg.Jet(x)
	return o[0]*(phi-x) + o[1]*(p1-1) + o[2]*p2
}

// normalJet returns Φ(x) and its first three derivatives.
func normalJet(x float64) (w, w1, w2, w3 float64) {
	w, w1 = normal(x)
	w2 = -x * w1
	return w, w1, w2, (x*x - 1) * w1
}

// Smooths returns the smooth intervals of the curve from left to right; they
// cover the line. segs are those of the field's flow for time 1. It appends to
// out[:0].
func (e *Exact) Smooths(out []Smooth, segs []flow.Segment) []Smooth {
	c, v := e.Curve, e.Curve.Variant
	from, to := c.Grid.A, c.Grid.B
	if v.Whole {
		from, to = math.Inf(-1), math.Inf(1)
	}
	zero := 0.0 // where φ changes its sign
	if v.Inside == Side {
		zero = e.zero()
	}
	out = c.add(out[:0], Smooth{From: math.Inf(-1), To: from}, v.Below, 0)
	for i := range segs {
		g := &segs[i]
		out = c.add(out, Smooth{From: math.Max(g.From, from), To: math.Min(g.To, to), Seg: g, Alpha: e.Alpha}, v.Inside, zero)
	}
	return c.add(out, Smooth{From: to, To: math.Inf(1), Open: true}, v.Above, 0)
}

// add adds an interval that is smooth but for its gate: in two where that has a kink, at
// zero, and not at all if it is empty.
func (c *Curve) add(out []Smooth, s Smooth, gate Gate, zero float64) []Smooth {
	if gate == Side && s.From < zero && zero < s.To {
		left := s
		left.To = zero
		out = c.add(out, left, gate, zero)
		s.From, s.Open = zero, false
	}
	if !(s.From < s.To) {
		return out
	}
	s.Gated, s.Slope = gate == Normal, 1
	if gate == Side && s.To <= zero {
		s.Slope = c.Slope
	}
	return append(out, s)
}

// Breakpoint returns the least float32 at or right of x: the first element of what starts
// at x within s.
func (s *Smooth) Breakpoint(x float64) float32 {
	f := float32(x)
	if float64(f) < x || s.Open && float64(f) == x && x == s.From {
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

// zero returns the least x where φ is not negative, as the exact evaluation has it:
// some ulp beside the point that flows into 0.
func (e *Exact) zero() float64 {
	x := e.Field.Flow(0, -1)
	if math.IsInf(x, 0) {
		return x
	}
	negative := func(x float64) bool { return e.Field.Flow(x, 1) < 0 }
	left := math.Nextafter(x, math.Inf(-1))
	if !negative(x) && negative(left) {
		return x
	}
	// Bisection, from where the rounding of φ has no say.
	right := x
	for d := (e.Curve.Grid.B - e.Curve.Grid.A) * 0x1p-52; negative(right) || !negative(left); d *= 2 {
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
