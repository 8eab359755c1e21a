package flow

import "math"

// SegmentLayout holds the numbers of a Segment by which others evaluate φ and its gradient.
// Velocities are affine in x in the cell where trajectories start:
//
//	v(x) = V0·(1 − u) + V1·u,  u = (x − Vertex)/h,  h the width of the cell,
//
// which goes to NextVertex.
//
// For trajectories that stay in their cell, φ = x + v·Gain and φ′ = Growth. Others leave
// it at ExitAt with velocity Exit, have Time left but for what that took, and end in a
// cell that they enter at EntryAt with velocity Entry, at EntryU of its width.
type SegmentLayout struct {
	Crosses                    bool
	Vertex, NextVertex, V0, V1 float64

	Gain, Growth, Total, PerV float64 // of those that stay: see Sums

	Exit, ExitAt, Entry, EntryAt, FirstSlope, LastSlope, Time, EntryU float64 // of those that cross; FirstSlope of all
}

// Layout returns the segment's layout. It reports false if velocities grow so much that
// it would lose digits or overflow: then the field's own functions do better.
func (g *Segment) Layout() (l SegmentLayout, ok bool) {
	f := g.field
	first, last := f.cells[g.first].slope, f.cells[g.last].slope
	l = SegmentLayout{Crosses: g.first != g.last, Vertex: f.grid.Vertices[g.first], NextVertex: f.grid.Vertices[g.first+1], V0: f.v[g.first], V1: f.v[g.first+1], FirstSlope: first}
	const steep = 40 // e^steep squared is far from overflow
	ok = math.Abs(first*g.time) < steep && math.Abs(last*g.time) < steep
	if !l.Crosses {
		w := first * g.time
		growth, e, ramp := expParts(w)
		l.Gain, l.Growth = g.time*e, growth
		l.Total, l.PerV = g.time*e, g.time*g.time*ramp/f.grid.Width
		return l, ok
	}
	l.Exit, l.ExitAt, l.Entry, l.EntryAt = g.exit, g.exitAt, g.entry, g.entryAt
	l.LastSlope, l.Time = last, g.time-g.mid
	if !g.rightward {
		l.EntryU = 1
	}
	return l, ok
}

// Sums are what the gradient of a segment is made of: sums over its points, weighted
// with ω, of functions of the point. With the names of SegmentLayout, for points that
// stay, the last two count:
//
//	Σ ω·(Total − R), Σ ω·R,  R = u·Total + v·PerV.
//
// For points that cross, with the times and integrals of crossing (∫ dy/v² over the way
// to ExitAt, and R of it with the weight of the right vertex), r the time that is left,
// E and F those of expParts(LastSlope·r), and v(φ) = Entry·e^{LastSlope·r}:
//
//	Σ ω·v(φ)·(∫ − R), Σ ω·v(φ)·R, Σ ω·v(φ), Σ ω·(r·E − Q), Σ ω·Q,  Q = EntryU·r·E + Entry/h·r²·F.
type Sums [5]float64

// AddSums adds Σ ω·∂φ/∂V to dv (cells+1 numbers).
func (g *Segment) AddSums(dv []float64, s Sums) {
	g.Flush(dv, &GradSum{firstLeft: s[0], firstRight: s[1], mid: s[2], lastLeft: s[3], lastRight: s[4]})
}
