package models

import (
	"fmt"
	"math"
	"strings"

	"github.com/ditac-go/ditac/internal/table"
)

// Initial values and constants of the baselines: PyTorch's defaults.
const (
	leakySlope = 0.01 // Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013
	eluAlpha   = 1    // Clevert et al., "Fast and Accurate Deep Network Learning by ELUs", 2016
	preluInit  = 0.25 // He et al., "Delving Deep into Rectifiers", 2015
	swishInit  = 1    // Ramachandran et al., "Searching for Activation Functions", 2017
)

// baselines lists the baselines in the order of Baselines. A new one is a line here,
// one in the documentation of Baseline, its mathematics below, and a case of
// testdata/functions.py, which writes the numbers that all tests of baselines read.
var baselines = []baseline{
	{"relu", relu, 0, ""},
	{"leakyrelu", leaky, leakySlope, ""},
	{"elu", elu, eluAlpha, ""},
	{"gelu", gelu, 0, ""},
	{"silu", silu, 1, ""},
	{"mish", mish, 0, ""},
	{"softplus", softplus, 0, ""},
	{"tanh", tanh, 0, ""},
	{"prelu", leaky, preluInit, "slope"},
	{"swish", silu, swishInit, "beta"},
}

// Baseline returns the Maker of the activation with the given name:
//
//	relu       max(x, 0)
//	leakyrelu  x for x > 0, else 0.01·x
//	elu        x for x > 0, else eˣ − 1
//	gelu       x·Φ(x), Φ the normal distribution function (not the tanh approximation)
//	silu       x·σ(x), σ the logistic function
//	mish       x·tanh(softplus(x))
//	softplus   log(1 + eˣ)
//	tanh       tanh(x)
//	prelu      x for x > 0, else a·x              a is learned, one per layer, from 0.25
//	swish      x·σ(βx)                            β is learned, one per layer, from 1
//	sine       sin(30x), with weights as in SIREN     [Sine](30, 30)
//	maxout     the larger of two learned lines, per channel   [Maxout](2)
//	pwl        piecewise linear, 59 values        [PiecewiseLinear](59)
//	bspline    cubic spline, 59 coefficients      [BSpline](59)
//	pau        rational, 10 coefficients          [Rational](5, 4)
//	staf       20 sines, 60 numbers               [STAF](20)
//
// From pwl on they have as many learned numbers as [DiTAC] has θ, 59, or the next number,
// but for pau: a rational function of so high a degree overflows, and its authors have 10.
//
// All are single ops that propagate NaN; those up to swish have their mathematical limits
// at ±Inf (gorgonia.Rectify(−Inf) is NaN), and at the kink x = 0 the gradient of x < 0. An
// unknown name is an error that lists the names.
//
// For float32 tensors the smooth ones are evaluated by tables, as DiTAC is: y and ∂y/∂x
// are off by at most 3·10⁻⁷, of their size where that is more than 1 (TestFastErrors, over
// all of float32). What is smaller than 10⁻⁸ far out, such as GELU(−8), is 0. float64
// tensors are computed by the formulas.
func Baseline(name string) (Maker, error) {
	if m := baselineMaker(name); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("models: Baseline: unknown activation %q, want one of %s", name, strings.Join(Baselines(), ", "))
}

// otherBaselines are the baselines that are more than a function and a parameter, in the
// order of Baselines.
var otherBaselines = []struct {
	name  string
	maker Maker
}{
	{"sine", Sine(sirenOmega, sirenOmega)},
	{"maxout", Maxout(maxoutLines)},
	{"pwl", PiecewiseLinear(ditacParams)},
	{"bspline", BSpline(ditacParams)},
	{"pau", Rational(pauNumerator, pauDenominator)},
	{"staf", STAF(stafTerms)},
}

// baselineMaker returns the Maker of the baseline, nil if there is none of the name.
func baselineMaker(name string) Maker {
	for _, b := range baselines {
		if b.name == name {
			return b.maker()
		}
	}
	for _, b := range otherBaselines {
		if b.name == name {
			return b.maker
		}
	}
	return nil
}

// Baselines returns the names that Baseline knows.
func Baselines() []string {
	var names []string
	for _, b := range baselines {
		names = append(names, b.name)
	}
	for _, b := range otherBaselines {
		names = append(names, b.name)
	}
	return names
}

// function is a scalar function y(x; p) of a number and a parameter, with its
// derivatives, in float64: exact but for some roundings, and the only form for float64
// tensors.
type function struct {
	name          string
	value, dx, dp func(x, p float64) float64
	// fast has the loops for float32, nil for the formulas above.
	fast fast
}

// Tables are made at first use. Where they end, y and y′ are less than 10⁻⁸ off their
// limits; elu's ends at its kink.
var (
	leaky = &function{name: "leaky", value: leakyValue, dx: leakyDx, dp: leakyDp, fast: leakyLoops{}}
	silu  = &function{name: "silu", value: siluValue, dx: siluDx, dp: siluDp, fast: swishLoops{}}

	relu     = &function{name: "relu", value: reluValue, dx: reluDx, fast: leakyLoops{}}
	elu      = tabulated(&function{name: "elu", value: eluValue, dx: eluDx}, eluAlpha, table.Fixed{Lo: -20, Hi: 0, Width: 1. / 4, Below: -1, Above: identity})
	gelu     = tabulated(&function{name: "gelu", value: geluValue, dx: geluDx}, 0, table.Fixed{Lo: -7, Hi: 7, Width: 1. / 8, Above: identity})
	mish     = tabulated(&function{name: "mish", value: mishValue, dx: mishDx}, 0, table.Fixed{Lo: -24, Hi: 24, Width: 1. / 8, Above: identity})
	softplus = tabulated(&function{name: "softplus", value: softplusValue, dx: sigmoidValue}, 0, table.Fixed{Lo: -20, Hi: 20, Width: 1. / 4, Above: identity})
	tanh     = tabulated(&function{name: "tanh", value: tanhValue, dx: tanhDx}, 0, table.Fixed{Lo: -10, Hi: 10, Width: 1. / 8, Below: -1, Above: 1})
)

// identity says that a function is x above its table.
var identity = math.NaN()

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

func sigmoidValue(x, _ float64) float64 {
	s, _ := sigmoid(x)
	return s
}

func sigmoidDx(x, _ float64) float64 {
	_, ds := sigmoid(x)
	return ds
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

func tanhValue(x, _ float64) float64 { return math.Tanh(x) }

// tanhDx returns 1 − tanh²(x) = 4σ(2x)·σ(−2x), without loss of the tails.
func tanhDx(x, _ float64) float64 {
	_, ds := sigmoid(2 * x)
	return 4 * ds
}
