package cpab

import "math"

// Flow returns φ(x), the place at time t of the trajectory that is at x at time
// 0. Negative t flows backwards: Flow(Flow(x, t), −t) = x up to rounding. A
// point at rest stays exactly where it is. With ZeroBoundary the domain maps
// onto itself. ±Inf stay ±Inf; NaN in x, or a t that is not finite, gives NaN.
//
// Outside the domain the field goes on as in the end cells, with either boundary (as in
// the literature and its implementations): ZeroBoundary holds the ends, not what is
// beyond them. To have all points outside at rest, as one who warps a signal wants it,
// use [Field.Warp].
func (f *Field) Flow(x, t float64) float64 {
	var p path
	f.walk(&p, x, t)
	return p.phi
}

// FlowDx returns φ(x) as Flow does and its derivative ∂φ/∂x = v(φ)/v(x), or
// e^{slope·t} for a trajectory that stays in one cell, which is right where
// v(x) = 0 too. At a vertex of zero velocity, where φ has a kink, it is the
// derivative from the right. Outside the domain see Flow.
func (f *Field) FlowDx(x, t float64) (phi, dx float64) {
	var p path
	f.walk(&p, x, t)
	return p.phi, p.dx
}

// FlowGrad returns φ(x) and ∂φ/∂x as FlowDx does, and the gradient ∂φ/∂θ (Dim
// numbers). The gradient is written to dst when dst has the capacity, as append
// would, else to a new slice.
func (f *Field) FlowGrad(dst []float64, x, t float64) (phi, dx float64, dtheta []float64) {
	d := f.space.dim
	if cap(dst) < d {
		dst = make([]float64, d)
	}
	dst = dst[:d]
	clear(dst)
	dv := make([]float64, f.space.cells+1)
	phi, dx = f.AddGradV(dv, x, t, 1)
	f.space.p.pullBack(dst, dv)
	return phi, dx, dst
}

// Warp returns Flow(x, t) for x in the domain [a,b], and x itself outside: with
// ZeroBoundary a continuous warp of the line that moves the domain only. (With
// FreeBoundary it jumps at the ends.)
func (f *Field) Warp(x, t float64) float64 {
	if f.space.outside(x) && isFinite(t) {
		return x
	}
	return f.Flow(x, t)
}

// WarpGrad returns what Warp does, with its derivatives, as FlowGrad does: outside the
// domain ∂φ/∂x = 1 and ∂φ/∂θ = 0. At the ends they are those from inside.
func (f *Field) WarpGrad(dst []float64, x, t float64) (phi, dx float64, dtheta []float64) {
	if !f.space.outside(x) || !isFinite(t) {
		return f.FlowGrad(dst, x, t)
	}
	if cap(dst) < f.space.dim {
		dst = make([]float64, f.space.dim)
	}
	dst = dst[:f.space.dim]
	clear(dst)
	return x, 1, dst
}

// outside reports whether x is a number outside the domain.
func (s *Space) outside(x float64) bool { return x < s.a || x > s.b }

// AddGradV adds g·∂φ/∂V_j to dv[j] for every vertex velocity V_j, and returns
// φ(x) and ∂φ/∂x. Its cost is that of the cells between x and φ(x), not that of
// all cells; one [Space.PullBack] after many elements gives their sum's
// gradient with respect to θ. A dv with fewer than cells+1 elements gets what
// fits.
func (f *Field) AddGradV(dv []float64, x, t, g float64) (phi, dx float64) {
	var p path
	f.walk(&p, x, t)
	if len(dv) == len(f.v) {
		f.addGradV(dv, &p, g)
	} else {
		full := make([]float64, len(f.v))
		f.addGradV(full, &p, g)
		for j := range min(len(dv), len(full)) {
			dv[j] += full[j]
		}
	}
	return p.phi, p.dx
}

// path is what walk learns of a trajectory. It starts in cell first, at offset
// u = 1−r (in cell widths) with velocity v0; it ends in cell last, entered at
// velocity entry and offset entryU = 1−entryR, with time rest left. r and entryR
// keep the digits that 1−u loses next to the cell's right vertex.
type path struct {
	phi, dx        float64
	first, last    int
	u, r, v0       float64
	entry          float64
	entryU, entryR float64
	rest           float64
	growth         float64 // e^{slope·rest} in the last cell
}

