package curve

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eachCurve calls f for every variant, with its own boundary condition and with the
// other one, at θ = 0 and at θ of growing size. The basis is nodal: θ are the
// velocities at the vertices, but for the ends if these are at rest.
func eachCurve(t *testing.T, f func(t *testing.T, e *Exact, theta []float64, rng *rand.Rand)) {
	for _, v := range Variants() {
		for _, boundary := range []cpab.Boundary{cpab.ZeroBoundary, cpab.FreeBoundary} {
			t.Run(fmt.Sprint(v, " ", boundary), func(t *testing.T) {
				for k, scale := range []float64{0, 0.1, 0.5, 1, 2, 4} {
					rng := rand.New(rand.NewPCG(uint64(k), uint64(v)))
					a, b := v.DefaultDomain()
					s, err := cpab.NewSpace(2+rng.IntN(20), cpab.WithDomain(a, b), cpab.WithBoundary(boundary), cpab.WithBasis(cpab.BasisNodal))
					require.NoError(t, err)
					c, err := New(s, v, 0.05)
					require.NoError(t, err)
					theta := make([]float64, s.Dim())
					for k := range theta {
						theta[k] = 0.2 * scale * rng.NormFloat64()
					}
					e, err := c.Exact(theta)
					require.NoError(t, err)
					f(t, e, theta, rng)
				}
			})
		}
	}
}

// elements64 returns n numbers all over the domain and up to a width beyond.
func elements64(e *Exact, rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = e.curve.a + (e.curve.b-e.curve.a)*(3*rng.Float64()-1)
	}
	return x
}

// noise bounds the rounding error of y(x), where y′ is dy.
func (e *Exact) noise(x, y, dy float64) float64 {
	return 32 * 0x1p-52 * (math.Abs(y) + (1+math.Abs(dy))*math.Max(math.Abs(x), e.curve.b-e.curve.a))
}

// TestJet holds y′ against difference quotients q(e) away from the kinks. Their error
// is e²·y‴/6 and more, so that of q(e/2) is a third of q(e) − q(e/2); all of that is
// allowed for, and rounding.
func TestJet(t *testing.T) {
	n, worst := 0, 0.0
	eachCurve(t, func(t *testing.T, e *Exact, _ []float64, rng *rand.Rand) {
		kinks := e.smooths(nil, e.field.Segments(nil, 1))
		for _, x := range elements64(e, rng, 300) {
			step := 1e-3
			for i := range kinks {
				step = math.Min(step, 0.4*math.Abs(x-kinks[i].from))
			}
			y, dy := e.Jet(x)
			require.Equal(t, e.Value(x), y)
			quotient := func(step float64) float64 {
				return (e.Value(x+step) - e.Value(x-step)) / (2 * step)
			}
			wide, narrow := quotient(step), quotient(step/2)
			tol := math.Abs(wide-narrow) + 2*e.noise(x, y, dy)/step
			require.InDelta(t, narrow, dy, tol, "x = %v, step %.3g", x, step)
			n++
			worst = math.Max(worst, math.Abs(narrow-dy)/tol)
		}
	})
	t.Logf("%d points, largest error ÷ tolerance: %.3f", n, worst)
}

// TestAddGradV holds ∂y/∂V against difference quotients in θ, as TestJet does. ∂φ/∂θ
// has kinks where φ(x) or x comes to a vertex; there q(e/2) is off by q(e) − q(e/2) at
// most. Where the leaky ReLU changes sides, y itself has one.
func TestAddGradV(t *testing.T) {
	n, worst := 0, 0.0
	eachCurve(t, func(t *testing.T, e *Exact, theta []float64, rng *rand.Rand) {
		c := e.curve
		for _, x := range elements64(e, rng, 40) {
			dv := make([]float64, c.space.Cells()+1)
			e.AddGradV(dv, x, 1)
			twice := make([]float64, len(dv))
			e.AddGradV(twice, x, -1.5)
			e.AddGradV(twice, x, 3.5)
			for j := range dv {
				require.InDelta(t, 2*dv[j], twice[j], 1e-14*math.Abs(dv[j]))
			}
			grad := make([]float64, len(theta))
			require.NoError(t, c.space.PullBack(grad, dv))
			y, dy := e.Jet(x)
			for k := range theta {
				sides := 0
				at := func(step float64) float64 {
					other := append([]float64(nil), theta...)
					other[k] += step
					o, err := c.Exact(other)
					require.NoError(t, err)
					y := o.Value(x)
					if y > 0 {
						sides |= 1
					} else {
						sides |= 2
					}
					return y
				}
				quotient := func(step float64) float64 { return (at(step) - at(-step)) / (2 * step) }
				const step = 1e-4
				wide, narrow := quotient(step), quotient(step/2)
				if c.variant == Leaky && sides == 3 {
					continue
				}
				tol := 2*math.Abs(wide-narrow) + 2*e.noise(x, y, dy)/step
				require.InDelta(t, narrow, grad[k], tol, "x = %v, component %d, θ = %v", x, k, theta)
				n++
				worst = math.Max(worst, math.Abs(narrow-grad[k])/tol)
			}
		}
	})
	t.Logf("%d components, largest error ÷ tolerance: %.3f", n, worst)
}

