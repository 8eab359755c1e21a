package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestForms32Error holds y, y′ and ∂y/∂θ by forms in float32 against the exact curve, within
// what TestTableError allows tables.
func TestForms32Error(t *testing.T) {
	scales := []float64{0, 0.1, 0.5, 1, 2, 4, 8}
	const eps = 0x1p-24
	y, dy, dtheta := &record{kind: "y"}, &record{kind: "y′"}, &record{kind: "∂y/∂θ"}
	atJump := &record{kind: "y′ or ∂y/∂θ where y′ jumps"} // by convention, as TestTableError has it
	records := []*record{y, dy, dtheta, atJump}
	elements, left, forms := 0, 0, 0
	n := thetas(t)
	for id := range uint64(n) {
		rng := rand.New(rand.NewPCG(id, 2))
		v := shapetest.Variants()[id%uint64(len(shapetest.Variants()))]
		scale := scales[id/uint64(len(shapetest.Variants()))%uint64(len(scales))]
		cells := 2 + rng.IntN(59)
		c := shapetest.Default(t, v, cells)
		e, err := NewExact(c, shapetest.PriorTheta(t, c, id, scale))
		require.NoError(t, err)
		f := NewForms32(e, DefaultTolerance)
		if f.none {
			continue
		}
		a, b := c.Space.Domain()
		tol := DefaultTolerance * (b - a)
		for k := range f.parts {
			if forms++; f.forms32.Forms[k+1][0] != f.forms32.Forms[k+1][0] {
				left++
			}
		}
		var x []float32
		for _, v := range formElements(&f.Forms, rng) {
			if v := float32(v); math.Abs(float64(v)) <= math.MaxFloat32 {
				x = append(x, v, math.Nextafter32(v, 0))
			}
		}
		elements += len(x)
		got, slope, one := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
		for i := range one {
			one[i] = 1
		}
		f.Forward32(got, x)
		f.BackwardX32(slope, x, one)
		gt, we := make([]float64, e.Dim()), make([]float64, e.Dim())
		for i := range x {
			where := func() string {
				return fmt.Sprintf("%v, %d cells, prior ×%v, seed %d, x = %v", v, cells, scale, id, x[i])
			}
			wy, wd := e.Jet(float64(x[i]))
			if math.Abs(wy) > math.MaxFloat32 { // its float32 is infinite
				wy = math.Copysign(math.Inf(1), wy)
			}
			tol := tol
			if v := float64(x[i]); v < a || v > b { // what is allowed to Forms, see TestFormsError
				tol += 8*shapetest.Noise(&e.Exact, v, wy, wd) + 8*0x1p-52*math.Abs(v)/c.Grid.Width
			}
			y.add(float64(got[i]), wy, tol+8*eps*math.Max(1, math.Abs(wy)), where)
			toX, toTheta := dy, dtheta
			switch {
			case v == shapetest.Leaky && wy == 0:
				toX, toTheta = atJump, atJump
			case float64(x[i]) == b:
				toX = atJump
			}
			toX.add(float64(slope[i]), wd, (tol+8*eps)*math.Max(1, math.Abs(wd)), where)
			clear(gt)
			clear(we)
			f.BackwardTheta32(gt, x[i:i+1], one[:1])
			e.BackwardTheta32(we, x[i:i+1], one[:1])
			largest := 1.0
			for _, w := range we {
				largest = math.Max(largest, math.Abs(w))
			}
			for k := range gt {
				toTheta.add(gt[k], we[k], 2*tol*largest, func() string { return fmt.Sprintf("component %d, %s", k, where()) })
			}
		}
		for _, r := range records {
			r.done(t)
		}
	}
	t.Logf("%d θ, %d elements, %d of %d forms left to float64; largest error ÷ allowed: y %.3f, y′ %.3f, ∂y/∂θ %.3f; where y′ jumps %.3f", n, elements, left, forms,
		y.worst.share, dy.worst.share, dtheta.worst.share, atJump.worst.share)
	for _, r := range records {
		if r.over > 0 {
			t.Logf("%s: %d of %d θ have errors that are not allowed, the largest %v", r.kind, r.over, n, &r.worst)
		}
	}
}

