package shape

import "math"

// Gate is the factor w in y = φ·w.
type Gate uint8

const (
	// One is w = 1.
	One Gate = iota
	// Normal is w = Φ(x), the standard normal distribution function: smooth.
	Normal
	// Side is w = 1 for φ ≥ 0 and the curve's negative slope for φ < 0: constant but for a
	// kink where φ changes its sign.
	Side
)

// value returns w.
func (g Gate) value(x, phi, slope float64) float64 {
	switch {
	case g == Normal:
		return normalCDF(x)
	case g == Side && phi < 0:
		return slope
	}
	return 1
}

// jet returns w and its derivative in x.
func (g Gate) jet(x, phi, slope float64) (w, dw float64) {
	if g == Normal {
		return normalCDF(x), normalPDF(x)
	}
	return g.value(x, phi, slope), 0
}

// times is φ·w where the decay of a gate beats any growth of φ: 0·±Inf is ±0.
func times(phi, w float64) float64 {
	if w == 0 && math.IsInf(phi, 0) {
		return math.Copysign(0, phi)
	}
	return phi * w
}

// Gelu returns x·Φ(x) and its derivative Φ(x) + x·Φ′(x). The limits at −Inf are
// −0 and 0, at +Inf +Inf and 1.
func Gelu(x float64) (y, dy float64) {
	w, dw := Normal.jet(x, x, 0)
	return times(x, w), w + times(x, dw)
}
