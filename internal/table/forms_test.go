package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// formElements returns numbers to hold forms against the exact curve: all over the domain,
// with those next to every start, and beyond.
func formElements(f *Forms, rng *rand.Rand) []float64 {
	var x []float64
	a, b := f.exact.Curve.Grid.A, f.exact.Curve.Grid.B
	for range 160 {
		x = append(x, a+(b-a)*rng.Float64())
	}
	for range 80 {
		x = append(x, a+(b-a)*(3*rng.Float64()-1))
	}
	for range 20 {
		x = append(x, rng.NormFloat64()*math.Pow(10, 8*rng.Float64()))
	}
	near := func(v float64) {
		x = append(x, v, math.Nextafter(v, math.Inf(1)), math.Nextafter(v, math.Inf(-1)), v+1e-7, v-1e-7)
	}
	near(0)
	near(a)
	near(b)
	for _, start := range f.starts[min(1, len(f.starts)):] {
		near(start)
	}
	return append(x, 1e30, -1e30, 1e200, -1e200, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64)
}

// TestFormsError holds y, y′ and ∂y/∂θ by closed forms against the exact curve, as
// TestTableError does tables, at the tolerances of the golden cases.
func TestFormsError(t *testing.T) {
	scales := []float64{0, 0.1, 0.5, 1, 2, 4, 8}
	y, dy, dtheta := &record{kind: "y"}, &record{kind: "y′"}, &record{kind: "∂y/∂θ"}
	records := []*record{y, dy, dtheta}
	elements, walked, whole := 0, 0, 0
	n := thetas(t)
	for id := range uint64(n) {
		rng := rand.New(rand.NewPCG(id, 2))
		v := shapetest.Variants()[id%uint64(len(shapetest.Variants()))]
		scale := scales[id/uint64(len(shapetest.Variants()))%uint64(len(scales))]
		cells := 2 + rng.IntN(59)
		c := shapetest.Default(t, v, cells)
		e, err := NewExact(c, shapetest.PriorTheta(t, c, id, scale))
		require.NoError(t, err)
		f := NewForms(e)
		if f.walks {
			whole++
			continue
		}
		if f.someWalk {
			walked++
		}
		x := formElements(f, rng)
		a, b := c.Space.Domain()
		elements += len(x)
		got, slope, one := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
		for i := range one {
			one[i] = 1
		}
		f.Forward64(got, x)
		f.BackwardX64(slope, x, one)
		gt, we := make([]float64, e.Dim()), make([]float64, e.Dim())
		for i := range x {
			where := func() string {
				return fmt.Sprintf("%v, %d cells, prior ×%v, seed %d, x = %v", v, cells, scale, id, x[i])
			}
			wy, wd := e.Jet(x[i])
			// Where the curve is steep, or bends, the rounding of x and of the starts alone
			// moves it by more. So does that of the walk's time from far outside, to where
			// the velocity is a small part of what it was: in 60 digits the form of seed
			// 6549 at x = 399.97 is right to 2e-14, and the walk off by 4e-11.
			noise := 2 * shapetest.Noise(&e.Exact, x[i], wy, wd)
			if x[i] < a || x[i] > b {
				noise *= 4
			}
			y.add(got[i], wy, 1e-12*math.Max(1, math.Abs(wy))+noise, where)
			bend := 1e-9
			far := math.Max(math.Abs(x[i]), b-a)
			for _, at := range []float64{x[i], x[i] - 0x1p-51*far, x[i] + 0x1p-51*far} {
				if seg := f.smooths[f.search(at)].Seg; seg != nil {
					rate, _ := seg.Rates(at)
					bend = math.Max(bend, 1e-9+8*0x1p-52*rate*far)
				}
			}
			if x[i] < a || x[i] > b {
				bend += 8 * 0x1p-52 * math.Abs(x[i]) / c.Grid.Width
			}
			if v == shapetest.Leaky && math.Abs(wy) < 1e-14 {
				continue // y′ jumps, at a place that is rounded
			}
			dy.add(slope[i], wd, bend*math.Max(1, math.Abs(wd)), where)
			clear(gt)
			clear(we)
			f.BackwardTheta64(gt, x[i:i+1], one[:1])
			e.BackwardTheta64(we, x[i:i+1], one[:1])
			largest := 1.0
			for _, w := range we {
				largest = math.Max(largest, math.Abs(w))
			}
			if countNaN(we) > 0 {
				continue
			}
			for k := range gt {
				dtheta.add(gt[k], we[k], bend*largest, func() string { return fmt.Sprintf("component %d, %s", k, where()) })
			}
		}
		for _, r := range records {
			r.done(t)
		}
	}
	t.Logf("%d θ (%d walked, %d in parts), %d elements; largest error ÷ allowed: y %.3g, y′ %.3g, ∂y/∂θ %.3g", n, whole, walked, elements, y.worst.share, dy.worst.share, dtheta.worst.share)
	for _, r := range records {
		t.Logf("%s: %d of %d θ have errors that are not allowed, the largest %v", r.kind, r.over, n, &r.worst)
	}
}

