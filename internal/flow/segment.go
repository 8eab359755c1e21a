package flow

import "math"

// Segment is an interval on which the flow for a given time is smooth: between
// two neighbours among the vertices and the points that flow into a vertex. All
// trajectories that start in a segment run through the same cells, so that
//
//	φ(x) = A + B·v(x)^p,  p = slope of the last cell ÷ slope of the first
//
// (or the limits of this form), with derivatives of every order in closed form.
type Segment struct {
	From, To float64 // ±Inf for the outermost ones

	field       *Field
	time        float64
	first, last int
	rightward   bool
	exit        float64 // velocity at the vertex where the first cell is left
	exitAt      float64 // and the vertex
	mid         float64 // signed time for the cells between first and last
	entry       float64 // velocity at the vertex where the last cell is entered
	entryAt     float64
}

// Segments returns the segments of the flow for time t from left to right; they
// cover the whole line. It appends to dst[:0]. A t that is not finite has none.
func (f *Field) Segments(dst []Segment, t float64) []Segment {
	dst = dst[:0]
	if !isFinite(t) {
		return dst
	}
	// The starts of segments are the vertices and the points that flow into them,
	// both in order. As many of them as lie at or left of a point tell the cells
	// in which its trajectory starts and ends.
	vert := f.grid.Vertices
	from := math.Inf(-1)
	v, p := 0, 0 // vertices at or left of from, and points that flow into vertices
	pre := f.preimage(0, t, from)
	for {
		to := pre
		if v < len(vert) && !(vert[v] > to) {
			to = vert[v]
		}
		if to == from && v == p && f.hasZero(v-1) {
			to = math.Nextafter(from, math.Inf(1)) // of the zero at least, which nothing flows out of
		}
		if to > from {
			dst = append(dst, f.segment(from, to, t, v-1, p-1))
			from = to
		}
		if math.IsInf(to, 1) {
			return dst
		}
		if v < len(vert) && vert[v] == to {
			v++
		}
		if p < len(vert) && !(pre > to) {
			p++
			pre = f.preimage(p, t, pre)
		}
	}
}

// hasZero reports whether the velocity is 0 somewhere in a cell, which is none beyond the
// ends.
func (f *Field) hasZero(c int) bool {
	return c >= 0 && c < f.grid.Cells && !(f.v[c]*f.v[c+1] > 0)
}

// preimage returns the point that flows into vertex j in time t, or +Inf behind
// the last. It is not left of that of the vertex before, in spite of rounding.
func (f *Field) preimage(j int, t, before float64) float64 {
	switch {
	case j == len(f.v):
		return math.Inf(1)
	case f.v[j] == 0:
		return math.Max(before, f.grid.Vertices[j])
	}
	return math.Max(before, f.Flow(f.grid.Vertices[j], -t))
}

// segment returns the segment from..to of trajectories that start in cell first
// and end in cell last. Cells beyond the ends are the end cells.
func (f *Field) segment(from, to, t float64, first, last int) Segment {
	s := f.grid
	g := Segment{From: from, To: to, field: f, time: t}
	g.first = min(max(first, 0), s.Cells-1)
	g.last = min(max(last, 0), s.Cells-1)
	g.rightward = g.last > g.first
	switch {
	case g.first == g.last:
	case g.rightward:
		g.exit, g.exitAt = f.v[g.first+1], s.Vertices[g.first+1]
		g.entry, g.entryAt = f.v[g.last], s.Vertices[g.last]
		for c := g.first + 1; c < g.last; c++ {
			g.mid += f.cells[c].time
		}
	default:
		g.exit, g.exitAt = f.v[g.first], s.Vertices[g.first]
		g.entry, g.entryAt = f.v[g.last+1], s.Vertices[g.last+1]
		for c := g.first - 1; c > g.last; c-- {
			g.mid -= f.cells[c].time
		}
	}
	return g
}

// velocity returns v(x) by the segment's first cell.
func (g *Segment) velocity(x float64) (v, u float64) {
	f := g.field
	u = (x - f.grid.Vertices[g.first]) / f.grid.Width
	return f.v[g.first]*(1-u) + f.v[g.first+1]*u, u
}

// SpeedRatio returns v(b)/v(a) for two points of a segment whose trajectories leave
// their cell, and 1 for others. ∂φ/∂V is made of powers and logarithms of v there,
// else it is affine.
func (g *Segment) SpeedRatio(a, b float64) float64 {
	if g.first == g.last {
		return 1
	}
	va, _ := g.velocity(a)
	vb, _ := g.velocity(b)
	return vb / va
}

// Rates estimate the derivatives of ∂φ/∂V at x: that of order k ≥ 2 is about
// rate^(k−2)·second times ∂φ/∂V or 1, whichever is larger. Both are 0 for trajectories
// that stay in their cell, where ∂φ/∂V is affine.
func (g *Segment) Rates(x float64) (rate, second float64) {
	if g.first == g.last {
		return 0, 0
	}
	v, _ := g.velocity(x)
	f := g.field
	v = math.Abs(v)
	rate = (math.Abs(f.cells[g.first].slope) + math.Abs(f.cells[g.last].slope)) / v
	return rate, math.Max(rate*rate, 1/(v*f.grid.Width))
}

