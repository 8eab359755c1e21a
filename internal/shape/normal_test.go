package shape

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNormal(t *testing.T) {
	for x := -9.0; x <= 9; x += 1.0 / 4099 {
		cdf, pdf := normal(x)
		require.InDelta(t, normalCDF(x), cdf, 1e-14, "Φ(%v)", x)
		require.InDelta(t, normalPDF(x), pdf, 1e-14, "Φ′(%v)", x)
	}
	for _, x := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		cdf, pdf := normal(x)
		if math.IsNaN(x) {
			require.True(t, math.IsNaN(cdf) && math.IsNaN(pdf))
		} else {
			require.Equal(t, normalCDF(x), cdf)
			require.Equal(t, 0.0, pdf)
		}
	}
}

func BenchmarkNormal(b *testing.B) {
	s := 0.0
	x := 0.0
	for b.Loop() {
		x += 0.001
		if x > 3 {
			x = -3
		}
		c, p := normal(x)
		s += c + p
	}
	sink = s
}

var sink float64

func BenchmarkNormalExact(b *testing.B) {
	s := 0.0
	x := 0.0
	for b.Loop() {
		x += 0.001
		if x > 3 {
			x = -3
		}
		s += normalCDF(x) + normalPDF(x)
	}
	sink = s
}
