package table

import (
	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/kernel"
)

// close adds Σ g·∂y/∂V, and Σ g·∂y/∂α of a learned amplification, of all sums to w.dv,
// where q says what those of its intervals are.
func (l *lookup) close(w *scratch, q *quadGrid) {
	l.closeMoments(w.dv, w.sums)
	if q != nil {
		l.closeQuads(w.dv, w.quads, q)
	}
	l.closeTail(w.dv, w.tail)
}

// closeTail adds that of the elements above the table.
func (l *lookup) closeTail(dv []float64, tail [2]float64) {
	if tail == [2]float64{} || tail[0]-tail[0] != 0 || tail[1]-tail[1] != 0 {
		return
	}
	seg := l.last().Seg // nil where the curve may be amplified: beyond the domain it is not
	if seg == nil {
		return
	}
	var sum flow.GradSum
	seg.AddGrad(&sum, float64(l.tab.Hi), flow.Weights{tail[0], tail[1]})
	seg.Flush(dv, &sum)
}

// closeMoments adds that of the elements in the table, given the moments of each piece k
// at k+1.
func (ps *pieces) closeMoments(dv []float64, sums []moments) {
	c := closing{pieces: ps, dv: dv, now: -1}
	for k := range ps.list {
		p, m := &ps.list[k], &sums[k+1]
		if *m == (moments{}) || p.wild || ps.smooths[p.smooth].Seg == nil {
			continue
		}
		in := m.moved(p.sigma(p.tau()))
		c.piece(p, &in)
	}
	c.flush()
}

// closeQuads adds that of the elements in the intervals of a grid.
func (ps *pieces) closeQuads(dv []float64, sums []kernel.Sum, q *quadGrid) {
	c := closing{pieces: ps, dv: dv, now: -1}
	var m moments // of the piece
	now := int32(-1)
	end := func() {
		if now >= 0 && m != (moments{}) {
			c.piece(&ps.list[now], &m)
		}
		m = moments{}
	}
	for e := range q.places {
		at := &q.places[e]
		sum, p := &sums[at.sum], &ps.list[at.piece]
		if at.piece != now {
			end()
			now = at.piece
		}
		if *sum == (kernel.Sum{}) || ps.smooths[p.smooth].Seg == nil {
			continue
		}
		if (p.to-p.from)*float64(q.Scale) < narrow {
			x, o := q.weights(p, at, sum)
			c.enter(p.smooth)
			c.node(x, o)
			continue
		}
		add := q.moments(p, at, sum)
		for j := range m {
			m[j] += add[j]
		}
	}
	end()
	c.flush()
}

// closing turns moments into gradients, piece by piece from left to right: the
// sum over the elements of g·∂y/∂V is a weighted sum of values and derivatives at
// the ends of the pieces. Neighbours share an end.
type closing struct {
	*pieces
	dv  []float64
	now int32 // the smooth interval of sum; −1 before the first
	sum flow.GradSum

	x     float64 // the last node, which may get more weight
	omega flow.Weights
}

// enter begins a smooth interval, unless the last node was in it.
func (c *closing) enter(smooth int32) {
	if smooth != c.now {
		c.flush()
		c.now = smooth
	}
}

// piece adds the gradient of a piece, given the moments in σ. The weights of its ends are
// the moments of the basis of Hermite's interpolation: the polynomials that have one of
// the six values at the ends of [0,1] and 0 for the others.
func (c *closing) piece(p *piece, m *moments) {
	c.enter(p.smooth)
	l := p.to - p.from
	rise := 10*m[3] - 15*m[4] + 6*m[5]
	c.node(p.from, flow.Weights{m[0] - rise, l * (m[1] - 6*m[3] + 8*m[4] - 3*m[5]), l * l / 2 * (m[2] - 3*m[3] + 3*m[4] - m[5])})
	c.node(p.to, flow.Weights{rise, l * (-4*m[3] + 7*m[4] - 3*m[5]), l * l / 2 * (m[3] - 2*m[4] + m[5])})
}

// node adds weights to a place.
func (c *closing) node(x float64, omega flow.Weights) {
	if x != c.x {
		c.evaluate()
		c.x = x
	}
	for k := range omega {
		c.omega[k] += omega[k]
	}
}

// evaluate adds the last node's gradient.
func (c *closing) evaluate() {
	if c.omega != (flow.Weights{}) {
		s := &c.smooths[c.now]
		s.Seg.AddGrad(&c.sum, c.x, s.Weights(c.x, c.omega))
		if c.of.Curve.Amplification.Learned {
			c.dv[len(c.dv)-1] += s.GradAlpha(c.x, c.omega)
		}
		c.omega = flow.Weights{}
	}
}

// flush ends a smooth interval.
func (c *closing) flush() {
	c.evaluate()
	if c.now >= 0 {
		c.smooths[c.now].Seg.Flush(c.dv, &c.sum)
	}
}
