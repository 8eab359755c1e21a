package curve

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape"
)

// Variant says how an activation uses the transformation T on the domain [a,b].
// Φ is the standard normal distribution function. (What is evaluated is the entry of the
// same place in package internal/shape.)
type Variant int

const (
	// DiTAC is x̃·Φ(x) with x̃ = T(x) on [a,b] and x̃ = x outside: GELU where T is
	// the identity. The paper's default, and the only variant in its authors'
	// code.
	DiTAC Variant = iota
	// Leaky is x̃ through a leaky ReLU: x̃ for x̃ > 0, slope·x̃ else, with x̃ as for
	// DiTAC. Our reading of the paper's text.
	Leaky
	// GE is GELU for x < 0, T on [0,b] and the identity above. Its domain
	// starts at 0. Our reading of the paper's text.
	GE
	// Infinite is T(x)·Φ(x) for all x, with T over the whole line: its end cells
	// extend to ±∞, where T is affine. Our reading of the paper's text.
	Infinite
	// Plain is T on [a,b] and the identity outside. Our reading of the paper's
	// text.
	Plain
	// Amplified is x̃·Φ(x) with x̃ = x + α·(T(x) − x) on [a,b] and x̃ = x outside, with an
	// amplification α that is learned or fixed; see [WithAmplification]. It is DiTAC for
	// α = 1; for a larger one x̃ can bend back, which T, being monotone, cannot. A variant
	// of this package's own: the paper does not have it.
	Amplified
)

// entry returns the variant's data, or nil for an unknown variant.
func (v Variant) entry() *shape.Variant {
	if v < 0 || int(v) >= len(shape.Variants) {
		return nil
	}
	return &shape.Variants[v]
}

// String returns the variant's name in lower case, such as "ditac".
func (v Variant) String() string {
	if e := v.entry(); e != nil {
		return e.Name
	}
	return fmt.Sprintf("Variant(%d)", int(v))
}

// Variants returns all variants.
func Variants() []Variant {
	all := make([]Variant, len(shape.Variants))
	for i := range all {
		all[i] = Variant(i)
	}
	return all
}

// ParseVariant returns the variant with the given name: ditac, leaky, ge,
// infinite, plain or amplified.
func ParseVariant(name string) (Variant, error) {
	i, err := shape.Index(name)
	if err != nil {
		return 0, fmt.Errorf("curve: %w", err)
	}
	return Variant(i), nil
}

// DefaultBoundary returns the boundary condition that suits the variant:
// cpab.FreeBoundary for Infinite, cpab.ZeroBoundary for the others, which would
// jump at the ends of the domain without it. An unknown variant has that of DiTAC.
func (v Variant) DefaultBoundary() cpab.Boundary { return v.known().Boundary }

// DefaultDomain returns [−3,3], or [0,3] for GE. An unknown variant has that of DiTAC.
func (v Variant) DefaultDomain() (a, b float64) {
	d := v.known().Domain
	return d[0], d[1]
}

// known returns the variant's data, those of DiTAC for an unknown variant.
func (v Variant) known() *shape.Variant {
	if e := v.entry(); e != nil {
		return e
	}
	return DiTAC.entry()
}

// Gelu returns x·Φ(x) and its derivative Φ(x) + x·Φ′(x). The limits at −Inf are
// −0 and 0, at +Inf +Inf and 1.
func Gelu(x float64) (y, dy float64) { return shape.Gelu(x) }
