package flow

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

// expParts returns e^w, E(w) and F(w) = (e^w − E(w))/w = ∫₀¹ τ·e^{wτ} dτ, with
// F(0) = 1/2, by one call of an exponential function. All three are +Inf where
// e^w overflows.
func expParts(w float64) (growth, e, f float64) {
	var em1 float64
	if math.Abs(w) < 0.5 {
		em1 = math.Expm1(w)
		growth = em1 + 1
	} else {
		growth = math.Exp(w)
		em1 = growth - 1
	}
	switch {
	case math.Abs(w) < 0.02:
		// Σ_k w^k·(k+1)/(k+2)! and Σ_k w^k/(k+1)!
		f = 1./2 + w*(1./3+w*(1./8+w*(1./30+w*(1./144+w*(1./840+w*(1./5760))))))
		e = 1 + w*(1./2+w*(1./6+w*(1./24+w*(1./120+w*(1./720+w*(1./5040))))))
		return growth, e, f
	case math.IsInf(growth, 1):
		return growth, growth, growth
	}
	e = em1 / w
	return growth, e, (growth - e) / w
}

// logParts returns L(z) and G(z) = (log(1+z) − z/(1+z))/z², with G(0) = 1/2, for
// z > −1, by one call of a logarithm.
func logParts(z float64) (l, g float64) {
	if math.Abs(z) < 0.02 {
		// Σ_k (−z)^k/(k+1) and Σ_k (−z)^k·(k+1)/(k+2)
		z = -z
		l = 1 + z*(1./2+z*(1./3+z*(1./4+z*(1./5+z*(1./6+z*(1./7+z*(1./8+z*(1./9))))))))
		g = 1./2 + z*(2./3+z*(3./4+z*(4./5+z*(5./6+z*(6./7+z*(7./8+z*(8./9+z*(9./10))))))))
		return l, g
	}
	log := math.Log1p(z)
	return log / z, (log - z/(1+z)) / (z * z)
}
