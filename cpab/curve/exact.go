package curve

import (
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape"
)

// Exact is the curve of one θ, evaluated in closed form and float64. It does not
// change but by Reset.
type Exact struct {
	curve *Curve
	exact *shape.Exact
	theta []float64
}

// Exact returns the curve at theta. It reports what [cpab.Space.Velocities] does: a
// theta of the wrong length (not Dim), with a component that is not finite, or too large.
func (c *Curve) Exact(theta []float64) (*Exact, error) {
	e, err := c.shape.Exact(theta)
	if err != nil {
		return nil, err
	}
	return &Exact{curve: c, exact: e, theta: slices.Clone(theta)}, nil
}

// Reset moves e to another θ, without allocating. No one else may use e meanwhile. On
// error e stays where it was.
func (e *Exact) Reset(theta []float64) error {
	if err := e.exact.Reset(theta); err != nil {
		return err
	}
	copy(e.theta, theta)
	return nil
}

// Field returns the velocity field of the curve's θ, the caller's own.
func (e *Exact) Field() *cpab.Field {
	f, err := e.curve.Space().Field(e.theta[:e.curve.Space().Dim()])
	if err != nil {
		panic("curve: " + err.Error()) // unreachable: e has been made at this θ
	}
	return f
}

// Amplification returns the amplification α at the curve's θ: 1 but for Amplified.
func (e *Exact) Amplification() float64 { return e.exact.Alpha }

// Curve returns the curve's shape.
func (e *Exact) Curve() *Curve { return e.curve }

// Value returns y(x). NaN gives NaN.
func (e *Exact) Value(x float64) float64 { return e.exact.Value(x) }

// Jet returns y(x) and y′(x); at a kink, the derivative from the right. At the
// ends of the domain it is the one from inside.
func (e *Exact) Jet(x float64) (y, dy float64) { return e.exact.Jet(x) }

// Grad returns y(x) and y′(x) as Jet does, and the gradient ∂y/∂θ (Dim of the curve
// numbers), which is written to dst when dst has the capacity, as append would. A NaN
// gives NaNs.
func (e *Exact) Grad(dst []float64, x float64) (y, dy float64, dtheta []float64) {
	if d := e.curve.Dim(); cap(dst) < d {
		dst = make([]float64, d)
	} else {
		dst = dst[:d]
	}
	clear(dst)
	dv := make([]float64, e.curve.GradSize())
	e.exact.AddGradV(dv, x, 1)
	if err := e.curve.PullBack(dst, dv); err != nil {
		panic(err.Error()) // unreachable: both lengths are those of the curve
	}
	y, dy = e.exact.Jet(x)
	return y, dy, dst
}

// AddGradV adds g·∂y/∂V_j to dv[j] for the vertex velocities V_j (cells+1 numbers), and
// g·∂y/∂α behind them if the amplification is learned: GradSize numbers in all. One
// [Curve.PullBack] after many elements turns the sums into a gradient with respect to θ. An
// x that is NaN and a g that is NaN or infinite make all of dv NaN. It reports a dv of the
// wrong length.
func (e *Exact) AddGradV(dv []float64, x, g float64) error {
	if n := e.curve.GradSize(); len(dv) != n {
		return fmt.Errorf("curve: len(dv) = %d, want GradSize = %d", len(dv), n)
	}
	e.exact.AddGradV(dv, x, g)
	return nil
}
