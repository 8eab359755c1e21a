package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestWideNarrow: tables of domains near and beyond the limits of float32, and of those
// with kinks nearer to 0 than float32 goes, give what the exact curve does: slices of all
// lengths, all methods.
func TestWideNarrow(t *testing.T) {
	for _, d := range [][2]float64{{-1e-37, 1e-37}, {0, 1e-37}, {0, 1e-45}, {-1e-299, 1e-299}, {0, 1e60}, {-1e60, 1e60}, {-1e38, 1e38}, {0, 1e300}, {-1e299, 1e-299},
		{1e50, 2e50}, {1e-50, 2e-50}, {-1e-20, 3}, {-1, 1e-44}, {-1e-100, 1}, {-3, 1e30}, {-1e35, 1}} {
		for _, v := range shapetest.Variants() {
			for _, boundary := range []cpab.Boundary{cpab.ZeroBoundary, cpab.FreeBoundary} {
				if v == shapetest.GE && d[0] != 0 {
					continue
				}
				s, err := cpab.NewSpace(10, cpab.WithDomain(d[0], d[1]), cpab.WithBoundary(boundary))
				require.NoError(t, err)
				c := shapetest.New(t, s, v, 0.1)
				for _, scale := range []float64{0, 0.3} {
					theta := make([]float64, c.Dim())
					for k := range s.Dim() {
						theta[k] = scale * math.Cos(float64(k))
					}
					tab, err := newTable(c, theta, DefaultTolerance)
					require.NoError(t, err)
					for _, n := range []int{100, 9000} {
						holdWide(t, tab, n, fmt.Sprintf("%v on %v, %v ends, θ × %v, %d elements", v, d, boundary, scale, n))
					}
				}
			}
		}
	}
}

// TestManyCells: a curve of 65,536 cells is made and evaluated in a moment (the time that
// is allowed is for busy machines), though a table would take seconds.
func TestManyCells(t *testing.T) {
	s, err := cpab.NewSpace(cpab.MaxCells, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisHat))
	require.NoError(t, err)
	c := shapetest.New(t, s, shapetest.DiTAC, 0)
	theta := make([]float64, s.Dim())
	for k := range theta {
		theta[k] = math.Sin(float64(k))
	}
	begin := time.Now()
	tab, err := newTable(c, theta, DefaultTolerance)
	require.NoError(t, err)
	require.Zero(t, tab.Pieces(), "left to the exact evaluation")
	holdWide(t, tab, 50_000, "65,536 cells")
	require.Less(t, time.Since(begin), 4*time.Second)
}

func holdWide(t *testing.T, tab *Table, n int, name string) {
	t.Helper()
	const eps = 0x1p-24
	rng := rand.New(rand.NewPCG(1, 2))
	a, b := tab.exact.Curve.Grid.A, tab.exact.Curve.Grid.B
	x, g, y, dy := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		g[i] = 1
		switch i % 4 {
		case 0:
			x[i] = float32(a + (b-a)*rng.Float64())
		case 1:
			x[i] = float32(rng.NormFloat64())
		case 2:
			x[i] = float32(math.Copysign(math.Pow(10, 90*rng.Float64()-50), rng.Float64()-0.5))
		}
		if v := float64(x[i]); math.IsInf(v, 0) {
			x[i] = 0
		}
	}
	tab.Forward32(y, x)
	tab.BackwardX32(dy, x, g)
	for i := range x {
		want, slope := tab.exact.Jet(float64(x[i]))
		want, slope = rounded(want), rounded(slope)
		if float64(y[i]) != want {
			require.InDelta(t, want, y[i], tab.tol+8*eps*math.Max(1, math.Abs(want)), "%s: y(%v)", name, x[i])
		}
		if float64(dy[i]) != slope && float64(x[i]) != b && !shapetest.Is(tab.exact.Curve, shapetest.Leaky) { // conventions; see TestTableError
			require.InDelta(t, slope, dy[i], (tab.tol+8*eps)*math.Max(1, math.Abs(slope)), "%s: y′(%v)", name, x[i])
		}
	}
	got, want := make([]float64, tab.Dim()), make([]float64, tab.Dim())
	tab.BackwardTheta32(got, x, g)
	tab.exact.BackwardTheta32(want, x, g)
	largest := math.Min(float64(n), (b-a)*float64(n))
	for _, w := range want {
		largest = math.Max(largest, math.Abs(w))
	}
	for k := range want {
		if got[k] != want[k] {
			require.InDelta(t, want[k], got[k], 1e-5*largest, "%s: ∂y/∂θ[%d]", name, k)
		}
	}
}

// rounded returns x, and infinities for what is beyond float32.
func rounded(x float64) float64 {
	if math.Abs(x) > math.MaxFloat32 {
		return math.Copysign(math.Inf(1), x)
	}
	return x
}

// TestFarDomains: where a domain lies so far from 0 that the numbers of bins have no float32
// or no int32, the exact curve evaluates; short slices and long ones. The kernels do not
// look where they read.
func TestFarDomains(t *testing.T) {
	for id := range uint64(400) {
		rng := rand.New(rand.NewPCG(id, 4))
		width := math.Ldexp(1+rng.Float64(), rng.IntN(20)-10)
		a := math.Copysign(width*math.Ldexp(1+rng.Float64(), 14+rng.IntN(24)), rng.Float64()-0.5)
		v := []shapetest.Variant{shapetest.Plain, shapetest.Leaky}[id%2]
		s, err := cpab.NewSpace(10, cpab.WithDomain(a, a+width))
		require.NoError(t, err)
		c := shapetest.New(t, s, v, 0.1)
		theta := make([]float64, s.Dim())
		for k := range theta {
			theta[k] = rng.NormFloat64()
		}
		tab, err := newTable(c, theta, DefaultTolerance)
		require.NoError(t, err)
		for _, n := range []int{200, 20_000} {
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i] = float32(a + width*(3*rng.Float64()-1))
				if i%2 == 0 { // the float32 next to the table
					x[i] = []float32{math.Nextafter32(float32(a), -1e38), math.Nextafter32(float32(a), 1e38), float32(a), float32(a + width)}[i/2%4]
				}
			}
			tab.Forward32(y, x)
			for i := range x {
				want := tab.exact.Value(float64(x[i]))
				require.InDelta(t, want, y[i], tab.tol+0x1p-21*math.Abs(want), "%v on [%v,%v], x = %v, %d elements", v, a, a+width, x[i], n)
			}
			tab.BackwardX32(y, x, x)
			tab.BackwardTheta32(make([]float64, s.Dim()), x, x)
		}
	}
}

// TestNarrowPieces: a piece that is narrower than any float32 is left to the exact curve.
func TestNarrowPieces(t *testing.T) {
	s, err := cpab.NewSpace(4, cpab.WithDomain(-1, 1), cpab.WithBoundary(cpab.FreeBoundary), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(t, err)
	c := shapetest.New(t, s, shapetest.Plain, 0)
	tab, err := newTable(c, []float64{0.05, 0.1, -5e-61, 0.05, 0.1}, DefaultTolerance) // what flows into the middle starts at 1e-60
	require.NoError(t, err)
	k := tab.find(0)
	require.Greater(t, tab.list[k].inv, math.MaxFloat32)
	require.True(t, tab.list[k].wild)
	holdWide(t, tab, 1000, "a piece that only 0 lies in")
}