// formsOf returns the forms of a default curve at a θ from the prior.
func formsOf(t testing.TB, v shapetest.Variant, cells int, scale float64) *Forms {
	c := shapetest.Default(t, v, cells)
	e, err := NewExact(c, shapetest.PriorTheta(t, c, 5, scale))
	require.NoError(t, err)
	return NewForms(e)
}

func BenchmarkForms(b *testing.B) {
	const n = 1 << 16
	rng := rand.New(rand.NewPCG(1, 2))
	x, g, y := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], g[i] = 1.5*rng.NormFloat64(), rng.NormFloat64()
	}
	f := formsOf(b, shapetest.DiTAC, 10, 1)
	dtheta := make([]float64, f.Dim())
	for _, ev := range []struct {
		name string
		Evaluator
	}{{"forms", f}, {"exact", f.exact}} {
		per := func(name string, pass func()) {
			b.Run(ev.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					pass()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
		per("forward", func() { ev.Forward64(y, x) })
		per("backwardX", func() { ev.BackwardX64(y, x, g) })
		per("backwardTheta", func() { ev.BackwardTheta64(dtheta, x, g) })
	}
	for _, cells := range []int{10, 30, 60} {
		f := formsOf(b, shapetest.DiTAC, cells, 1)
		b.Run(fmt.Sprintf("reset/%d", cells), func(b *testing.B) {
			for b.Loop() {
				f.Reset()
			}
		})
	}
}

// TestFormsSlices: slices of all lengths give what elements give one by one, in both
// dtypes and in place.
func TestFormsSlices(t *testing.T) {
	eachCurve(t, func(t *testing.T, e *Exact, _ []float64, rng *rand.Rand) {
		f := NewForms(e)
		require.False(t, f.walks)
		for _, n := range []int{0, 1, 3, 4, 7, 255, 256, 257, 2*256 + 6, formSlice + 3} {
			if n > 257 && rng.IntN(3) > 0 {
				continue
			}
			x := shapetest.Elements(&e.Exact, rng, n)
			for i := range x {
				if rng.IntN(20) == 0 {
					x[i] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e200, -1e200, 0}[rng.IntN(6)]
				}
			}
			formSlicesOf(t, f, x, rng)
		}
	})
}

func formSlicesOf(t *testing.T, f *Forms, x []float64, rng *rand.Rand) {
	t.Helper()
	n := len(x)
	g, y, d := make([]float64, n), make([]float64, n), make([]float64, n)
	x32, g32, y32, d32 := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	theta, theta32 := make([]float64, f.Dim()), make([]float64, f.Dim())
	finite, finite32 := make([]float64, n), make([]float32, n)
	for i := range x {
		g[i] = rng.NormFloat64()
		if finite[i] = x[i]; !(math.Abs(x[i]) < 100) {
			finite[i] = 0.5
		}
		x32[i], g32[i], finite32[i] = float32(x[i]), float32(g[i]), float32(finite[i])
	}
	for i := range x {
		f.Forward64(y[i:i+1], x[i:i+1])
		f.BackwardX64(d[i:i+1], x[i:i+1], g[i:i+1])
		f.BackwardTheta64(theta, finite[i:i+1], g[i:i+1])
		f.Forward32(y32[i:i+1], x32[i:i+1])
		f.BackwardX32(d32[i:i+1], x32[i:i+1], g32[i:i+1])
		f.BackwardTheta32(theta32, finite32[i:i+1], g32[i:i+1])
	}
	got, got32 := make([]float64, n), make([]float32, n)
	require64 := func(want []float64) {
		t.Helper()
		for i := range want {
			if want[i] == want[i] || got[i] == got[i] {
				require.Equal(t, math.Float64bits(want[i]), math.Float64bits(got[i]), "element %d of %d: x = %v", i, n, x[i])
			}
		}
	}
	require32 := func(want []float32) {
		t.Helper()
		for i := range want {
			if want[i] == want[i] || got32[i] == got32[i] {
				require.Equal(t, math.Float32bits(want[i]), math.Float32bits(got32[i]), "element %d of %d: x = %v", i, n, x32[i])
			}
		}
	}
	f.Forward64(got, x)
	require64(y)
	copy(got, x)
	f.Forward64(got, got)
	require64(y)
	f.BackwardX64(got, x, g)
	require64(d)
	copy(got, x)
	f.BackwardX64(got, got, g)
	require64(d)
	copy(got, g)
	f.BackwardX64(got, x, got)
	require64(d)
	f.Forward32(got32, x32)
	require32(y32)
	copy(got32, x32)
	f.Forward32(got32, got32)
	require32(y32)
	copy(got32, x32)
	f.BackwardX32(got32, got32, g32)
	require32(d32)
	copy(got32, g32)
	f.BackwardX32(got32, x32, got32)
	require32(d32)
	sums := make([]float64, f.Dim())
	f.BackwardTheta64(sums, finite, g)
	requireSums(t, theta, sums, n)
	clear(sums)
	f.BackwardTheta32(sums, finite32, g32)
	requireSums(t, theta32, sums, n)
}

