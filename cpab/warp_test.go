package cpab

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWarp: outside the domain all is at rest; inside, and at the ends, it is the flow, to
// which the warp is joined without a jump by zero boundaries. The flow itself goes on
// affinely outside, as the golden vectors have it.
func TestWarp(t *testing.T) {
	s, err := NewSpace(4, WithBasis(BasisNodal))
	require.NoError(t, err)
	f, err := s.Field([]float64{0.3, -0.2, 0.25})
	require.NoError(t, err)
	for _, x := range []float64{-1e300, -2, -1e-9, math.Nextafter(1, 2), 1.5, 1e9, math.Inf(1), math.Inf(-1)} {
		require.Equal(t, x, f.Warp(x, 1))
		phi, dx, grad := f.WarpGrad([]float64{7, 7, 7}, x, 1)
		require.Equal(t, x, phi)
		require.Equal(t, 1.0, dx)
		require.Equal(t, []float64{0, 0, 0}, grad)
	}
	for _, x := range []float64{0, 1e-12, 0.3, 0.5, 0.99, 1} {
		for _, time := range []float64{1, -2} {
			require.Equal(t, f.Flow(x, time), f.Warp(x, time))
			phi, dx, grad := f.FlowGrad(nil, x, time)
			gotPhi, gotDx, gotGrad := f.WarpGrad(nil, x, time)
			require.Equal(t, phi, gotPhi)
			require.Equal(t, dx, gotDx)
			require.Equal(t, grad, gotGrad)
		}
	}
	for _, end := range []float64{0, 1} {
		require.Equal(t, end, f.Warp(end, 1))
	}
	require.True(t, math.IsNaN(f.Warp(math.NaN(), 1)))
	require.True(t, math.IsNaN(f.Warp(2, math.Inf(1))))
	_, _, grad := f.WarpGrad(nil, math.NaN(), 1)
	require.True(t, math.IsNaN(grad[0]))
	// v = −1·(x − 1) beyond the right end, where the last cell has V = 0.25 and 0: dx/dt =
	// −(x−1).
	require.InDelta(t, 1+math.Exp(-1), f.Flow(2, 1), 1e-15)
}
