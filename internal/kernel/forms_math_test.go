package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFormFunctions holds the functions that forms are made of against those of package
// math, whose errors are below one unit in the last place.
func TestFormFunctions(t *testing.T) {
	const ulp = 0x1p-52
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		w := math.Copysign(math.Exp(4*rng.NormFloat64()-2), rng.NormFloat64())
		if math.Abs(w) > 300 {
			continue
		}
		em1, poly, near := expm1(w)
		require.InEpsilon(t, math.Expm1(w), em1, 3*ulp, "e^%v − 1", w)
		if near {
			require.InEpsilon(t, math.Expm1(w), w+w*w*poly, 3*ulp)
		}
		eta := math.Expm1(w)
		if ratio := 1 + eta; ratio > 0x1p-1000 {
			l := logOf(eta, ratio)
			allowed := 4 * ulp
			if l.near {
				require.Equal(t, l.log, 2*l.s+l.tail)
			} else {
				allowed += ulp / math.Abs(math.Log1p(eta)) // ratio is rounded
			}
			require.InEpsilon(t, math.Log1p(eta), l.log, allowed, "log(1 + %v)", eta)
		}
	}
	f := NewForms()
	f.GateTo = 100
	for x := -45.0; x < 12; x += 1. / 1023 {
		cdf, pdf := f.gate(x)
		require.InDelta(t, 0.5*math.Erfc(-x/math.Sqrt2), cdf, 1e-15, "Φ(%v)", x)
		require.InDelta(t, math.Exp(-x*x/2)/math.Sqrt(2*math.Pi), pdf, 1e-15, "Φ′(%v)", x)
		if x > -8 {
			require.InEpsilon(t, 0.5*math.Erfc(-x/math.Sqrt2), cdf, 1e-12, "Φ(%v)", x)
		}
	}
	f.GateTo = 0
	for _, x := range []float64{0, 1e-300, 5, 1e100, math.NaN(), math.Inf(1)} {
		cdf, pdf := f.gate(x)
		require.Equal(t, [2]float64{1, 0}, [2]float64{cdf, pdf}, "without a gate at %v", x)
	}
	for _, x := range []float64{-1e9, -100, -39} {
		cdf, pdf := f.gate(x)
		require.Equal(t, [2]float64{}, [2]float64{cdf, pdf})
	}
}
