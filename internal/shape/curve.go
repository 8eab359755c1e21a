package shape

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/flow"
)

// Curve is a variant over a space of velocity fields: a curve but for θ. It is immutable.
type Curve struct {
	Space   *cpab.Space
	Variant *Variant
	Slope   float64 // the negative slope
	Grid    *flow.Grid

	Amplification Amplification
}

// Amplification is what an amplified curve multiplies the displacement T(x) − x by: a
// constant Alpha, or, Learned, Alpha plus a parameter of its own, the last of θ. So θ = 0
// starts at Alpha. Other variants have 1, not learned.
type Amplification struct {
	Alpha   float64
	Learned bool
}

// MaxAmplification bounds Alpha, and MinAmplification is the least.
const (
	MaxAmplification = 1 << 10
	MinAmplification = 1. / (1 << 10)
)

// New returns the curve of a variant over the fields of a space. It reports a domain that
// does not suit the variant, a slope that is not finite, and an amplification beyond its
// bounds; a variant that is not amplified ignores it.
func New(space *cpab.Space, v *Variant, slope float64, amp Amplification) (*Curve, error) {
	a, b := space.Domain()
	if v.FromZero && a != 0 {
		return nil, fmt.Errorf("domain [%v,%v] for variant %s, want one that starts at 0", a, b, v.Name)
	}
	if math.IsNaN(slope) || math.IsInf(slope, 0) {
		return nil, fmt.Errorf("negative slope = %v, want a finite number", slope)
	}
	if !v.Amplified {
		amp = Amplification{Alpha: 1}
	} else if !(amp.Alpha >= MinAmplification && amp.Alpha <= MaxAmplification) {
		return nil, fmt.Errorf("amplification = %v, want a number from %v to %v", amp.Alpha, MinAmplification, MaxAmplification)
	}
	grid, err := flow.NewGrid(a, b, space.Cells())
	if err != nil {
		return nil, err
	}
	return &Curve{Space: space, Variant: v, Slope: slope, Grid: grid, Amplification: amp}, nil
}

// Dim returns the number of parameters θ: those of the space, and one more for an
// amplification that is learned.
func (c *Curve) Dim() int { return c.Space.Dim() + c.learned() }

// GradSize returns how many numbers a gradient has that [Curve.PullBack] takes: one for
// each vertex velocity, and one more for an amplification that is learned.
func (c *Curve) GradSize() int { return c.Grid.Cells + 1 + c.learned() }

// learned returns the number of parameters that are no velocities.
func (c *Curve) learned() int {
	if c.Amplification.Learned {
		return 1
	}
	return 0
}

// PullBack adds to dtheta (Dim numbers) the gradient to θ, given that to the vertex
// velocities and to the amplification (GradSize numbers). It reports slices of other
// lengths.
func (c *Curve) PullBack(dtheta, dv []float64) error {
	if len(dtheta) != c.Dim() {
		return fmt.Errorf("len(dtheta) = %d, want %d", len(dtheta), c.Dim())
	}
	if len(dv) != c.GradSize() {
		return fmt.Errorf("len(dv) = %d, want %d", len(dv), c.GradSize())
	}
	n, d := c.Grid.Cells+1, c.Space.Dim()
	if c.Amplification.Learned {
		dtheta[d] += dv[n]
	}
	return c.Space.PullBack(dtheta[:d], dv[:n])
}

// at returns the gate at x, and whether T acts there.
func (c *Curve) at(x float64) (g Gate, acts bool) {
	switch {
	case c.Variant.Whole:
	case x < c.Grid.A:
		return c.Variant.Below, false
	case x > c.Grid.B:
		return c.Variant.Above, false
	}
	return c.Variant.Inside, true
}
