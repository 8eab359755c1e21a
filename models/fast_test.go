package models

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// fastError is the largest error of the loops for float32, absolute and relative, as the
// documentation of Baseline has it.
const fastError = 3e-7

// allFloat32 returns numbers from all of float32, and more of them around 0.
func allFloat32() []float32 {
	var x []float32
	for b := uint64(0); b < 1<<32; b += 99991 {
		if v := math.Float32frombits(uint32(b)); v == v {
			x = append(x, v)
		}
	}
	for i := range 1 << 16 {
		x = append(x, float32(i-1<<15)/1024) // ±32
	}
	return append(x, float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)))
}

// TestFastErrors compares y and y′ of float32 with the formulas in float64, over all of
// float32.
func TestFastErrors(t *testing.T) {
	x := allFloat32()
	y, dx, g := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
	for i := range g {
		g[i] = 1
	}
	params := map[string][]float64{"prelu": {0.25, 1.5, -0.5, 0}, "swish": {1, 0, 0.7, -2}}
	for _, b := range append(baselines[:len(baselines):len(baselines)], baseline{name: "sine", fn: sineFunction, p: 1}) {
		if params[b.name] == nil {
			params[b.name] = []float64{b.p}
		}
		for _, p := range params[b.name] {
			p = float64(float32(p)) // learned ones are
			b.fn.fast.forward(y, x, p)
			b.fn.fast.backwardX(dx, x, g, p)
			worst, worstSlope := 0., 0.
			for i, v := range x {
				wy, wdx := b.fn.value(float64(v), p), b.fn.dx(float64(v), p)
				worst = max(worst, fastDistance(wy, y[i]))
				worstSlope = max(worstSlope, fastDistance(wdx, dx[i]))
			}
			require.LessOrEqual(t, worst, fastError, "%s, p = %v", b.name, p)
			require.LessOrEqual(t, worstSlope, fastError, "%s, p = %v", b.name, p)
			t.Logf("%s, p = %v: errors %.2g and %.2g", b.name, p, worst, worstSlope)
		}
	}
}

// fastDistance returns the error, relative if it is of a large number, and +Inf if only
// one of them is NaN or infinite.
func fastDistance(want float64, got float32) float64 {
	switch w := float32(want); {
	case w == got || w != w && got != got:
		return 0
	case got != got || w-w != 0 || got-got != 0:
		return math.Inf(1)
	}
	return math.Abs(float64(got)-want) / max(1, math.Abs(want))
}

// TestFastInPlace: dst may be x or g.
func TestFastInPlace(t *testing.T) {
	x := allFloat32()[:5000]
	g := allFloat32()[7000:12000]
	for _, b := range append(baselines[:len(baselines):len(baselines)], baseline{name: "sine", fn: sineFunction, p: 1}) {
		want, got := make([]float32, len(x)), append([]float32(nil), x...)
		b.fn.fast.forward(want, x, b.p)
		b.fn.fast.forward(got, got, b.p)
		require.Equal(t, bitsOf(want), bitsOf(got), b.name)
		b.fn.fast.backwardX(want, x, g, b.p)
		copy(got, x)
		b.fn.fast.backwardX(got, got, g, b.p)
		require.Equal(t, bitsOf(want), bitsOf(got), b.name)
		copy(got, g)
		b.fn.fast.backwardX(got, x, got, b.p)
		require.Equal(t, bitsOf(want), bitsOf(got), b.name)
	}
}

func bitsOf(x []float32) []uint32 {
	b := make([]uint32, len(x))
	for i, v := range x {
		b[i] = math.Float32bits(v)
	}
	return b
}

// TestFastParameter compares the gradients to learned parameters with the formulas, for one
// element at a time, where tables end and beyond: at ±Inf they have their limits.
func TestFastParameter(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, f := range []*function{leaky, silu} {
		for _, p := range []float64{1, 0.25, -2, 0} {
			for _, v := range []float32{0, 1e-45, 1e-40, 0.3, 3, 24, 100, 1e7, 1e30, 3e38, inf} {
				for _, x := range []float32{v, -v} {
					if f == silu && p == 0 && v == inf {
						continue // x²/4
					}
					got := f.fast.backwardParam([]float32{x}, []float32{1}, p)
					// The table's error, of σ′, on x².
					want := f.dp(float64(x), p)
					require.InDelta(t, want, got, fastError*max(1, float64(x)*float64(x)), "%s, p = %v at %v", f.name, p, x)
				}
			}
		}
	}
	// Slices that processors share add up to the whole.
	x, g := make([]float32, 2*fastSlice+77), make([]float32, 2*fastSlice+77)
	for i := range x {
		x[i], g[i] = float32(math.Sin(float64(i)))*3, float32(i)/fastSlice
	}
	for _, f := range []*function{leaky, silu} {
		want := 0.
		for i, v := range x {
			want += float64(g[i]) * f.dp(float64(v), 0.7)
		}
		require.InEpsilon(t, want, f.fast.backwardParam(x, g, 0.7), 1e-5, f.name)
	}
	require.True(t, math.IsNaN(silu.fast.backwardParam([]float32{nan32()}, []float32{1}, 1)))
}
