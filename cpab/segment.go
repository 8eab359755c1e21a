package cpab

import (
	"math"
	"slices"
)

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
	kinks := slices.Clone(f.space.vert)
	for j, x := range f.space.vert {
		if f.v[j] != 0 {
			if pre := f.Flow(x, -t); isFinite(pre) {
				kinks = append(kinks, pre)
			}
		}
	}
	slices.Sort(kinks)
	kinks = slices.Compact(kinks)
	from := math.Inf(-1)
	for _, to := range append(kinks, math.Inf(1)) {
		dst = append(dst, f.segment(from, to, t))
		from = to
	}
	return dst
}

// segment returns the segment from..to, whose cells it learns from a trajectory
// that starts inside.
func (f *Field) segment(from, to, t float64) Segment {
	s := f.space
	inside := from + (to-from)/2
	switch {
	case math.IsInf(from, -1):
		inside = to - s.h
	case math.IsInf(to, 1):
		inside = from + s.h
	}
	var p path
	f.walk(&p, inside, t)
	g := Segment{From: from, To: to, field: f, time: t, first: p.first, last: p.last, rightward: p.last > p.first}
	switch {
	case g.first == g.last:
	case g.rightward:
		g.exit, g.exitAt = f.v[g.first+1], s.vert[g.first+1]
		g.entry, g.entryAt = f.v[g.last], s.vert[g.last]
		for c := g.first + 1; c < g.last; c++ {
			g.mid += f.cells[c].time
		}
	default:
		g.exit, g.exitAt = f.v[g.first], s.vert[g.first]
		g.entry, g.entryAt = f.v[g.last+1], s.vert[g.last+1]
		for c := g.first - 1; c > g.last; c-- {
			g.mid -= f.cells[c].time
		}
	}
	return g
}

// velocity returns v(x) by the segment's first cell.
func (g *Segment) velocity(x float64) (v, u float64) {
	f := g.field
	u = (x - f.space.vert[g.first]) / f.space.h
	return f.v[g.first]*(1-u) + f.v[g.first+1]*u, u
}

// Jet returns φ(x) and its first two derivatives. Within the segment and at its
// ends the derivatives are those of the segment's own side.
func (g *Segment) Jet(x float64) (phi, d1, d2 float64) {
	f := g.field
	slope := f.cells[g.first].slope
	v, _ := g.velocity(x)
	if g.first == g.last {
		w := slope * g.time
		return x + v*g.time*expm1Over(w), math.Exp(w), 0
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
	d1 = g.entry * (em1 + 1) / v
	return phi, d1, d1 * (last - slope) / v
}

// Higher returns |φ^(k)(x)|, k = 0 … 5, from the first three, which Jet gives:
// φ^(k+1) = φ^(k)·(last slope − k·first slope)/v(x). Each is a power of v(x)
// times a constant, so between two points of a segment it is largest at one of
// them.
func (g *Segment) Higher(x, phi, d1, d2 float64) (d [6]float64) {
	d[0], d[1], d[2] = math.Abs(phi), math.Abs(d1), math.Abs(d2)
	if g.first == g.last {
		return d
	}
	slope, last := g.field.cells[g.first].slope, g.field.cells[g.last].slope
	v, _ := g.velocity(x)
	for k := 3; k < len(d); k++ {
		d[k] = d[k-1] * math.Abs((last-float64(k-1)*slope)/v)
	}
	return d
}

// GradSum collects Σ ω·∂φ/∂V over points of one segment. Its zero value is an
// empty sum.
type GradSum struct {
	firstLeft, firstRight, mid, lastLeft, lastRight float64
}

// AddGrad adds ω·∂φ/∂V at x to the sum.
func (g *Segment) AddGrad(sum *GradSum, x, omega float64) {
	f := g.field
	h := f.space.h
	first := &f.cells[g.first]
	v, u := g.velocity(x)
	rest, entry, entryU := g.time, v, u
	vphi := 0.0
	last := &f.cells[g.last]
	if g.first != g.last {
		p := crossing(v, g.exit, u, (g.exitAt-x)/h, h, first.slope)
		rest -= g.mid + p.time
		entry, entryU = g.entry, 0
		if !g.rightward {
			entryU = 1
		}
		vphi = entry * math.Exp(last.slope*rest)
		sum.firstLeft += omega * vphi * (p.total - p.right)
		sum.firstRight += omega * vphi * p.right
		sum.mid += omega * vphi
	}
	w := last.slope * rest
	total := rest * expm1Over(w)
	right := entryU*total + entry/h*rest*rest*expRamp(w)
	sum.lastLeft += omega * (total - right)
	sum.lastRight += omega * right
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
