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
}

// jet is a curve at a point, seen from one side: y, y′, y″, and |φ^(k)|.
type jet struct {
	x, y, d1, d2 float64
	phi          [6]float64
}

// at returns the curve at x, from within s.
func (s *smooth) at(x float64) jet {
	j := jet{x: x}
	phi, p1, p2 := x, 1.0, 0.0
	if s.seg != nil {
		phi, p1, p2 = s.seg.Jet(x)
		j.phi = s.seg.Higher(x, phi, p1, p2)
	} else {
		j.phi = [6]float64{math.Abs(x), 1}
	}
	if !s.gated {
		j.y, j.d1, j.d2 = phi*s.slope, p1*s.slope, p2*s.slope
		return j
	}
	w, pdf := normalCDF(x), normalPDF(x)
	j.y = phi * w
	j.d1 = p1*w + phi*pdf
	j.d2 = p2*w + (2*p1-phi*x)*pdf
	return j
}

// gate returns w(x) = ∂y/∂φ.
func (s *smooth) gate(x float64) float64 {
	if s.gated {
		return normalCDF(x)
	}
	return s.slope
}

// gateBounds are bounds on |Φ^(k)(x)| over the line.
var gateBounds = [6]float64{1, 0.399, 0.242, 0.399, 0.551, 1.197}

// bounds returns bounds on |y⁗| and |y^(5)| between two points of s, by Leibniz'
// rule from those of φ, each of which is monotone within s, and of the gate.
func (s *smooth) bounds(a, b *jet) (m4, m5 float64) {
	var phi [6]float64
	for k := range phi {
		phi[k] = math.Max(a.phi[k], b.phi[k])
	}
	if !s.gated {
		c := math.Abs(s.slope)
		return c * phi[4], c * phi[5]
	}
	binomial4, binomial5 := [5]float64{1, 4, 6, 4, 1}, [6]float64{1, 5, 10, 10, 5, 1}
	for k, c := range binomial4 {
		m4 += c * phi[k] * gateBounds[4-k]
	}
	for k, c := range binomial5 {
		m5 += c * phi[k] * gateBounds[5-k]
	}
	return m4, m5
}

// smooths returns the smooth intervals of the curve from left to right; they
// cover the line. segs are those of the field's flow for time 1.
func (e *Exact) smooths(segs []cpab.Segment) []smooth {
	c := e.curve
	out := make([]smooth, 0, len(segs)+3)
	add := func(from, to float64, seg *cpab.Segment, outside bool) {
		if !(from < to) {
			return
		}
		s := smooth{from: from, to: to, seg: seg, slope: 1}
		switch {
		case c.variant == DiTAC, c.variant == Infinite, c.variant == GE && outside && to <= c.a:
			s.gated = true
		case c.variant == Leaky && !(e.leakySide(from, to, seg) > 0):
			s.slope = c.slope
		}
		out = append(out, s)
	}
	// split adds from..to in two where a leaky ReLU has its kink.
	split := func(from, to float64, seg *cpab.Segment, outside bool) {
		if zero := e.leakyZero(outside); c.variant == Leaky && from < zero && zero < to {
			add(from, zero, seg, outside)
			from = zero
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

// leakyZero returns the x where x̃ changes sign.
func (e *Exact) leakyZero(outside bool) float64 {
	if outside {
		return 0
	}
	return e.field.Flow(0, -1)
}

// leakySide returns x̃ at a point inside from..to.
func (e *Exact) leakySide(from, to float64, seg *cpab.Segment) float64 {
	x := from + (to-from)/2
	switch {
	case math.IsInf(from, -1):
		x = to - 1
	case math.IsInf(to, 1):
		x = from + 1
	}
	if seg == nil {
		return x
	}
	phi, _, _ := seg.Jet(x)
	return phi
}