// TestSpecial: NaN stays NaN, +Inf stays +Inf, and −Inf gives what the variant
// promises: 0 with either sign for the gated ones. ∂y/∂θ of a NaN is NaN.
func TestSpecial(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	eachCurve(t, func(t *testing.T, e *Exact, theta []float64, _ *rand.Rand) {
		v := e.curve.variant
		tab, err := e.Table(0)
		require.NoError(t, err)
		for _, ev := range []Evaluator{e, tab} {
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
				case DiTAC, GE, Infinite:
					require.Zero(t, y[2], "y(−Inf)")
				default:
					require.Equal(t, -inf, y[2], "y(−Inf)")
				}
			}
			for _, d := range [][]float64{d64, {float64(d32[0]), float64(d32[1]), float64(d32[2])}} {
				require.True(t, math.IsNaN(d[0]), "y′(NaN) = %v", d[0])
				switch v {
				case Infinite:
					require.Greater(t, d[1], 0.0, "y′(+Inf)")
					require.Zero(t, d[2], "y′(−Inf)")
				case DiTAC, GE:
					require.Equal(t, 1.0, d[1], "y′(+Inf)")
					require.Zero(t, d[2], "y′(−Inf)")
				case Leaky:
					require.Equal(t, 1.0, d[1], "y′(+Inf)")
					require.InDelta(t, 0.05, d[2], 1e-8, "y′(−Inf)")
				case Plain:
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
					case v != Infinite || x < 0:
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
	c, err := New(s, Leaky, 0)
	require.NoError(t, err)
	tab, err := c.Table([]float64{0.3, -0.2, 0.4}, 0)
	require.NoError(t, err)
	for _, ev := range []Evaluator{tab.Exact(), tab} {
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

// TestContinuous: with ends at rest all variants are continuous there, Infinite is so
// with any; Leaky is continuous where it changes sides, for any slope.
func TestContinuous(t *testing.T) {
	eachCurve(t, func(t *testing.T, e *Exact, theta []float64, _ *rand.Rand) {
		c := e.curve
		close := func(e *Exact, x float64) {
			t.Helper()
			y, dy := e.Jet(x)
			for _, side := range []float64{-1, 1} {
				other := math.Nextafter(x, side*math.Inf(1))
				z, dz := e.Jet(other)
				gap := math.Abs(other - x)
				tol := 8*gap*(math.Abs(dy)+math.Abs(dz)) + e.noise(x, y, 0)
				require.InDelta(t, y, z, tol, "y(%v) and y(%v)", x, other)
			}
		}
		if c.space.Boundary() == cpab.ZeroBoundary || c.variant == Infinite {
			close(e, c.a)
			close(e, c.b)
		}
		if c.space.Boundary() == cpab.ZeroBoundary && c.variant != Infinite {
			for _, end := range []float64{c.a, c.b} {
				y, _ := c.variant.outside(end, c.slope)
				require.InDelta(t, y, e.Value(end), e.noise(end, y, 0))
			}
		}
		for _, x := range c.space.Vertices()[1:c.space.Cells()] {
			close(e, x)
		}
		if c.variant == Leaky {
			for _, slope := range []float64{0, 0.05, 1, -2} {
				o, err := New(c.space, Leaky, slope)
				require.NoError(t, err)
				e, err := o.Exact(theta)
				require.NoError(t, err)
				close(e, e.field.Flow(0, -1))
			}
		}
	})
}

// TestKinkFromRight: at a kink y′ is the derivative from the right, as [Exact.Jet]
// says; at Leaky's, too, which is at x = 0 before θ has moved.
func TestKinkFromRight(t *testing.T) {
	for _, v := range Variants() {
		c := testCurve(t, v, 7)
		for _, scale := range []float64{0, 1} {
			tab, err := c.Table(priorTheta(t, c, 3, scale), 0)
			require.NoError(t, err)
			e := tab.Exact()
			kinks := c.space.Vertices()[:c.space.Cells()]
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
			slicesOf(t, e, elements64(e, rng, n), rng)
		}
	})
}

func slicesOf(t *testing.T, e *Exact, x64 []float64, rng *rand.Rand) {
	t.Helper()
	n, space := len(x64), e.curve.space
	x32, g64, g32 := make([]float32, n), make([]float64, n), make([]float32, n)
	for i := range x64 {
		g64[i] = rng.NormFloat64()
		x32[i], g32[i] = float32(x64[i]), float32(g64[i])
	}
	y64, d64, dv64 := make([]float64, n), make([]float64, n), make([]float64, space.Cells()+1)
	y32, d32, dv32 := make([]float32, n), make([]float32, n), make([]float64, space.Cells()+1)
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
	require.NoError(t, space.PullBack(t64, dv64))
	require.NoError(t, space.PullBack(t32, dv32))

	tab, err := e.Table(0)
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
	for _, v := range []Variant{DiTAC, Leaky, Infinite} {
		c := testCurve(t, v, 10)
		tab, err := c.Table(priorTheta(t, c, 5, 1), 0)
		require.NoError(t, err)
		require.NotNil(t, tab.linesFor(n), "long enough for lines")
		rng := rand.New(rand.NewPCG(1, 2))
		x, g := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], g[i] = float32(2*rng.NormFloat64()), float32(rng.NormFloat64())
		}
		for _, ev := range []Evaluator{tab.Exact(), tab} {
			if ev != Evaluator(tab) && v != DiTAC {
				continue // the exact evaluation shares the work in the same way for all
			}
			var y, d [3][]float32
			var theta [3][]float64
			for k := range 3 {
				runtime.GOMAXPROCS(k + 1)
				y[k], d[k], theta[k] = make([]float32, n), make([]float32, n), make([]float64, c.space.Dim())
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

// TestErrors: every error names the argument and its value.
func TestErrors(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	s, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3))
	require.NoError(t, err)
	c, err := New(s, DiTAC, 0)
	require.NoError(t, err)
	e, err := c.Exact([]float64{1, 2, 3})
	require.NoError(t, err)
	before := e.Field().VertexVelocities()
	curve := func(s *cpab.Space, v Variant, slope float64) func() error {
		return func() error { _, err := New(s, v, slope); return err }
	}
	exact := func(theta ...float64) func() error {
		return func() error { _, err := c.Exact(theta); return err }
	}
	table := func(tolerance float64, theta ...float64) func() error {
		return func() error { _, err := c.Table(theta, tolerance); return err }
	}
	of := func(tolerance float64) func() error {
		return func() error { _, err := e.Table(tolerance); return err }
	}
	for _, k := range []struct {
		name string
		call func() error
		want []string
	}{
		{"nil space", curve(nil, DiTAC, 0), []string{"curve: ", "nil space"}},
		{"variant", curve(s, 5, 0), []string{"curve: ", "variant", "Variant(5)", "ditac", "plain"}},
		{"negative variant", curve(s, -1, 0), []string{"curve: ", "variant", "Variant(-1)"}},
		{"ge, domain", curve(s, GE, 0), []string{"curve: ", "domain", "[-3,3]", "ge", "0"}},
		{"NaN slope", curve(s, Leaky, nan), []string{"curve: ", "negative slope", "NaN"}},
		{"infinite slope", curve(s, Leaky, -inf), []string{"curve: ", "negative slope", "-Inf"}},
		{"short theta", exact(1), []string{"len(theta) = 1", "3"}},
		{"no theta", exact(), []string{"len(theta) = 0", "3"}},
		{"theta with NaN", exact(1, 2, nan), []string{"theta[2]", "NaN"}},
		{"theta with Inf", exact(inf, 2, 3), []string{"theta[0]", "+Inf"}},
		{"Reset, long theta", func() error { return e.Reset(make([]float64, 4)) }, []string{"len(theta) = 4", "3"}},
		{"Reset, NaN", func() error { return e.Reset([]float64{0, nan, 0}) }, []string{"theta[1]", "NaN"}},
		{"Table, short theta", table(0, 1, 2), []string{"len(theta) = 2", "3"}},
		{"Table, theta with -Inf", table(0, 1, -inf, 2), []string{"theta[1]", "-Inf"}},
		{"Table, negative tolerance", table(-1e-6, 1, 2, 3), []string{"curve: ", "tolerance", "-1e-06", "positive"}},
		{"Table, NaN tolerance", table(nan, 1, 2, 3), []string{"curve: ", "tolerance", "NaN"}},
		{"Table, infinite tolerance", table(inf, 1, 2, 3), []string{"curve: ", "tolerance", "+Inf"}},
		{"Exact.Table, negative tolerance", of(-2), []string{"curve: ", "tolerance", "-2"}},
		{"Exact.Table, NaN tolerance", of(nan), []string{"curve: ", "tolerance", "NaN"}},
		{"ParseVariant", func() error { _, err := ParseVariant("GELU"); return err }, []string{"curve: ", `"GELU"`, "ditac", "leaky", "ge", "infinite", "plain"}},
		{"ParseVariant, empty", func() error { _, err := ParseVariant(""); return err }, []string{"curve: ", `""`}},
	} {
		err := k.call()
		if assert.Error(t, err, k.name) {
			for _, w := range k.want {
				assert.Contains(t, err.Error(), w, k.name)
			}
		}
	}
	require.Equal(t, before, e.Field().VertexVelocities(), "Reset has moved the curve in spite of its error")
	for _, v := range Variants() {
		got, err := ParseVariant(v.String())
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
}