// TestForms32Slices: slices of all lengths give what elements give one by one, in place, too.
func TestForms32Slices(t *testing.T) {
	leftOnes := 0
	eachCurve(t, func(t *testing.T, e *Exact, _ []float64, rng *rand.Rand) {
		f := NewForms32(e, DefaultTolerance)
		for _, form := range f.forms32.Forms {
			if form[0] != form[0] {
				leftOnes++
			}
		}
		for _, n := range []int{0, 1, 7, 8, 1023, 1024, 1025, formSlice + 3} {
			if n > 8 && rng.IntN(3) > 0 {
				continue
			}
			x, g := make([]float32, n), make([]float32, n)
			for i, v := range shapetest.Elements(&e.Exact, rng, n) {
				x[i], g[i] = float32(v), float32(rng.NormFloat64())
				if rng.IntN(20) == 0 {
					x[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e30, -1e30, 0}[rng.IntN(6)]
				}
			}
			form32SlicesOf(t, f, x, g)
		}
	})
	if kernel.HasForms() {
		require.Positive(t, leftOnes, "some forms are left to float64")
	}
}

func form32SlicesOf(t *testing.T, f *Forms32, x, g []float32) {
	t.Helper()
	n := len(x)
	y, d, got := make([]float32, n), make([]float32, n), make([]float32, n)
	finite, theta, sums := make([]float32, n), make([]float64, f.Dim()), make([]float64, f.Dim())
	for i := range x {
		if finite[i] = x[i]; !(math.Abs(float64(x[i])) < 100) {
			finite[i] = 0.5
		}
		f.Forward32(y[i:i+1], x[i:i+1])
		f.BackwardX32(d[i:i+1], x[i:i+1], g[i:i+1])
		f.BackwardTheta32(theta, finite[i:i+1], g[i:i+1])
	}
	requireSame := func(want []float32) {
		t.Helper()
		for i := range want {
			if want[i] == want[i] || got[i] == got[i] {
				require.Equal(t, math.Float32bits(want[i]), math.Float32bits(got[i]), "element %d of %d: x = %v", i, n, x[i])
			}
		}
	}
	f.Forward32(got, x)
	requireSame(y)
	copy(got, x)
	f.Forward32(got, got)
	requireSame(y)
	f.BackwardX32(got, x, g)
	requireSame(d)
	copy(got, x)
	f.BackwardX32(got, got, g)
	requireSame(d)
	copy(got, g)
	f.BackwardX32(got, x, got)
	requireSame(d)
	f.BackwardTheta32(sums, finite, g)
	size := 1.0
	for k := range theta {
		size = math.Max(size, math.Abs(theta[k]))
	}
	for k := range theta { // summed in float32, as the moments of TestSlices are
		require.InDelta(t, theta[k], sums[k], 1e-5*float64(n+1)*size)
	}
}

// BenchmarkForms32 measures what the activation of a Figure 1 step takes: 4,900 elements at a
// new θ.
func BenchmarkForms32(b *testing.B) {
	const n = 4900
	rng := rand.New(rand.NewPCG(1, 2))
	x, g, y := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], g[i] = float32(1.5*rng.NormFloat64()), float32(rng.NormFloat64())
	}
	for _, cells := range []int{10, 30, 60} {
		f := NewForms32(formsOf(b, shapetest.DiTAC, cells, 1).exact, DefaultTolerance)
		dtheta := make([]float64, f.Dim())
		per := func(name string, pass func()) {
			b.Run(fmt.Sprintf("%d cells/%s", cells, name), func(b *testing.B) {
				for b.Loop() {
					pass()
				}
			})
		}
		per("reset", f.Reset)
		per("forward", func() { f.Forward32(y, x) })
		per("backwardX", func() { f.BackwardX32(y, x, g) })
		per("backwardTheta", func() { f.BackwardTheta32(dtheta, x, g) })
	}
}
