package plots

import (
	"fmt"
	"math"
	"strings"
)

// known are the activations that others are compared with; package models has them for
// networks, and says whose they are.
var known = []struct {
	name string
	f    func(x float64) float64
}{
	{"identity", func(x float64) float64 { return x }},
	{"relu", func(x float64) float64 { return max(x, 0) }},
	{"leakyrelu", func(x float64) float64 { return max(x, 0.01*x) }},
	{"elu", func(x float64) float64 {
		if x > 0 {
			return x
		}
		return math.Expm1(x)
	}},
	{"gelu", func(x float64) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) }},
	{"silu", func(x float64) float64 { return x / (1 + math.Exp(-x)) }},
	{"mish", func(x float64) float64 { return x * math.Tanh(softplus(x)) }},
	{"softplus", softplus},
	{"tanh", math.Tanh},
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// KnownNames returns the names of the known activations: identity, relu, leakyrelu, elu, gelu,
// silu, mish, softplus and tanh.
func KnownNames() []string {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.name
	}
	return names
}

// Known returns the known activation of a name of [KnownNames].
func Known(name string) (func(x float64) float64, error) {
	for _, k := range known {
		if k.name == name {
			return k.f, nil
		}
	}
	return nil, fmt.Errorf("plots: unknown activation %q, want one of %s", name, strings.Join(KnownNames(), ", "))
}
