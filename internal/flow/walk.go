package flow

import "math"

// Flow returns φ(x), the place at time t of the trajectory that is at x at time
// 0. Negative t flows backwards: Flow(Flow(x, t), −t) = x up to rounding. A
// point at rest stays exactly where it is. ±Inf stay ±Inf; NaN in x, or a t that is not
// finite, gives NaN. Outside the domain the field goes on as in the end cells.
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

// AddGradV adds g·∂φ/∂V_j to dv[j] for every vertex velocity V_j, Cells+1 numbers, and
// returns φ(x) and ∂φ/∂x. Its cost is that of the cells between x and φ(x), not that of
// all cells.
func (f *Field) AddGradV(dv []float64, x, t, g float64) (phi, dx float64) {
	var p path
	f.walk(&p, x, t)
	f.addGradV(dv, &p, g)
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
	s := f.grid
	if math.IsNaN(x) || !isFinite(t) {
		*p = path{phi: math.NaN(), dx: math.NaN(), rest: math.NaN()}
		return
	}
	if math.Abs(x) > farAway && f.walkAtInf(p, x, t) {
		return
	}
	c, u, r := s.Locate(x)
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
			p.entry, p.entryU, p.entryR, y = f.v[next], 0, 1, s.Vertices[next]
		} else {
			p.entry, p.entryU, p.entryR, y = f.v[next+1], 1, 0, s.Vertices[next+1]
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
		h := f.grid.Width
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
	c, vert := p.last, f.grid.Vertices
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

// walkAtInf is walk for x = ±Inf, as the limit φ = x, ∂φ/∂x = e^{slope·t}, and for others
// that far away, where φ = x·e^{slope·t} to the last digit. It reports false if a
// trajectory comes back from there.
func (f *Field) walkAtInf(p *path, x, t float64) bool {
	c := 0
	if x > 0 {
		c = f.grid.Cells - 1
	}
	v := f.velocityAtInf(x)
	growth := math.Exp(f.cells[c].slope * t)
	phi := x
	if !math.IsInf(x, 0) {
		if phi = x * growth; math.Abs(phi) < math.Sqrt(farAway) {
			return false
		}
	}
	u := x / f.grid.Width
	*p = path{phi: phi, dx: growth, first: c, last: c, u: u, r: -u, v0: v, entry: v, entryU: u, entryR: -u, rest: t, growth: growth}
	return true
}
