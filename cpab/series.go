package cpab

import "math"

// The functions below are the smooth quotients that the closed forms are made
// of. Near zero they are summed as power series, where the quotient would lose
// digits to cancellation; the number of terms makes the first one left out
// smaller than the rounding error at the border.

// expm1Over returns E(w) = (e^w − 1)/w, with E(0) = 1.
func expm1Over(w float64) float64 {
	if math.Abs(w) < 1e-5 {
		return 1 + w/2*(1+w/3)
	}
	return math.Expm1(w) / w
}

// log1pOver returns L(z) = log(1+z)/z, with L(0) = 1, for z > −1.
func log1pOver(z float64) float64 {
	if math.Abs(z) < 1e-5 {
		return 1 - z/2*(1-2*z/3)
	}
	return math.Log1p(z) / z
}

// expRamp returns F(w) = (e^w − E(w))/w = ∫₀¹ τ·e^{wτ} dτ, with F(0) = 1/2.
func expRamp(w float64) float64 {
	switch {
	case math.Abs(w) < 0.1:
		// Σ_k w^k·(k+1)/(k+2)!
		sum, term := 0.5, 0.5
		for k := 1.0; k < 11; k++ {
			term *= w / (k + 2)
			sum += term * (k + 1)
		}
		return sum
	case w > 1: // so that e^w alone overflows, and to +Inf
		return math.Exp(w) * (1 + math.Expm1(-w)/w) / w
	}
	return (math.Exp(w) - math.Expm1(w)/w) / w
}

// logRamp returns G(z) = (log(1+z) − z/(1+z))/z², with G(0) = 1/2, for z > −1.
func logRamp(z float64) float64 {
	if math.Abs(z) < 0.05 {
		// Σ_k (−z)^k·(k+1)/(k+2)
		sum, pow := 0.0, 1.0
		for k := 0.0; k < 13; k++ {
			sum += pow * (k + 1) / (k + 2)
			pow *= -z
		}
		return sum
	}
	return (math.Log1p(z) - z/(1+z)) / (z * z)
}
