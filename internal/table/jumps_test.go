package table

import (
	"fmt"
	"math"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestJumps: with free ends the curve may jump at the ends of its domain. Slices of all
// lengths keep the table's bounds there, as everywhere: fine grids, which long ones get,
// draw nothing across the jump. The elements lie all over [−4,4] and next to all that is
// special.
func TestJumps(t *testing.T) {
	const eps = 0x1p-24
	fine := map[string]int{}
	for _, v := range shapetest.Variants() {
		for _, boundary := range []cpab.Boundary{cpab.ZeroBoundary, cpab.FreeBoundary} {
			for _, scale := range []float64{0, 0.01, 0.1, -0.1, 0.3} {
				for _, tolerance := range []float64{DefaultTolerance, 1e-4, 1e-3} {
					a, b := v.Domain()
					s, err := cpab.NewSpace(10, cpab.WithDomain(a, b), cpab.WithBoundary(boundary), cpab.WithBasis(cpab.BasisNodal))
					require.NoError(t, err)
					c := shapetest.New(t, s, v, 0.05)
					theta := make([]float64, c.Dim())
					for k := range s.Dim() {
						theta[k] = scale * (1 + 0.3*math.Sin(float64(3*k)))
					}
					tab, err := newTable(c, theta, tolerance)
					require.NoError(t, err)
					for _, n := range []int{1000, 8192, 100_000, 1_600_000} {
						if n > 100_000 && (tolerance != DefaultTolerance || scale != 0.1) {
							continue
						}
						for name, used := range map[string]bool{"lines": tab.fine.linesFor(n) != nil, "slopes": tab.fine.slopesFor(n) != nil, "quads": tab.fine.quadsFor(n) != nil} {
							if used {
								fine[name]++
							}
						}
						holdJumps(t, tab, n, eps, fmt.Sprintf("%v, %v ends, θ %v, tolerance %v, %d elements", v, boundary, scale, tolerance, n))
					}
				}
			}
		}
	}
	t.Log("with fine grids:", fine)
	for _, name := range []string{"lines", "slopes", "quads"} {
		require.Greater(t, fine[name], 30, name)
	}
}

// holdJumps holds a table against its exact curve.
func holdJumps(t *testing.T, tab *Table, n int, eps float64, name string) {
	t.Helper()
	inf := float32(math.Inf(1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(-4 + 8*float64(i)/float64(n))
	}
	e := tab.exact
	special := append(e.Curve.Space.Vertices(), 0, -4, 4)
	for i := range tab.smooths {
		if from := tab.smooths[i].From; !math.IsInf(from, 0) {
			special = append(special, from)
		}
	}
	at := 0
	put := func(v float32) {
		x[at] = v
		at += n / 1000 // in all blocks
	}
	for _, v := range special {
		f := float32(v)
		put(f)
		put(math.Nextafter32(f, inf))
		put(math.Nextafter32(f, -inf))
		put(f + 1e-4)
		put(f - 1e-4)
	}
	one, y, dy := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range one {
		one[i] = 1
	}
	tab.Forward32(y, x)
	tab.BackwardX32(dy, x, one)
	dv := make([]float64, e.Curve.GradSize())
	step := max(1, n/20_000) // of the elements that are held; next to the special ones all are
	for i := range x {
		if i%step != 0 && i%(n/1000) != 0 {
			continue
		}
		want, slope := e.Jet(float64(x[i]))
		require.InDelta(t, want, y[i], tab.tol+8*eps*math.Max(1, math.Abs(want)), "%s: y(%v)", name, x[i])
		if shapetest.Is(e.Curve, shapetest.Leaky) && want == 0 || float64(x[i]) == e.Curve.Grid.B {
			continue // where y′ jumps, it is a convention; see TestTableError
		}
		require.InDelta(t, slope, dy[i], (tab.tol+8*eps)*math.Max(1, math.Abs(slope)), "%s: y′(%v)", name, x[i])
	}
	// The θ-gradient of all elements near the ends.
	g := make([]float32, n)
	sum := 0.0
	for i, v := range x {
		if math.Min(math.Abs(float64(v)-e.Curve.Grid.A), math.Abs(float64(v)-e.Curve.Grid.B)) < 0.02 {
			g[i] = 1
			sum++
			e.AddGradV(dv, float64(v), 1)
		}
	}
	got, want := make([]float64, tab.Dim()), make([]float64, tab.Dim())
	tab.BackwardTheta32(got, x, g)
	require.NoError(t, e.Curve.PullBack(want, dv))
	largest := 1.0
	for _, w := range want {
		largest = math.Max(largest, math.Abs(w)/math.Max(sum, 1))
	}
	for k := range want {
		require.InDelta(t, want[k]/math.Max(sum, 1), got[k]/math.Max(sum, 1), 2*(tab.tol+8*eps)*largest, "%s: ∂y/∂θ[%d]", name, k)
	}
}
