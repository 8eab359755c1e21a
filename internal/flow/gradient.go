package flow

import "math"

// addGradV adds g·∂φ/∂V_j along the path: ∂φ/∂V_j = v(φ)·∫_x^φ N_j/v² dy with
// N_j the hat function of vertex j. Each cell touches its two vertices only.
func (f *Field) addGradV(dv []float64, p *path, g float64) {
	h := f.grid.Width
	last := &f.cells[p.last]
	// The last cell, entered at velocity v for the time t that is left. This
	// form, already multiplied by v(φ), is right at v = 0 too.
	t := p.rest
	_, e, ramp := expParts(last.slope * t)
	total := t * e
	shift := times(p.entry/h*t*t, ramp) // of the shares, on the way
	dv[p.last] += g * (times(p.entryR, total) - shift)
	dv[p.last+1] += g * (times(p.entryU, total) + shift)
	if p.first == p.last {
		return
	}
	vphi := p.entry * p.growth
	if vphi == 0 { // it has underflowed: so have the products below, whose other factors may overflow
		return
	}
	step, sign := 1, 1.0
	ahead := p.first + 1
	dist := p.r
	if p.last < p.first {
		step, sign = -1, -1.0
		ahead = p.first
		dist = -p.u
	}
	first := crossing(p.v0, f.v[ahead], p.u, p.r, dist, h, f.cells[p.first].slope)
	dv[p.first] += g * vphi * first.left
	dv[p.first+1] += g * vphi * first.right
	for c := p.first + step; c != p.last; c += step {
		dv[c] += g * vphi * sign * f.cells[c].left
		dv[c+1] += g * vphi * sign * f.cells[c].right
	}
}

// times returns x·y, and 0 for x = 0 even if y has overflowed: a point at rest
// stays where it is.
func times(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * y
}

// integrals are over the part of a cell that a trajectory crosses.
type integrals struct {
	time  float64 // ∫ dy/v
	total float64 // ∫ dy/v²
	left  float64 // ∫ N/v² dy, N the hat of the cell's left vertex
	right float64 // and of its right vertex
}

// crossing integrates from the offset u = 1−r over the distance dist (all in cell
// widths, dist < 0 leftwards), with velocity v0 at the start and v1 ≠ 0 of the
// same sign at the end.
func crossing(v0, v1, u, r, dist, h, slope float64) integrals {
	d := dist * h
	p := integrals{total: d / v0 / v1}
	ramp := 0.0
	if z := slope * d / v0; math.Abs(z) < 0.5 {
		l, g := logParts(z)
		p.time = d / v0 * l
		ramp = d / v0 * (d / v0) * g
	} else {
		// The same integrals over y; v0 may be so small that (d/v0)² overflows.
		ratio := v1 / v0
		log, gain := logRatio(v1, v0), (ratio-1)/ratio
		if math.IsInf(ratio, 0) {
			gain = 1
		}
		p.time = log / slope
		ramp = (log - gain) / (slope * slope)
	}
	p.left, p.right = r*p.total-ramp/h, u*p.total+ramp/h
	return p
}

// crossingTime returns ∫ dy/v over the distance d, with velocity v0 at the
// start and v1 of the same sign at the end: d/v0·log(1+z)/z, z = v1/v0 − 1.
func crossingTime(v0, v1, d, slope float64) float64 {
	if z := slope * d / v0; math.Abs(z) < 0.5 {
		return d / v0 * log1pOver(z)
	}
	return logRatio(v1, v0) / slope
}

// logRatio returns log(v1/v0) for velocities of one sign, even if the ratio is beyond
// float64.
func logRatio(v1, v0 float64) float64 {
	ratio := v1 / v0
	if ratio == 0 || math.IsInf(ratio, 0) {
		return math.Log(math.Abs(v1)) - math.Log(math.Abs(v0))
	}
	return math.Log(ratio)
}
