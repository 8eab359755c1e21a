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
}

// New returns the curve of a variant over the fields of a space. It reports a domain that
// does not suit the variant, and a slope that is not finite.
func New(space *cpab.Space, v *Variant, slope float64) (*Curve, error) {
	a, b := space.Domain()
	if v.FromZero && a != 0 {
		return nil, fmt.Errorf("domain [%v,%v] for variant %s, want one that starts at 0", a, b, v.Name)
	}
	if math.IsNaN(slope) || math.IsInf(slope, 0) {
		return nil, fmt.Errorf("negative slope = %v, want a finite number", slope)
	}
	grid, err := flow.NewGrid(a, b, space.Cells())
	if err != nil {
		return nil, err
	}
	return &Curve{Space: space, Variant: v, Slope: slope, Grid: grid}, nil
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
