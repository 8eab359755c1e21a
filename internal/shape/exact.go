package shape

import (
	"math"

	"github.com/ditac-go/ditac/internal/flow"
)

// Exact is the curve of one θ, evaluated in closed form. It does not change but by Reset.
type Exact struct {
	Curve *Curve
	Field *flow.Field

	v []float64 // the velocities of Reset, until they are known to be good
}

// Exact returns the curve at theta. It reports what [cpab.Space.Velocities] does.
func (c *Curve) Exact(theta []float64) (*Exact, error) {
	e := &Exact{Curve: c, Field: flow.NewField(c.Grid), v: make([]float64, c.Grid.Cells+1)}
	if err := e.Reset(theta); err != nil {
		return nil, err
	}
	return e, nil
}

// Reset moves e to another θ, without allocating. On error e stays where it was.
func (e *Exact) Reset(theta []float64) error {
	v, err := e.Curve.Space.Velocities(e.v, theta)
	if err != nil {
		return err
	}
	e.Field.Set(v)
	return nil
}

// Value returns y(x). NaN gives NaN.
func (e *Exact) Value(x float64) float64 {
	gate, acts := e.Curve.at(x)
	phi := x
	if acts {
		phi = e.Field.Flow(x, 1)
	}
	return times(phi, gate.value(x, phi, e.Curve.Slope))
}

// Jet returns y(x) and y′(x); at a kink, the derivative from the right. At the
// ends of the domain it is the one from inside.
func (e *Exact) Jet(x float64) (y, dy float64) {
	gate, acts := e.Curve.at(x)
	phi, dphi := x, 1.0
	if acts {
		phi, dphi = e.Field.FlowDx(x, 1)
	}
	w, dw := gate.jet(x, phi, e.Curve.Slope)
	return times(phi, w), times(dphi, w) + times(phi, dw)
}

// AddGradV adds g·∂y/∂V_j to dv[j] for the vertex velocities V_j (cells+1 numbers). An
// element that is lost makes all of dv NaN.
func (e *Exact) AddGradV(dv []float64, x, g float64) {
	if IsLost(x, g) {
		Fill(dv, math.NaN())
		return
	}
	gate, acts := e.Curve.at(x)
	if !acts {
		return
	}
	phi := 0.0
	if gate == Side {
		phi = e.Field.Flow(x, 1)
	}
	if g *= gate.value(x, phi, e.Curve.Slope); g != 0 {
		e.Field.AddGradV(dv, x, 1, g)
	}
}

// IsLost reports whether x is NaN, or g is NaN or infinite: what such an element has a
// part in is NaN.
func IsLost[T float32 | float64](x, g T) bool { return x != x || g-g != 0 }

// Fill sets all numbers to x.
func Fill(numbers []float64, x float64) {
	for i := range numbers {
		numbers[i] = x
	}
}
