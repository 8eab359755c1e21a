package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestLost holds all implementations to the rule of [Evaluator]: an element whose x is NaN
// or whose g is not finite has dst NaN and makes all of dtheta NaN, wherever it lies; what
// it has no part in has the bits that it has without it.
func TestLost(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	finite := []float32{-inf, inf, -math.MaxFloat32, math.MaxFloat32, -1e30, -100, -40, -8, -6.5, -3.0000002, -3, -2.999, -1.2, -1, 0, 0.6, 1.8, 2.9999, 3, 3.0000002, 5, 8, 40, 1e30}
	eachCurve(t, func(t *testing.T, e *Exact, _ []float64, rng *rand.Rand) {
		if rng.IntN(2) == 0 { // half of the curves do
			return
		}
		tab, err := New(e, DefaultTolerance)
		require.NoError(t, err)
		for _, n := range []int{1, 37, 9000, 200_000} {
			if n > 9000 && (tab.fine.quadsFor(n) == nil || rng.IntN(3) > 0) {
				continue
			}
			x, g := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], g[i] = float32(2*rng.NormFloat64()), float32(rng.NormFloat64())
			}
			plain, lost := make([]float32, n), make([]float32, n)
			tab.BackwardX32(plain, x, g)
			theta := make([]float64, tab.Dim())
			tab.BackwardTheta32(theta, x, g)
			require.Zero(t, countNaN(theta))
			for k := range len(finite) * 3 {
				at := rng.IntN(n)
				keepX, keepG := x[at], g[at]
				x[at], g[at] = finite[k%len(finite)], []float32{inf, -inf, nan}[k/len(finite)]
				where := fmt.Sprintf("%d elements, x = %v, g = %v", n, x[at], g[at])
				tab.BackwardX32(lost, x, g)
				require.True(t, lost[at] != lost[at], "%s: dst = %v", where, lost[at])
				lost[at] = plain[at]
				require.True(t, sameBits(plain, lost), where)
				if n < 100_000 || k%7 == 0 {
					clear(theta)
					tab.BackwardTheta32(theta, x, g)
					require.Equal(t, tab.Dim(), countNaN(theta), "%s: %v", where, theta)
				}
				if n == 1 {
					requireLost(t, e, float64(x[at]), float64(g[at]))
				}
				x[at], g[at] = keepX, keepG
			}
			at := rng.IntN(n)
			keep := x[at]
			x[at] = nan
			tab.BackwardX32(lost, x, g)
			require.True(t, lost[at] != lost[at])
			clear(theta)
			tab.BackwardTheta32(theta, x, g)
			require.Equal(t, tab.Dim(), countNaN(theta))
			requireLost(t, e, math.NaN(), 1)
			requireLost(t, e, math.NaN(), 0)
			x[at] = keep
		}
	})
}

// requireLost holds the exact evaluation and forms, in both dtypes, to the rule for one
// element.
func requireLost(t *testing.T, exact *Exact, x, g float64) {
	t.Helper()
	for _, e := range []Evaluator{exact, NewForms(exact), NewForms32(exact, DefaultTolerance)} {
		d64, d32 := []float64{0}, []float32{0}
		e.BackwardX64(d64, []float64{x}, []float64{g})
		e.BackwardX32(d32, []float32{float32(x)}, []float32{float32(g)})
		require.True(t, d64[0] != d64[0] && d32[0] != d32[0], "x = %v, g = %v: dst %v and %v", x, g, d64, d32)
		t64, t32 := make([]float64, e.Dim()), make([]float64, e.Dim())
		e.BackwardTheta64(t64, []float64{x}, []float64{g})
		e.BackwardTheta32(t32, []float32{float32(x)}, []float32{float32(g)})
		require.Equal(t, 2*e.Dim(), countNaN(t64)+countNaN(t32), "x = %v, g = %v: dtheta %v and %v", x, g, t64, t32)
	}
}

func countNaN(x []float64) int {
	n := 0
	for _, v := range x {
		if v != v {
			n++
		}
	}
	return n
}

// TestLargeGradients: gradients whose sums are beyond float32, but not beyond float64, are
// no lost elements, in the domain or beside it.
func TestLargeGradients(t *testing.T) {
	for _, v := range shapetest.Variants() {
		c := shapetest.Default(t, v, 10)
		tab, err := newTable(c, shapetest.PriorTheta(t, c, 1, 0.2), DefaultTolerance)
		require.NoError(t, err)
		for _, n := range []int{64, 400_000} {
			for _, at := range []float32{-9, 1, 9} {
				x, g := make([]float32, n), make([]float32, n)
				for i := range x {
					x[i], g[i] = 1.5, 1
					if i < 32 {
						x[i], g[i] = at, math.MaxFloat32
					}
				}
				got, want := make([]float64, tab.Dim()), make([]float64, tab.Dim())
				tab.BackwardTheta32(got, x, g)
				tab.exact.BackwardTheta32(want, x, g)
				f64 := make([]float64, tab.Dim())
				NewForms(tab.exact).BackwardTheta32(f64, x, g)
				f32 := make([]float64, tab.Dim())
				NewForms32(tab.exact, DefaultTolerance).BackwardTheta32(f32, x, g)
				for k := range want {
					allowed := 1e-5 * (math.Abs(want[k]) + float64(n))
					if at < 0 { // Φ(−9) is held to a part of 1, not of itself
						allowed += 32 * math.MaxFloat32 * 1e-6
					}
					require.InDelta(t, want[k], f32[k], allowed, "%v, %d elements, 32 of them at %v, by forms", v, n, at)
					require.InDelta(t, want[k], f64[k], 1e-9*(math.Abs(want[k])+float64(n)))
					require.False(t, math.IsNaN(want[k]) || math.IsInf(want[k], 0))
					require.InDelta(t, want[k], got[k], 1e-5*(math.Abs(want[k])+float64(n)), "%v, %d elements, 32 of them at %v", v, n, at)
				}
			}
		}
	}
}