// TestFormsBins: an element finds the smooth interval that a search finds, on all kinds of
// domains: next to every start, and next to every end of a bin.
func TestFormsBins(t *testing.T) {
	hardOnes := 0
	for id := range uint64(600) {
		rng := rand.New(rand.NewPCG(id, 9))
		v := shapetest.Variants()[rng.IntN(len(shapetest.Variants()))]
		a, b := -math.Pow(10, 3*rng.Float64()-1.5), math.Pow(10, 3*rng.Float64()-1.5)
		if v == shapetest.GE {
			a = 0
		}
		s, err := cpab.NewSpace(1+rng.IntN(60), cpab.WithDomain(a, b), cpab.WithBoundary(cpab.FreeBoundary))
		require.NoError(t, err)
		c := shapetest.New(t, s, v, 0.05)
		e, err := NewExact(c, shapetest.PriorTheta(t, c, id, []float64{0, 0.2, 1, 2}[rng.IntN(4)]))
		require.NoError(t, err)
		f := NewForms(e)
		require.False(t, f.walks)
		require.Len(t, f.forms.Bins, int(f.forms.Last)+1)
		x := formElements(f, rng)
		for k := range len(f.forms.Bins) + 1 {
			end := (f.forms.First + float64(k)) / f.forms.Scale
			x = append(x, end, math.Nextafter(end, math.Inf(1)), math.Nextafter(end, math.Inf(-1)))
		}
		for _, x := range x {
			if at := f.forms.Locate(x); at > 0 {
				require.Equal(t, f.search(x), int(at)-1, "%v on [%v,%v], x = %v", v, a, b, x)
			} else if math.Abs(x) < kernel.Farthest {
				hardOnes++
			}
		}
	}
	require.Positive(t, hardOnes, "some bins hold many starts")
}

// TestFormsWalk: what has no form is evaluated exactly: domains so far from 0 that bins are
// rounded, and segments that are too steep, of which only their elements are.
func TestFormsWalk(t *testing.T) {
	s, err := cpab.NewSpace(8, cpab.WithDomain(8e18, 8e18+1<<14), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(t, err)
	f := NewForms(&Exact{*shapetest.At(t, shapetest.New(t, s, shapetest.Plain), []float64{500, 900, -800, 100, 0, 1, 2})})
	require.True(t, f.walks)
	x, y, d, dtheta := []float64{8e18 + 5120}, []float64{0}, []float64{0}, make([]float64, f.Dim())
	f.Forward64(y, x)
	f.BackwardX64(d, x, []float64{1})
	f.BackwardTheta64(dtheta, x, []float64{1})
	want, slope := f.exact.Jet(x[0])
	require.Equal(t, []float64{want, slope}, []float64{y[0], d[0]})
	require.NotZero(t, dtheta)

	s, err = cpab.NewSpace(8, cpab.WithDomain(-2, 2), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(t, err)
	f = NewForms(&Exact{*shapetest.At(t, shapetest.New(t, s, shapetest.Plain), []float64{0.1, 0.2, 30, 0.1, -0.3, 0.2, 0.1})})
	require.True(t, f.someWalk && !f.walks)
	const n = 1000
	x, y, d = make([]float64, n), make([]float64, n), make([]float64, n)
	g, theta := make([]float64, n), make([]float64, f.Dim())
	for i := range x {
		x[i], g[i] = 4*float64(i)/n-2, math.Sin(float64(i))
	}
	f.Forward64(y, x)
	f.BackwardX64(d, x, g)
	clear(dtheta)
	f.BackwardTheta64(dtheta, x, g)
	f.exact.BackwardTheta64(theta, x, g)
	walked := 0
	for i := range x {
		want, slope := f.exact.Jet(x[i])
		require.InDelta(t, want, y[i], 1e-12)
		require.InDelta(t, g[i]*slope, d[i], 1e-9*math.Max(1, math.Abs(slope)))
		if f.closings[f.search(x[i])].walks {
			require.Equal(t, want, y[i])
			walked++
		}
	}
	require.Positive(t, walked)
	require.Less(t, walked, n)
	requireSums(t, theta, dtheta, n)
}
