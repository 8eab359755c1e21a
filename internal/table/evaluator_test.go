package table

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSpecial: NaN stays NaN, +Inf stays +Inf, and −Inf gives what the variant
// promises: 0 with either sign for the gated ones. ∂y/∂θ of a NaN is NaN.
func TestSpecial(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	eachCurve(t, func(t *testing.T, e *Exact, theta []float64, _ *rand.Rand) {
		v := shapetest.Of(e.Curve)
		tab, err := New(e, DefaultTolerance)
		require.NoError(t, err)
		for _, ev := range []Evaluator{e, tab, NewForms(e), NewForms32(e, DefaultTolerance)} {
			x64, x32 := []float64{nan, inf, -inf}, []float32{float32(nan), float32(inf), float32(-inf)}
			y64, y32 := make([]float64, 3), make([]float32, 3)
			d64, d32 := make([]float64, 3), make([]float32, 3)
			ev.Forward64(y64, x64)
			ev.Forward32(y32, x32)
			ev.BackwardX64(d64, x64, []float64{1, 1, 1})
			ev.BackwardX32(d32, x32, []float32{1, 1, 1})
			for _, y := range [][]float64{y64, {float64(y32[0]), float64(y32[1]), float64(y32[2])}} {
				require.True(t, math.IsNaN(y[0]), "y(NaN) = %v", y[0])
				require.Equal(t, inf, y[1], "y(+Inf)")
				switch v {
				case shapetest.DiTAC, shapetest.GE, shapetest.Infinite, shapetest.Amplified:
					require.Zero(t, y[2], "y(−Inf)")
				default:
					require.Equal(t, -inf, y[2], "y(−Inf)")
				}
			}
			for _, d := range [][]float64{d64, {float64(d32[0]), float64(d32[1]), float64(d32[2])}} {
				require.True(t, math.IsNaN(d[0]), "y′(NaN) = %v", d[0])
				switch v {
				case shapetest.Infinite:
					require.Greater(t, d[1], 0.0, "y′(+Inf)")
					require.Zero(t, d[2], "y′(−Inf)")
				case shapetest.DiTAC, shapetest.GE:
					require.Equal(t, 1.0, d[1], "y′(+Inf)")
					require.Zero(t, d[2], "y′(−Inf)")
				case shapetest.Leaky:
					require.Equal(t, 1.0, d[1], "y′(+Inf)")
					require.InDelta(t, 0.05, d[2], 1e-8, "y′(−Inf)")
				case shapetest.Plain:
					require.Equal(t, 1.0, d[1], "y′(+Inf)")
					require.Equal(t, 1.0, d[2], "y′(−Inf)")
				}
			}
			for i, x := range x64 {
				g32, g64 := make([]float64, ev.Dim()), make([]float64, ev.Dim())
				ev.BackwardTheta64(g64, []float64{x}, []float64{1})
				ev.BackwardTheta32(g32, []float32{x32[i]}, []float32{1})
				for k := range g64 {
					switch {
					case math.IsNaN(x):
						require.True(t, math.IsNaN(g64[k]), "∂y/∂θ[%d](NaN) = %v", k, g64[k])
						require.True(t, math.IsNaN(g32[k]), "∂y/∂θ[%d](NaN) = %v", k, g32[k])
					case v != shapetest.Infinite || x < 0:
						require.Zero(t, g64[k], "∂y/∂θ[%d](%v)", k, x)
						require.Zero(t, g32[k], "∂y/∂θ[%d](%v)", k, x)
					}
				}
			}
		}
	})
}

// TestLeakyZeroSlope: a leaky ReLU of slope 0 is a ReLU, also at −Inf.
func TestLeakyZeroSlope(t *testing.T) {
	s, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3))
	require.NoError(t, err)
	c := shapetest.New(t, s, shapetest.Leaky, 0)
	tab, err := newTable(c, []float64{0.3, -0.2, 0.4}, DefaultTolerance)
	require.NoError(t, err)
	for _, ev := range []Evaluator{tab.Exact(), tab, NewForms(tab.Exact()), NewForms32(tab.Exact(), DefaultTolerance)} {
		x, d := []float64{math.Inf(-1), -1e300, -4, -3, -2.5}, make([]float64, 5)
		ev.Forward64(d, x)
		require.Equal(t, make([]float64, 5), positiveZeros(d))
		x32, d32 := []float32{float32(math.Inf(-1)), -1e30, -4, -3, -2.5}, make([]float32, 5)
		ev.Forward32(d32, x32)
		require.Equal(t, make([]float32, 5), positiveZeros(d32))
		ev.BackwardX32(d32, x32, []float32{1, 1, 1, 1, 1})
		require.Equal(t, make([]float32, 5), positiveZeros(d32))
	}
}

