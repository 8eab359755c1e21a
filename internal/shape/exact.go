package shape

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/flow"
)

// Exact is the curve of one θ, evaluated in closed form. It does not change but by Reset.
type Exact struct {
	Curve *Curve
	Field *flow.Field
	Alpha float64 // the amplification; 1 but for amplified curves

	v []float64 // the velocities of Reset, until they are known to be good
}

// Exact returns the curve at theta. It reports what [Exact.Reset] does.
func (c *Curve) Exact(theta []float64) (*Exact, error) {
	e := &Exact{Curve: c, Field: flow.NewField(c.Grid), v: make([]float64, c.Grid.Cells+1)}
	if err := e.Reset(theta); err != nil {
		return nil, err
	}
	return e, nil
}

// Reset moves e to another θ, without allocating. It reports what
// [cpab.Space.Velocities] does, and an amplification that is not finite. On error e stays
// where it was.
func (e *Exact) Reset(theta []float64) error {
	alpha := e.Curve.Amplification.Alpha
	if e.Curve.Amplification.Learned {
		last := e.Curve.Space.Dim()
		if len(theta) != last+1 {
			return fmt.Errorf("len(theta) = %d, want %d (the last for the amplification)", len(theta), last+1)
		}
		if alpha += theta[last]; alpha-alpha != 0 {
			return fmt.Errorf("theta[%d] = %v, of the amplification, want a finite number", last, theta[last])
		}
		theta = theta[:last]
	}
	v, err := e.Curve.Space.Velocities(e.v, theta)
	if err != nil {
		return err
	}
	e.Field.Set(v)
	e.Alpha = alpha
	return nil
}

// amplify returns x + α·(φ − x): φ itself, with all its bits, for α = 1, and x where φ is.
func amplify(x, phi, alpha float64) float64 {
	if alpha == 1 {
		return phi
	}
	return phi + (alpha-1)*(phi-x)
}

// amplifySlope is amplify for its derivative in x.
func amplifySlope(dphi, alpha float64) float64 { return amplify(1, dphi, alpha) }

// Value returns y(x). NaN gives NaN.
func (e *Exact) Value(x float64) float64 {
	gate, acts := e.Curve.at(x)
	phi := x
	if acts {
		phi = amplify(x, e.Field.Flow(x, 1), e.Alpha)
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
		phi, dphi = amplify(x, phi, e.Alpha), amplifySlope(dphi, e.Alpha)
	}
	w, dw := gate.jet(x, phi, e.Curve.Slope)
	return times(phi, w), times(dphi, w) + times(phi, dw)
}

// AddGradV adds g·∂y/∂V_j to dv[j] for the vertex velocities V_j, and g·∂y/∂α behind them
// for an amplification that is learned ([Curve.GradSize] numbers). An element that is lost
// makes all of dv NaN.
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
		n := e.Curve.Grid.Cells + 1
		phi, _ = e.Field.AddGradV(dv[:n], x, 1, g*e.Alpha)
		if e.Curve.Amplification.Learned {
			dv[n] += g * (phi - x)
		}
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
