package curve

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape"
)

// DefaultNegativeSlope is the slope of [Leaky] for negative values.
const DefaultNegativeSlope = 0.01

// Curve is the shape of an activation function whose remaining freedom is θ. It
// is immutable.
type Curve struct {
	shape   *shape.Curve
	variant Variant
}

// Option changes a default of New.
type Option func(*options)

type options struct{ slope float64 }

// WithNegativeSlope sets Leaky's slope for negative values, which other variants ignore;
// the default is [DefaultNegativeSlope].
func WithNegativeSlope(slope float64) Option { return func(o *options) { o.slope = slope } }

// New returns the curve of the given variant over the fields of space. It reports an
// unknown variant, a GE whose domain does not start at 0, and a slope that is
// not finite.
func New(space *cpab.Space, variant Variant, opts ...Option) (*Curve, error) {
	if space == nil {
		return nil, fmt.Errorf("curve: nil space")
	}
	entry := variant.entry()
	if entry == nil {
		return nil, fmt.Errorf("curve: variant = %v, want one of %v", variant, Variants())
	}
	set := options{slope: DefaultNegativeSlope}
	for _, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("curve: nil Option")
		}
		o(&set)
	}
	s, err := shape.New(space, entry, set.slope)
	if err != nil {
		return nil, fmt.Errorf("curve: %w", err)
	}
	return &Curve{shape: s, variant: variant}, nil
}

// Space returns the space of velocity fields.
func (c *Curve) Space() *cpab.Space { return c.shape.Space }

// Variant returns the variant.
func (c *Curve) Variant() Variant { return c.variant }

// NegativeSlope returns Leaky's slope for negative values.
func (c *Curve) NegativeSlope() float64 { return c.shape.Slope }
