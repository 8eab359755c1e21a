package curve

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape"
)

// DefaultNegativeSlope is the slope of [Leaky] for negative values.
const DefaultNegativeSlope = 0.01

// DefaultAmplification is what a learned amplification of [Amplified] starts from: 1, the
// curve of [DiTAC].
const DefaultAmplification = 1

// Curve is the shape of an activation function whose remaining freedom is θ. It
// is immutable.
type Curve struct {
	shape   *shape.Curve
	variant Variant
}

// Option changes a default of New.
type Option func(*options)

type options struct {
	slope float64
	amp   *shape.Amplification // nil: the variant's default
}

// WithNegativeSlope sets Leaky's slope for negative values, which other variants ignore;
// the default is [DefaultNegativeSlope].
func WithNegativeSlope(slope float64) Option { return func(o *options) { o.slope = slope } }

// WithAmplification fixes the amplification α of [Amplified], a number from 1/1024 to
// 1024. Other variants have none: New reports the option.
func WithAmplification(alpha float64) Option {
	return func(o *options) { o.amp = &shape.Amplification{Alpha: alpha} }
}

// WithLearnedAmplification makes the amplification of [Amplified] a parameter that is
// learned with the others: the last component of θ, which then has one more, is α − start.
// It is the default, with the start [DefaultAmplification]. See [WithAmplification].
func WithLearnedAmplification(start float64) Option {
	return func(o *options) { o.amp = &shape.Amplification{Alpha: start, Learned: true} }
}

// New returns the curve of the given variant over the fields of space. It reports an
// unknown variant, a GE whose domain does not start at 0, a slope that is not finite, and
// an amplification that is out of range or that the variant does not have.
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
	if set.amp != nil && !entry.Amplified {
		return nil, fmt.Errorf("curve: amplification = %v for variant %v, which has none: want variant %v", set.amp.Alpha, variant, Amplified)
	}
	if set.amp == nil {
		set.amp = &shape.Amplification{Alpha: DefaultAmplification, Learned: true}
	}
	s, err := shape.New(space, entry, set.slope, *set.amp)
	if err != nil {
		return nil, fmt.Errorf("curve: %w", err)
	}
	return &Curve{shape: s, variant: variant}, nil
}

// Space returns the space of velocity fields.
func (c *Curve) Space() *cpab.Space { return c.shape.Space }

// Variant returns the variant.
func (c *Curve) Variant() Variant { return c.variant }

// Dim returns the number of parameters θ: those of the space, and one more if the
// amplification is learned.
func (c *Curve) Dim() int { return c.shape.Dim() }

// GradSize returns how many numbers the gradient of [Exact.AddGradV] has.
func (c *Curve) GradSize() int { return c.shape.GradSize() }

// PullBack adds to dtheta (Dim numbers) the gradient with respect to θ, given that of
// [Exact.AddGradV] (GradSize numbers). It reports slices of other lengths.
func (c *Curve) PullBack(dtheta, dv []float64) error {
	if err := c.shape.PullBack(dtheta, dv); err != nil {
		return fmt.Errorf("curve: %w", err)
	}
	return nil
}

// Amplification returns the amplification α of Amplified, or what it starts from if it is
// learned. Other variants have 1, not learned.
func (c *Curve) Amplification() (alpha float64, learned bool) {
	return c.shape.Amplification.Alpha, c.shape.Amplification.Learned
}

// NegativeSlope returns Leaky's slope for negative values.
func (c *Curve) NegativeSlope() float64 { return c.shape.Slope }
