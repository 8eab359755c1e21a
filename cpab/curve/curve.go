package curve

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
)

// Curve is the shape of an activation function whose remaining freedom is θ. It
// is immutable.
type Curve struct {
	space   *cpab.Space
	variant Variant
	a, b    float64
	slope   float64
}

// New returns the curve of the given variant over the fields of space. slope is
// Leaky's slope for negative values and ignored by the others. It reports an
// unknown variant, a GE whose domain does not start at 0, and a slope that is
// not finite.
func New(space *cpab.Space, variant Variant, slope float64) (*Curve, error) {
	if space == nil {
		return nil, fmt.Errorf("curve: nil space")
	}
	if variant < DiTAC || variant > Plain {
		return nil, fmt.Errorf("curve: variant = %v, want one of %v", variant, Variants())
	}
	a, b := space.Domain()
	if variant == GE && a != 0 {
		return nil, fmt.Errorf("curve: domain [%v,%v] for variant ge, want one that starts at 0", a, b)
	}
	if math.IsNaN(slope) || math.IsInf(slope, 0) {
		return nil, fmt.Errorf("curve: negative slope = %v, want a finite number", slope)
	}
	return &Curve{space: space, variant: variant, a: a, b: b, slope: slope}, nil
}

// Space returns the space of velocity fields.
func (c *Curve) Space() *cpab.Space { return c.space }

// Variant returns the variant.
func (c *Curve) Variant() Variant { return c.variant }

// NegativeSlope returns Leaky's slope for negative values.
func (c *Curve) NegativeSlope() float64 { return c.slope }

// Exact is the curve of one θ, evaluated in closed form and float64. It does not
// change but by Reset.
type Exact struct {
	curve *Curve
	field *cpab.Field
}

// Exact returns the curve at theta. It reports a theta of the wrong length or
// with a component that is not finite.
func (c *Curve) Exact(theta []float64) (*Exact, error) {
	f, err := c.space.Field(theta)
	if err != nil {
		return nil, err
	}
	return &Exact{curve: c, field: f}, nil
}

// Reset moves e to another θ, without allocating. No one else may use e, or a Table
// of it, meanwhile. On error e stays where it was.
func (e *Exact) Reset(theta []float64) error { return e.field.Set(theta) }

// Field returns the velocity field of the curve's θ.
func (e *Exact) Field() *cpab.Field { return e.field }

// Curve returns the curve's shape.
func (e *Exact) Curve() *Curve { return e.curve }

// inside reports whether θ has a say at x.
func (c *Curve) inside(x float64) bool {
	return c.a <= x && x <= c.b || c.variant == Infinite && !math.IsNaN(x)
}

// Value returns y(x). NaN gives NaN.
func (e *Exact) Value(x float64) float64 {
	c := e.curve
	if !c.inside(x) {
		y, _ := c.variant.outside(x, c.slope)
		return y
	}
	phi := e.field.Flow(x, 1)
	w, _ := c.variant.gate(x, phi, c.slope)
	return mulGate(phi, w)
}

// Jet returns y(x) and y′(x); at a kink, the derivative from the right. At the
// ends of the domain it is the one from inside.
func (e *Exact) Jet(x float64) (y, dy float64) {
	c := e.curve
	if !c.inside(x) {
		return c.variant.outside(x, c.slope)
	}
	phi, dphi := e.field.FlowDx(x, 1)
	w, dw := c.variant.gate(x, phi, c.slope)
	return mulGate(phi, w), mulGate(dphi, w) + mulGate(phi, dw)
}

// AddGradV adds g·∂y/∂V_j to dv[j] for the vertex velocities V_j (cells+1
// numbers). One PullBack of the space after many elements turns the sums into a
// gradient with respect to θ. An x that is NaN and a g that is NaN or infinite make all
// of dv NaN; see [Evaluator].
func (e *Exact) AddGradV(dv []float64, x, g float64) {
	c := e.curve
	if isLost(x, g) {
		fill(dv, math.NaN())
		return
	}
	if !c.inside(x) {
		return
	}
	w := 1.0
	switch c.variant {
	case Leaky:
		w, _ = c.variant.gate(x, e.field.Flow(x, 1), c.slope)
	case DiTAC, Infinite:
		w = normalCDF(x)
	}
	if g *= w; g != 0 {
		e.field.AddGradV(dv, x, 1, g)
	}
}

// isLost reports whether an element is lost: see [Evaluator].
func isLost[T float](x, g T) bool { return x != x || g-g != 0 }

// fill sets all numbers to x.
func fill(numbers []float64, x float64) {
	for i := range numbers {
		numbers[i] = x
	}
}

// mulGate is φ·w where the decay of a gate beats any growth of φ: 0·±Inf is ±0.
func mulGate(phi, w float64) float64 {
	if w == 0 && math.IsInf(phi, 0) {
		return math.Copysign(0, phi)
	}
	return phi * w
}