// walk follows the trajectory from x for time t, cell by cell.
func (f *Field) walk(p *path, x, t float64) {
	s := f.space
	if math.IsNaN(x) || !isFinite(t) {
		*p = path{phi: math.NaN(), dx: math.NaN(), rest: math.NaN()}
		return
	}
	if math.Abs(x) > farAway && f.walkAtInf(p, x, t) {
		return
	}
	c, u, r := s.locate(x)
	v0 := float64(r*f.v[c]) + float64(u*f.v[c+1])
	rightward := v0 > 0 == (t > 0)
	if u == 0 && c > 0 && v0 != 0 && !rightward {
		// On a vertex and moving left: the trajectory runs in the cell on the left.
		c, u, r = c-1, 1, 0
	}
	*p = path{first: c, last: c, u: u, r: r, v0: v0, entry: v0, entryU: u, entryR: r, rest: t}
	y := x
	for v0 != 0 {
		tau, next, ok := f.exit(p, rightward)
		if !ok || math.Abs(tau) >= math.Abs(p.rest) {
			break
		}
		p.rest -= tau
		p.last = next
		if rightward {
			p.entry, p.entryU, p.entryR, y = f.v[next], 0, 1, s.vert[next]
		} else {
			p.entry, p.entryU, p.entryR, y = f.v[next+1], 1, 0, s.vert[next+1]
		}
	}
	w := f.cells[p.last].slope * p.rest
	p.growth = math.Exp(w)
	p.phi = y
	if p.entry != 0 {
		p.phi = f.clamp(y+float64(p.entry*p.rest*expm1Over(w)), p, rightward)
	}
	p.dx = p.growth
	if p.last != p.first {
		if gain := p.entry / p.v0; !math.IsInf(gain, 0) {
			p.dx *= gain
		} else {
			p.dx = p.dx * p.entry / p.v0 // the growth may outweigh it
		}
	}
}

// exit returns the signed time that the trajectory needs from its entry into
// the cell p.last to the vertex ahead, and the cell behind that vertex. ok is
// false when it never gets there: the velocity ahead is zero or of the other
// sign, or the cell is an end cell and the way leads out.
func (f *Field) exit(p *path, rightward bool) (tau float64, next int, ok bool) {
	c := p.last
	ahead := c + 1
	if next = c + 1; !rightward {
		ahead, next = c, c-1
	}
	if next < 0 || next >= len(f.cells) || !sameSign(p.entry, f.v[ahead]) {
		return 0, 0, false
	}
	switch {
	case c == p.first:
		h := f.space.h
		if rightward {
			tau = crossingTime(p.v0, f.v[ahead], p.r*h, f.cells[c].slope)
		} else {
			tau = crossingTime(p.v0, f.v[ahead], -p.u*h, f.cells[c].slope)
		}
	case rightward:
		tau = f.cells[c].time
	default:
		tau = -f.cells[c].time
	}
	return tau, next, true
}

// clamp keeps rounding from carrying the end y of the path over the vertex
// ahead, which the path does not reach.
func (f *Field) clamp(y float64, p *path, rightward bool) float64 {
	c, vert := p.last, f.space.vert
	if rightward {
		closed := c < len(f.cells)-1 || p.entryU <= 1 && !sameSign(p.entry, f.v[c+1])
		if closed && y > vert[c+1] {
			return vert[c+1]
		}
		return y
	}
	closed := c > 0 || p.entryU >= 0 && !sameSign(p.entry, f.v[c])
	if closed && y < vert[c] {
		return vert[c]
	}
	return y
}

// farAway is where offsets in cell widths may overflow.
const farAway = 1e300

// walkAtInf is walk for x = ±Inf, as the limit φ = x, ∂φ/∂x = e^{slope·t}, and for others
// that far away, where φ = x·e^{slope·t} to the last digit. It reports false if a
// trajectory comes back from there.
func (f *Field) walkAtInf(p *path, x, t float64) bool {
	c := 0
	if x > 0 {
		c = f.space.cells - 1
	}
	v := f.velocityAtInf(x)
	growth := math.Exp(f.cells[c].slope * t)
	phi := x
	if !math.IsInf(x, 0) {
		if phi = x * growth; math.Abs(phi) < math.Sqrt(farAway) {
			return false
		}
	}
	u := x / f.space.h
	*p = path{phi: phi, dx: growth, first: c, last: c, u: u, r: -u, v0: v, entry: v, entryU: u, entryR: -u, rest: t, growth: growth}
	return true
}

// addGradV adds g·∂φ/∂V_j along the path: ∂φ/∂V_j = v(φ)·∫_x^φ N_j/v² dy with
// N_j the hat function of vertex j. Each cell touches its two vertices only.
func (f *Field) addGradV(dv []float64, p *path, g float64) {
	h := f.space.h
	last := &f.cells[p.last]
	// The last piece, entered at velocity v for the time t that is left. This
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

// piece holds integrals over a part of a cell that a trajectory crosses.
type piece struct {
	time  float64 // ∫ dy/v
	total float64 // ∫ dy/v²
	left  float64 // ∫ N/v² dy, N the hat of the cell's left vertex
	right float64 // and of its right vertex
}

// crossing integrates from the offset u = 1−r over the distance dist (all in cell
// widths, dist < 0 leftwards), with velocity v0 at the start and v1 ≠ 0 of the
// same sign at the end.
func crossing(v0, v1, u, r, dist, h, slope float64) piece {
	d := dist * h
	p := piece{total: d / v0 / v1}
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