// Jet returns φ(x) and its first three derivatives. Within the segment and at its
// ends the derivatives are those of the segment's own side. They follow from
// φ^(k+1) = φ^(k)·(last slope − k·first slope)/v(x).
func (g *Segment) Jet(x float64) (phi, d1, d2, d3 float64) {
	f := g.field
	slope := f.cells[g.first].slope
	v, _ := g.velocity(x)
	if g.first == g.last {
		w := slope * g.time
		return x + v*g.time*expm1Over(w), math.Exp(w), 0, 0
	}
	rest := g.time - g.mid - crossingTime(v, g.exit, g.exitAt-x, slope)
	last := f.cells[g.last].slope
	w := last * rest
	em1 := math.Expm1(w)
	if math.Abs(w) < 1e-5 {
		phi = g.entryAt + g.entry*rest*expm1Over(w)
	} else {
		phi = g.entryAt + g.entry*em1/last
	}
	inv := 1 / v
	d1 = g.entry * (em1 + 1) * inv
	d2 = d1 * (last - slope) * inv
	return phi, d1, d2, d2 * (last - 2*slope) * inv
}

// GradSum collects Σ (ω₀ + ω₁·d/dx + ω₂·d²/dx²) ∂φ/∂V over points of one segment.
// Its zero value is an empty sum.
type GradSum struct {
	firstLeft, firstRight, mid, lastLeft, lastRight float64
}

// Weights are those of a function's value and first two derivatives.
type Weights [3]float64

// of returns the weighted sum of f, f′ and f″.
func (w *Weights) of(f, d1, d2 float64) float64 { return w[0]*f + w[1]*d1 + w[2]*d2 }

// AddGrad adds ω₀·f + ω₁·f′ + ω₂·f″ of the function f = ∂φ/∂V at x to the sum.
func (g *Segment) AddGrad(sum *GradSum, x float64, omega Weights) {
	if g.first == g.last {
		g.addGradWithin(sum, x, omega)
		return
	}
	f := g.field
	h, s, sl := f.grid.Width, f.cells[g.first].slope, f.cells[g.last].slope
	v, u := g.velocity(x)
	q := 1 / v // d rest/dx
	q2 := q * q

	p := crossing(v, g.exit, u, 1-u, (g.exitAt-x)/h, h, s)
	total, total1, total2 := p.total, -q2, 2*s*q2*q
	right, right1, right2 := p.right, -u*q2, -q2/h+2*u*s*q2*q

	rest := g.time - g.mid - p.time
	growth, e, ramp := expParts(sl * rest)
	vphi := g.entry * growth
	vphi1 := sl * vphi * q
	vphi2 := vphi1 * q * (sl - s)

	left := omega.of(vphi*(total-right), vphi1*(total-right)+vphi*(total1-right1),
		vphi2*(total-right)+2*vphi1*(total1-right1)+vphi*(total2-right2))
	sum.firstLeft += left
	sum.firstRight += omega.of(vphi*right, vphi1*right+vphi*right1, vphi2*right+2*vphi1*right1+vphi*right2)
	sum.mid += omega.of(vphi, vphi1, vphi2)

	// The last cell: T = ∫ e^{s(rest−τ)} dτ and R, its share of the right vertex,
	// with dT/drest = e^{s·rest} and dR/drest = (offset of φ) + s·R.
	entryU := 0.0
	if !g.rightward {
		entryU = 1
	}
	lastTotal := rest * e
	lastRight := entryU*lastTotal + g.entry/h*rest*rest*ramp
	d := entryU + g.entry*lastTotal/h + sl*lastRight
	lastTotal1, lastTotal2 := growth*q, growth*q2*(sl-s)
	lastRight1, lastRight2 := d*q, (vphi/h+d*(sl-s))*q2
	sum.lastLeft += omega.of(lastTotal-lastRight, lastTotal1-lastRight1, lastTotal2-lastRight2)
	sum.lastRight += omega.of(lastRight, lastRight1, lastRight2)
}

// addGradWithin is AddGrad for trajectories that stay in their cell, where ∂φ/∂V
// is affine in x.
func (g *Segment) addGradWithin(sum *GradSum, x float64, omega Weights) {
	f := g.field
	h, s := f.grid.Width, f.cells[g.first].slope
	v, u := g.velocity(x)
	_, e, ramp := expParts(s * g.time)
	total := g.time * e
	perV := g.time * g.time * ramp / h
	right, right1 := u*total+v*perV, total/h+s*perV
	sum.lastLeft += omega.of(total-right, -right1, 0)
	sum.lastRight += omega.of(right, right1, 0)
}

// Flush adds the sum to dv (cells+1 numbers) and empties it.
func (g *Segment) Flush(dv []float64, sum *GradSum) {
	dv[g.last] += sum.lastLeft
	dv[g.last+1] += sum.lastRight
	if g.first != g.last {
		dv[g.first] += sum.firstLeft
		dv[g.first+1] += sum.firstRight
		step, weight := 1, sum.mid
		if !g.rightward {
			step, weight = -1, -sum.mid
		}
		for c := g.first + step; c != g.last; c += step {
			dv[c] += weight * g.field.cells[c].left
			dv[c+1] += weight * g.field.cells[c].right
		}
	}
	*sum = GradSum{}
}