// positiveZeros makes all zeros +0.
func positiveZeros[T float](x []T) []T {
	for i := range x {
		x[i] += 0
	}
	return x
}

// TestKinkFromRight: at a kink y′ is the derivative from the right, as [Exact.Jet]
// says; at Leaky's, too, which is at x = 0 before θ has moved.
func TestKinkFromRight(t *testing.T) {
	for _, v := range shapetest.Variants() {
		c := shapetest.Default(t, v, 7)
		for _, scale := range []float64{0, 1} {
			tab, err := newTable(c, shapetest.PriorTheta(t, c, 3, scale), DefaultTolerance)
			require.NoError(t, err)
			e := tab.Exact()
			kinks := c.Space.Vertices()[:c.Space.Cells()]
			if scale == 0 {
				kinks = append(kinks, 0)
			}
			for _, x := range kinks {
				_, dy := e.Jet(x)
				_, right := e.Jet(x + 1e-9)
				assert.InDelta(t, right, dy, 1e-6*math.Max(1, math.Abs(right)), "%v: y′(%v) of Exact", v, x)
				d := []float32{0}
				tab.BackwardX32(d, []float32{float32(x)}, []float32{1})
				if float64(float32(x)) == x {
					assert.InDelta(t, right, d[0], 1e-5*math.Max(1, math.Abs(right)), "%v: y′(%v) of Table", v, x)
				}
			}
		}
	}
}

// TestSlices: the methods on slices give what the scalar ones do, in place too, for
// lengths about the lengths that they work in.
func TestSlices(t *testing.T) {
	eachCurve(t, func(t *testing.T, e *Exact, _ []float64, rng *rand.Rand) {
		for _, n := range []int{0, 1, 2, 7, 100, exactSlice + 1} {
			slicesOf(t, e, shapetest.Elements(&e.Exact, rng, n), rng)
		}
	})
}

