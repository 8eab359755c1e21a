package models

import "math"

// function is a scalar function y(x; p) of a number and a parameter, with its
// derivatives. It gets float64 for float32 tensors too: one formula for both.
type function struct {
	name          string
	value, dx, dp func(x, p float64) float64
}

var (
	leaky = &function{name: "leaky", value: leakyValue, dx: leakyDx, dp: leakyDp}
	silu  = &function{name: "silu", value: siluValue, dx: siluDx, dp: siluDp}

	relu     = &function{name: "relu", value: reluValue, dx: reluDx}
	elu      = &function{name: "elu", value: eluValue, dx: eluDx}
	gelu     = &function{name: "gelu", value: geluValue, dx: geluDx}
	mish     = &function{name: "mish", value: mishValue, dx: mishDx}
	softplus = &function{name: "softplus", value: softplusValue, dx: softplusDx}
	tanh     = &function{name: "tanh", value: tanhValue, dx: tanhDx}
)

// times returns x·w, and 0 for w = 0 where ±Inf·0 would be NaN: the factors w that
// underflow here go to 0 faster than any power of x grows, and a slope 0 means 0.
func times(x, w float64) float64 {
	if w == 0 && !math.IsNaN(x) {
		return math.Copysign(0, x)
	}
	return x * w
}

func reluValue(x, _ float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

func reluDx(x, _ float64) float64 { return leakyDx(x, 0) }

func leakyValue(x, slope float64) float64 {
	if x > 0 {
		return x
	}
	return times(x, slope)
}

func leakyDx(x, slope float64) float64 {
	switch {
	case x > 0:
		return 1
	case x <= 0:
		return slope
	}
	return x // NaN
}

func leakyDp(x, _ float64) float64 {
	if x > 0 {
		return 0
	}
	return x
}

func eluValue(x, alpha float64) float64 {
	if x > 0 {
		return x
	}
	return alpha * math.Expm1(x)
}

func eluDx(x, alpha float64) float64 {
	if x > 0 {
		return 1
	}
	return alpha * math.Exp(x)
}

// normalCDF returns Φ(x), accurate in the left tail too.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func geluValue(x, _ float64) float64 { return times(x, normalCDF(x)) }

func geluDx(x, _ float64) float64 {
	const perSqrt2Pi = 1 / (math.Sqrt2 * math.SqrtPi)
	return normalCDF(x) + times(x, perSqrt2Pi*math.Exp(-0.5*x*x))
}

// sigmoid returns σ(x) = 1/(1+e⁻ˣ) and its derivative σ(x)·σ(−x), without overflow
// or loss of either tail.
func sigmoid(x float64) (s, ds float64) {
	e := math.Exp(-math.Abs(x))
	r := 1 / (1 + e)
	if x < 0 {
		return e * r, e * r * r
	}
	return r, e * r * r
}

func siluValue(x, beta float64) float64 {
	s, _ := sigmoid(times(x, beta))
	return times(x, s)
}

func siluDx(x, beta float64) float64 {
	z := times(x, beta)
	s, ds := sigmoid(z)
	return s + times(z, ds)
}

func siluDp(x, beta float64) float64 {
	_, ds := sigmoid(times(x, beta))
	return times(x*x, ds)
}

// mishLinear is where mish(x) = x to the last bit of a float64, long before e²ˣ
// overflows.
const mishLinear = 40

// mishGate returns tanh(softplus(x)) = n/(n+2) with n = eˣ(eˣ+2), and its
// derivative, for x ≤ mishLinear.
func mishGate(x float64) (gate, dgate float64) {
	e := math.Exp(x)
	n := e * (e + 2)
	// The derivative is (1−gate²)·σ(x), where 1−gate² = 4(n+1)/(n+2)², n+1 = (1+e)²
	// and σ(x) = e/(1+e).
	return n / (n + 2), 4 * e * (1 + e) / ((n + 2) * (n + 2))
}

func mishValue(x, _ float64) float64 {
	if x > mishLinear {
		return x
	}
	gate, _ := mishGate(x)
	return times(x, gate)
}

func mishDx(x, _ float64) float64 {
	if x > mishLinear {
		return 1
	}
	gate, dgate := mishGate(x)
	return gate + times(x, dgate)
}

func softplusValue(x, _ float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

func softplusDx(x, _ float64) float64 {
	s, _ := sigmoid(x)
	return s
}

func tanhValue(x, _ float64) float64 { return math.Tanh(x) }

// tanhDx returns 1 − tanh²(x) = 4σ(2x)·σ(−2x), without loss of the tails.
func tanhDx(x, _ float64) float64 {
	_, ds := sigmoid(2 * x)
	return 4 * ds
}
