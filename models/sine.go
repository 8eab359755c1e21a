package models

import (
	"fmt"
	"math"
)

// sirenOmega is the factor of SIREN's sines, in all layers.
const sirenOmega = 30

// Sine returns a Maker of y = sin(ω·x), with ω = first for a network's first activation
// and ω = hidden for the others, both positive. It is an [Initializer]: in networks that
// ask, the weights of the first layer start uniformly in ±1/n for n inputs of a unit, the
// others in ±√(6/n)/hidden, by which the outputs of all layers have equal spreads. From
// Sitzmann et al., "Implicit Neural Representations with Periodic Activation Functions"
// (SIREN), NeurIPS 2020, section 3.2, who have 30 for both; a small first factor suits
// smooth targets.
func Sine(first, hidden float64) Maker {
	return func(p Place) (Activation, error) {
		for _, o := range []struct {
			name  string
			omega float64
		}{{"first", first}, {"hidden", hidden}} {
			if !(o.omega > 0) || math.IsInf(o.omega, 0) {
				return nil, fmt.Errorf("models: Sine: %s = %v, want a positive number", o.name, o.omega)
			}
		}
		omega := hidden
		if p.First {
			omega = first
		}
		return &sine{baselineActivation{baseline: baseline{name: "sine", fn: sineFunction, p: omega}}, hidden}, nil
	}
}

// sine is a sine at a place.
type sine struct {
	baselineActivation
	hidden float64
}

// InitBound implements Initializer.
func (a *sine) InitBound(in int, first bool) float64 {
	if first {
		return 1 / float64(in)
	}
	return math.Sqrt(6/float64(in)) / a.hidden
}

var sineFunction = &function{name: "sine", value: sineValue, dx: sineDx, fast: sineLoops{}}

func sineValue(x, omega float64) float64 { return math.Sin(omega * x) }

func sineDx(x, omega float64) float64 { return omega * math.Cos(omega*x) }