func slicesOf(t *testing.T, e *Exact, x64 []float64, rng *rand.Rand) {
	t.Helper()
	n, c := len(x64), e.Curve
	x32, g64, g32 := make([]float32, n), make([]float64, n), make([]float32, n)
	for i := range x64 {
		g64[i] = rng.NormFloat64()
		x32[i], g32[i] = float32(x64[i]), float32(g64[i])
	}
	y64, d64, dv64 := make([]float64, n), make([]float64, n), make([]float64, c.GradSize())
	y32, d32, dv32 := make([]float32, n), make([]float32, n), make([]float64, c.GradSize())
	for i := range x64 {
		y64[i] = e.Value(x64[i])
		y32[i] = float32(e.Value(float64(x32[i])))
		_, dy := e.Jet(x64[i])
		d64[i] = g64[i] * dy
		_, dy = e.Jet(float64(x32[i]))
		d32[i] = float32(float64(g32[i]) * dy)
		e.AddGradV(dv64, x64[i], g64[i])
		e.AddGradV(dv32, float64(x32[i]), float64(g32[i]))
	}
	t64, t32 := make([]float64, e.Dim()), make([]float64, e.Dim())
	for k := range t64 {
		t64[k], t32[k] = 1, -1 // the methods add
	}
	require.NoError(t, c.PullBack(t64, dv64))
	require.NoError(t, c.PullBack(t32, dv32))

	tab, err := New(e, DefaultTolerance)
	require.NoError(t, err)
	for _, ev := range []Evaluator{e, tab} { // tables leave float64 to e
		require.Equal(t, e.Dim(), ev.Dim())
		got := make([]float64, n)
		ev.Forward64(got, x64)
		require.Equal(t, y64, got)
		ev.BackwardX64(got, x64, g64)
		require.Equal(t, d64, got)
		copy(got, x64)
		ev.Forward64(got, got)
		require.Equal(t, y64, got)
		copy(got, x64)
		ev.BackwardX64(got, got, g64)
		require.Equal(t, d64, got)
		copy(got, g64)
		ev.BackwardX64(got, x64, got)
		require.Equal(t, d64, got)
		theta := make([]float64, e.Dim())
		for k := range theta {
			theta[k] = 1
		}
		ev.BackwardTheta64(theta, x64, g64)
		requireSums(t, t64, theta, n)
	}
	for _, ev := range []Evaluator{e, tab} {
		if ev == Evaluator(tab) { // the table's own scalars
			for i := range x32 {
				tab.Forward32(y32[i:i+1], x32[i:i+1])
				tab.BackwardX32(d32[i:i+1], x32[i:i+1], g32[i:i+1])
			}
			for k := range t32 {
				t32[k] = -1
			}
			for i := range x32 {
				tab.BackwardTheta32(t32, x32[i:i+1], g32[i:i+1])
			}
		}
		got := make([]float32, n)
		ev.Forward32(got, x32)
		require.Equal(t, y32, got)
		ev.BackwardX32(got, x32, g32)
		require.Equal(t, d32, got)
		copy(got, x32)
		ev.Forward32(got, got)
		require.Equal(t, y32, got)
		copy(got, x32)
		ev.BackwardX32(got, got, g32)
		require.Equal(t, d32, got)
		copy(got, g32)
		ev.BackwardX32(got, x32, got)
		require.Equal(t, d32, got)
		theta := make([]float64, e.Dim())
		for k := range theta {
			theta[k] = -1
		}
		ev.BackwardTheta32(theta, x32, g32)
		if ev == Evaluator(tab) {
			for k := range theta { // moments are summed in float32
				size := 1.0
				for j := range theta {
					size = math.Max(size, math.Abs(t32[j]))
				}
				require.InDelta(t, t32[k], theta[k], 1e-5*float64(n+1)*size)
			}
		} else {
			requireSums(t, t32, theta, n)
		}
	}
}

// requireSums holds sums over n elements against those in another order.
func requireSums(t *testing.T, want, got []float64, n int) {
	t.Helper()
	size := 1.0
	for k := range want {
		size = math.Max(size, math.Abs(want[k]))
	}
	for k := range want {
		require.InDelta(t, want[k], got[k], 1e-13*float64(n+1)*size)
	}
}

// TestProcessors: results have the same bits for any number of processors.
func TestProcessors(t *testing.T) {
	const n = 300_000
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, v := range []shapetest.Variant{shapetest.DiTAC, shapetest.Leaky, shapetest.Infinite} {
		c := shapetest.Default(t, v, 10)
		tab, err := newTable(c, shapetest.PriorTheta(t, c, 5, 1), DefaultTolerance)
		require.NoError(t, err)
		require.NotNil(t, tab.fine.linesFor(n), "long enough for lines")
		rng := rand.New(rand.NewPCG(1, 2))
		x, g := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], g[i] = float32(2*rng.NormFloat64()), float32(rng.NormFloat64())
		}
		for _, ev := range []Evaluator{tab.Exact(), tab, NewForms(tab.Exact()), NewForms32(tab.Exact(), DefaultTolerance)} {
			if ev != Evaluator(tab) && v != shapetest.DiTAC {
				continue // the exact evaluation shares the work in the same way for all
			}
			var y, d [3][]float32
			var theta [3][]float64
			for k := range 3 {
				runtime.GOMAXPROCS(k + 1)
				y[k], d[k], theta[k] = make([]float32, n), make([]float32, n), make([]float64, c.Dim())
				ev.Forward32(y[k], x)
				ev.BackwardX32(d[k], x, g)
				ev.BackwardTheta32(theta[k], x, g)
			}
			for k := range 3 {
				require.True(t, sameBits(y[0], y[k]), "%v: Forward32 with %d processors", v, k+1)
				require.True(t, sameBits(d[0], d[k]), "%v: BackwardX32 with %d processors", v, k+1)
				require.Equal(t, theta[0], theta[k], "%v: BackwardTheta32 with %d processors", v, k+1)
			}
		}
	}
}

func sameBits(a, b []float32) bool {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}
