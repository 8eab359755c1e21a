package cpab

import (
	"slices"

	"github.com/ditac-go/ditac/internal/flow"
)

// Field is one velocity field of a Space: the vertex velocities V = Pθ of one θ
// and what its flow needs again and again.
type Field struct {
	space *Space
	flow  *flow.Field
	next  []float64 // the velocities of Set, until they are known to be good
}

// Field returns the velocity field with parameters theta (Dim numbers). It reports
// what [Space.Velocities] does.
func (s *Space) Field(theta []float64) (*Field, error) {
	f := &Field{space: s, flow: flow.NewField(s.grid), next: make([]float64, s.cells+1)}
	if err := f.Set(theta); err != nil {
		return nil, err
	}
	return f, nil
}

// Set changes the field's parameters without allocating. On error the field
// keeps the parameters it had.
func (f *Field) Set(theta []float64) error {
	v, err := f.space.Velocities(f.next, theta)
	if err != nil {
		return err
	}
	f.flow.Set(v)
	return nil
}

// Space returns the space that the field belongs to.
func (f *Field) Space() *Space { return f.space }

// VertexVelocities returns a copy of V_0 … V_n in units of x per unit of time.
func (f *Field) VertexVelocities() []float64 { return slices.Clone(f.flow.Velocities()) }

// Velocity returns v(x), in units of x per unit of time. Outside the domain the
// end cells extend affinely. NaN gives NaN.
func (f *Field) Velocity(x float64) float64 { return f.flow.Velocity(x) }

// Flow returns φ(x), the place at time t of the trajectory that is at x at time
// 0. Negative t flows backwards: Flow(Flow(x, t), −t) = x up to rounding. A
// point at rest stays exactly where it is. With ZeroBoundary the domain maps
// onto itself. ±Inf stay ±Inf; NaN in x, or a t that is not finite, gives NaN.
//
// Outside the domain the field goes on as in the end cells, with either boundary (as in
// the literature and its implementations): ZeroBoundary holds the ends, not what is
// beyond them. To have all points outside at rest, as one who warps a signal wants it,
// use [Field.Warp].
func (f *Field) Flow(x, t float64) float64 { return f.flow.Flow(x, t) }

// FlowDx returns φ(x) as Flow does and its derivative ∂φ/∂x = v(φ)/v(x), or
// e^{slope·t} for a trajectory that stays in one cell, which is right where
// v(x) = 0 too. At a vertex of zero velocity, where φ has a kink, it is the
// derivative from the right. Outside the domain see Flow.
func (f *Field) FlowDx(x, t float64) (phi, dx float64) { return f.flow.FlowDx(x, t) }

// FlowGrad returns φ(x) and ∂φ/∂x as FlowDx does, and the gradient ∂φ/∂θ (Dim
// numbers). The gradient is written to dst when dst has the capacity, as append
// would, else to a new slice.
func (f *Field) FlowGrad(dst []float64, x, t float64) (phi, dx float64, dtheta []float64) {
	dst = sized(dst, f.space.dim)
	clear(dst)
	dv := make([]float64, f.space.cells+1)
	phi, dx = f.flow.AddGradV(dv, x, t, 1)
	f.space.p.pullBack(dst, dv)
	return phi, dx, dst
}

// AddGradV adds g·∂φ/∂V_j to dv[j] for every vertex velocity V_j (cells+1 numbers), and
// returns φ(x) and ∂φ/∂x. Its cost is that of the cells between x and φ(x), not that of
// all cells; one [Space.PullBack] after many elements gives their sum's gradient with
// respect to θ. It reports a dv of the wrong length.
func (f *Field) AddGradV(dv []float64, x, t, g float64) (phi, dx float64, err error) {
	if err := f.space.checkGradV(dv); err != nil {
		return 0, 0, err
	}
	phi, dx = f.flow.AddGradV(dv, x, t, g)
	return phi, dx, nil
}
