package table

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

var fixedTanh = Fixed{
	Value: math.Tanh, Slope: func(x float64) float64 { c := math.Cosh(x); return 1 / (c * c) },
	Lo: -10, Hi: 10, Width: 0.125, Below: -1, Above: 1,
}

// TestFunction: errors over all of float32, tails, lost elements, and dst as an input.
func TestFunction(t *testing.T) {
	f, err := NewFunction(fixedTanh)
	require.NoError(t, err)
	var x []float32
	for b := uint64(0); b < 1<<32; b += 9973 {
		if v := math.Float32frombits(uint32(b)); v == v {
			x = append(x, v)
		}
	}
	for i := range 200000 {
		x = append(x, float32(i-100000)/8192)
	}
	y, dx, g := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
	for i := range g {
		g[i] = 1
	}
	f.Forward(y, x)
	f.BackwardX(dx, x, g)
	var worst, worstSlope float64
	for i, v := range x {
		worst = max(worst, math.Abs(float64(y[i])-math.Tanh(float64(v))))
		if math.Abs(float64(v)) < 300 {
			worstSlope = max(worstSlope, math.Abs(float64(dx[i])-fixedTanh.Slope(float64(v))))
		} else {
			require.Zero(t, dx[i])
		}
	}
	t.Logf("errors %.2g and %.2g", worst, worstSlope)
	// One rounding of numbers up to 1, and one of each coefficient's product.
	require.Less(t, worst, 1.5e-7)
	require.Less(t, worstSlope, 3e-7)
	in := append([]float32(nil), x...)
	f.Forward(in, in)
	require.Equal(t, y, in)
	copy(in, x)
	f.BackwardX(in, in, g)
	require.Equal(t, dx, in)

	inf := float32(math.Inf(1))
	x = []float32{nan32, -inf, inf, 0, -20, 20, 1}
	y, dx = make([]float32, len(x)), make([]float32, len(x))
	f.Forward(y, x)
	require.True(t, y[0] != y[0])
	require.Equal(t, []float32{-1, 1, 0, -1, 1}, y[1:6])
	f.BackwardX(dx, x, []float32{1, 1, 1, 1, inf, nan32, inf})
	require.Equal(t, []float32{0, 0, 1}, dx[1:4])
	for _, i := range []int{0, 4, 5, 6} {
		require.True(t, dx[i] != dx[i], "%d", i)
	}
}

func TestFunctionErrors(t *testing.T) {
	for _, change := range []func(f *Fixed){
		func(f *Fixed) { f.Hi = f.Lo }, func(f *Fixed) { f.Width = 0.3 }, func(f *Fixed) { f.Hi = 9.99 }, func(f *Fixed) { f.Width = 1. / 1024 },
		func(f *Fixed) { f.Width = math.NaN() },
	} {
		f := fixedTanh
		change(&f)
		_, err := NewFunction(f)
		require.ErrorContains(t, err, "want 1024 or fewer")
	}
}
