package curve

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
)

// Variant says how an activation uses the transformation T on the domain [a,b].
// Φ is the standard normal distribution function.
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
)

var variantNames = [...]string{"ditac", "leaky", "ge", "infinite", "plain"}

// String returns the variant's name in lower case, such as "ditac".
func (v Variant) String() string {
	if v < 0 || int(v) >= len(variantNames) {
		return fmt.Sprintf("Variant(%d)", int(v))
	}
	return variantNames[v]
}

// Variants returns all variants.
func Variants() []Variant { return []Variant{DiTAC, Leaky, GE, Infinite, Plain} }

// ParseVariant returns the variant with the given name: ditac, leaky, ge,
// infinite or plain.
func ParseVariant(name string) (Variant, error) {
	for i, n := range variantNames {
		if n == name {
			return Variant(i), nil
		}
	}
	return 0, fmt.Errorf("curve: variant %q, want one of %v", name, variantNames)
}

// DefaultBoundary returns the boundary condition that suits the variant:
// cpab.FreeBoundary for Infinite, cpab.ZeroBoundary for the others, which would
// jump at the ends of the domain without it.
func (v Variant) DefaultBoundary() cpab.Boundary {
	if v == Infinite {
		return cpab.FreeBoundary
	}
	return cpab.ZeroBoundary
}

// DefaultDomain returns [−3,3], or [0,3] for GE.
func (v Variant) DefaultDomain() (a, b float64) {
	if v == GE {
		return 0, 3
	}
	return -3, 3
}

// outside evaluates the variant beyond the domain, where θ has no say (Infinite
// has no outside).
func (v Variant) outside(x, slope float64) (y, dy float64) {
	switch {
	case math.IsNaN(x):
		return x, x
	case v == DiTAC, v == GE && x < 0:
		return Gelu(x)
	case v == Leaky && x < 0:
		return mulGate(x, slope), slope
	}
	return x, 1
}

// gate evaluates the variant within the domain: with φ = T(x), the curve is
// y = φ·w and ∂y/∂φ = w, and y has the further derivative φ·dw through x.
func (v Variant) gate(x, phi, slope float64) (w, dw float64) {
	switch {
	case v == DiTAC, v == Infinite:
		return normalCDF(x), normalPDF(x)
	case v == Leaky && phi < 0:
		return slope, 0
	}
	return 1, 0
}

// Gelu returns x·Φ(x) and its derivative Φ(x) + x·Φ′(x). The limits at −Inf are
// −0 and 0, at +Inf +Inf and 1.
func Gelu(x float64) (y, dy float64) {
	if math.IsInf(x, 0) {
		if x < 0 {
			return math.Copysign(0, -1), 0
		}
		return x, 1
	}
	cdf := normalCDF(x)
	return x * cdf, cdf + x*normalPDF(x)
}

// normalCDF returns Φ(x) with full relative precision in the lower tail.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// normalPDF returns Φ′(x) = e^{−x²/2}/√(2π).
func normalPDF(x float64) float64 {
	const invSqrt2Pi = 0.39894228040143267793994605993438186847585863116493
	return invSqrt2Pi * math.Exp(-0.5*x*x)
}
