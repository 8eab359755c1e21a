package ptx

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFits: the kernels of curves that fit get along with the shared memory that every
// GPU has, and curves of twice the length do not fit.
func TestFits(t *testing.T) {
	moments, exact := kernel(t, "ditac", "moments_f32"), kernel(t, "exact", "moments_exact_f64")
	require.Equal(t, momentsShared, moments.Shared())
	require.Equal(t, exactMomentsShared, exact.Shared())
	tables, curves := Tables{Stride: 8192}, Exact{Stride: 4096}
	require.True(t, tables.Fits())
	require.True(t, curves.Fits())
	require.LessOrEqual(t, moments.Shared()+tables.Stride*startSize, MaxShared)
	require.LessOrEqual(t, exact.Shared()+curves.Shared(), MaxShared)
	tables.Stride, curves.Stride = 2*tables.Stride, 2*curves.Stride
	require.False(t, tables.Fits())
	require.False(t, curves.Fits())
}
