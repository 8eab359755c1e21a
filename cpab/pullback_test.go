package cpab

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPullBackNotFinite: a NaN reaches all parameters, so that a lost element does not
// hide; an infinite gradient only those that move its vertex.
func TestPullBackNotFinite(t *testing.T) {
	s, err := NewSpace(4, WithBasis(BasisNodal)) // one parameter per inner vertex
	require.NoError(t, err)
	inf, nan := math.Inf(1), math.NaN()
	pulled := func(dv ...float64) string {
		dtheta := make([]float64, 3)
		require.NoError(t, s.PullBack(dtheta, dv))
		return fmt.Sprint(dtheta)
	}
	require.Equal(t, "[0 +Inf 0]", pulled(0, 0, inf, 0, 0))
	require.Equal(t, "[1 -Inf 2]", pulled(0, 1, -inf, 2, 0))
	require.Equal(t, "[1 0 2]", pulled(inf, 1, 0, 2, -inf), "the ends are at rest")
	require.Equal(t, "[NaN NaN NaN]", pulled(0, 0, nan, 0, 0))
	require.Equal(t, "[NaN NaN NaN]", pulled(nan, 0, 0, 0, 0))

	f, err := s.Field([]float64{1, -2, 3})
	require.NoError(t, err)
	_, _, grad := f.FlowGrad(nil, nan, 1)
	require.Equal(t, "[NaN NaN NaN]", fmt.Sprint(grad))
}

// TestRestGradientBases is TestRestGradient for the bases whose coordinates each move
// many vertices: the ends have no gradient, even where e^{slope·t} overflows.
func TestRestGradientBases(t *testing.T) {
	for _, basis := range []Basis{BasisQR, BasisSVD, BasisRREF, BasisSparse, BasisNodal, BasisBump} {
		s, err := NewSpace(16, WithBasis(basis), WithDomain(-3, 3))
		require.NoError(t, err)
		for _, v := range []float64{1, 1e3, -1e3} { // slopes to 2667
			vertex := make([]float64, 17)
			for j := 1; j < 16; j++ {
				vertex[j] = v
			}
			theta, err := s.Coordinates(vertex)
			require.NoError(t, err)
			f, err := s.Field(theta)
			require.NoError(t, err)
			for _, x := range []float64{-3, 3} {
				_, _, grad := f.FlowGrad(nil, x, 1)
				require.Equal(t, make([]float64, 15), grad, "%v, V = %v, at %v", basis, v, x)
			}
		}
	}
}
