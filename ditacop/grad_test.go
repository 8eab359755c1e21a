package ditacop

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/diff/fd"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// gradCase is a shape and a way to share θ over it.
type gradCase struct {
	shape  tensor.Shape
	axis   int // −1: one θ
	groups int
}

var gradCases = []gradCase{
	{tensor.ScalarShape(), -1, 1},
	{tensor.Shape{7}, -1, 1},
	{tensor.Shape{6}, 0, 6},
	{tensor.Shape{5, 4}, -1, 1},
	{tensor.Shape{5, 4}, 1, 2},
	{tensor.Shape{2, 3, 4}, -1, 1},
	{tensor.Shape{2, 4, 3}, 1, 4},
	{tensor.Shape{2, 3, 2, 3}, -1, 1},
	{tensor.Shape{2, 4, 2, 3}, 1, 2},
	{tensor.Shape{2, 3, 2, 3}, 1, 3},
}

// sampleCase draws inputs that lie on both sides of the domain's ends and keep
// away from the kinks, where a central difference is no derivative.
func sampleCase(t *testing.T, v Variant, c gradCase, seed uint64) (opts []Option, cv *curve.Curve, theta, x, g []float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	a, b := v.DefaultDomain()
	s, err := cpab.NewSpace(6, cpab.WithDomain(a, b), cpab.WithBoundary(v.DefaultBoundary()))
	require.NoError(t, err)
	cv, err = curve.New(s, v, curve.WithNegativeSlope(0.1))
	require.NoError(t, err)
	p, err := cpab.NewPrior(s, cpab.KernelCells, 3, 1)
	require.NoError(t, err)
	for k := range c.groups {
		theta = append(theta, p.Sample(seed+uint64(k))...)
		if _, learned := cv.Amplification(); learned {
			theta = append(theta, 1.5+float64(k)) // α = 2.5 and more
		}
	}
	n := c.shape.TotalSize()
	for len(x) < n {
		xi := (a+b)/2 + (b-a)*0.6*(2*rng.Float64()-1)
		if awayFromKinks(cv, theta, c.groups, xi) {
			x = append(x, xi)
			g = append(g, rng.NormFloat64())
		}
	}
	opts = []Option{WithVariant(v), WithCells(6), WithDomain(a, b), WithBasis(cpab.BasisQR), WithNegativeSlope(0.1), WithInit(FromTheta(theta))}
	if c.axis >= 0 {
		opts = append(opts, WithGroups(c.axis, c.groups))
	}
	return opts, cv, theta, x, g
}

// awayFromKinks reports whether y′ is nearly the same a little to the left and
// to the right of x for all groups.
func awayFromKinks(cv *curve.Curve, theta []float64, groups int, x float64) bool {
	d := cv.Dim()
	for k := range groups {
		e, err := cv.Exact(theta[k*d : (k+1)*d])
		if err != nil {
			return false
		}
		_, l := e.Jet(x - 1e-3)
		_, m := e.Jet(x)
		_, r := e.Jet(x + 1e-3)
		if math.Abs((r-m)-(m-l)) > 1e-4 {
			return false
		}
	}
	return true
}

// cost is Σ g·y(x) by the curve itself, without Gorgonia.
func cost(t *testing.T, cv *curve.Curve, c gradCase, theta, x, g []float64, twice bool) float64 {
	d := cv.Dim()
	curves := make([]*curve.Exact, c.groups)
	for k := range curves {
		var err error
		curves[k], err = cv.Exact(theta[k*d : (k+1)*d])
		require.NoError(t, err)
	}
	sum := 0.0
	for i := range x {
		e := curves[groupOf(c.shape, c.axis, c.groups, i)]
		y := e.Value(x[i])
		if twice {
			y = e.Value(y)
		}
		sum += g[i] * y
	}
	return sum
}

// TestGradients checks the op in both machines against central differences of
// an evaluation that knows nothing of Gorgonia: every variant, rank 0 to 4, one
// θ and many, float64.
func TestGradients(t *testing.T) {
	for _, v := range curve.Variants() {
		for i, c := range gradCases {
			for _, lisp := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v %v axis %d groups %d lisp %v", v, c.shape, c.axis, c.groups, lisp), func(t *testing.T) {
					opts, cv, theta, x, g := sampleCase(t, v, c, uint64(100*int(v)+i))
					r := runOnce(t, tensor.Float64, c.shape, x, g, lisp, false, opts...)
					set := &fd.Settings{Formula: fd.Central, Step: 1e-6}
					wantX := fd.Gradient(nil, func(x []float64) float64 { return cost(t, cv, c, theta, x, g, false) }, x, set)
					wantTheta := fd.Gradient(nil, func(th []float64) float64 { return cost(t, cv, c, th, x, g, false) }, theta, set)
					// A central difference with step h errs by h²|f‴|/6 + ε|f|/h ≈ 1e-9.
					within(t, wantX, r.dx, 1e-6, 1e-7, "dx")
					within(t, wantTheta, r.dtheta, 1e-6, 1e-7, "dθ")
				})
			}
		}
	}
}

// TestSharedTheta applies one activation twice, to x and to its own result: the
// two gradients of θ add up.
func TestSharedTheta(t *testing.T) {
	c := gradCase{tensor.Shape{5, 3}, -1, 1}
	for _, lisp := range []bool{false, true} {
		opts, cv, theta, x, g := sampleCase(t, VariantDiTAC, c, 7)
		r := runOnce(t, tensor.Float64, c.shape, x, g, lisp, true, opts...)
		set := &fd.Settings{Formula: fd.Central, Step: 1e-6}
		wantX := fd.Gradient(nil, func(x []float64) float64 { return cost(t, cv, c, theta, x, g, true) }, x, set)
		wantTheta := fd.Gradient(nil, func(th []float64) float64 { return cost(t, cv, c, th, x, g, true) }, theta, set)
		within(t, wantX, r.dx, 1e-5, 1e-6, "dx")
		within(t, wantTheta, r.dtheta, 1e-5, 1e-6, "dθ")
	}
}

// TestFloat32 holds the float32 op against the float64 op on the same numbers.
func TestFloat32(t *testing.T) {
	for _, v := range curve.Variants() {
		for i, c := range gradCases {
			for _, lisp := range []bool{false, true} {
				opts, _, theta, x, g := sampleCase(t, v, c, uint64(1000*int(v)+i))
				for _, s := range [][]float64{theta, x, g} { // to float32 and back, so that both see the same
					for k := range s {
						s[k] = float64(float32(s[k]))
					}
				}
				opts = append(opts, WithInit(FromTheta(theta)))
				r64 := runOnce(t, tensor.Float64, c.shape, x, g, lisp, false, opts...)
				r32 := runOnce(t, tensor.Float32, c.shape, x, g, lisp, false, opts...)
				// A few roundings of float32 (6e-8 each).
				within(t, r64.y, r32.y, 1e-6, 1e-6, "y")
				within(t, r64.dx, r32.dx, 1e-6, 1e-6, "dx")
				within(t, r64.dtheta, r32.dtheta, 1e-6, 1e-6, "dθ")
			}
		}
	}
}

// TestPenaltyGradient checks the penalty in both machines, several groups.
func TestPenaltyGradient(t *testing.T) {
	for _, lisp := range []bool{false, true} {
		g := gorgonia.NewGraph()
		a, err := New(g, tensor.Float64, WithGroups(1, 3), WithInit(PriorSample(3, 3, 2)), WithPenalty(0.3, 4, 0.5))
		require.NoError(t, err)
		p, err := a.Penalty()
		require.NoError(t, err)
		cost := gorgonia.Must(gorgonia.Mul(p, gorgonia.NewConstant(2.5)))
		var vm gorgonia.VM
		if lisp {
			vm = gorgonia.NewLispMachine(g)
		} else {
			_, err := gorgonia.Grad(cost, a.Theta())
			require.NoError(t, err)
			vm = gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(a.Theta()))
		}
		require.NoError(t, vm.RunAll())
		theta, err := float64sOf(a.Theta().Value())
		require.NoError(t, err)
		want := fd.Gradient(nil, func(th []float64) float64 {
			e, err := a.penaltyOf(th)
			require.NoError(t, err)
			return 2.5 * e
		}, theta, &fd.Settings{Formula: fd.Central})
		got, err := a.Theta().Grad()
		require.NoError(t, err)
		within(t, want, got.Data().([]float64), 1e-7, 1e-9, "dθ")
		require.NoError(t, vm.Close())
	}
}

// TestViews: a transposed and a sliced input give what a plain copy gives.
func TestViews(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(4, 6), gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(4, 6), tensor.WithBacking(tensor.Range(tensor.Float64, 0, 24)))))
	a, err := New(g, tensor.Float64, WithDomain(0, 24), WithInit(PriorSample(1, 3, 2)))
	require.NoError(t, err)
	slice := gorgonia.Must(gorgonia.Slice(x, gorgonia.S(1, 3), gorgonia.S(2, 5)))
	y := gorgonia.Must(a.Apply(slice))
	yt := gorgonia.Must(a.Apply(gorgonia.Must(gorgonia.Transpose(x, 1, 0))))
	cost := gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Sum(y)), gorgonia.Must(gorgonia.Sum(yt))))
	_, err = gorgonia.Grad(cost, x, a.Theta())
	require.NoError(t, err)
	var yv, ytv gorgonia.Value
	gorgonia.Read(y, &yv)
	gorgonia.Read(yt, &ytv)
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(x, a.Theta()))
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	e, err := a.Exact(0)
	require.NoError(t, err)
	want, wantT, wantDx := []float64{}, make([]float64, 24), make([]float64, 24)
	for i := range 4 {
		for j := range 6 {
			v := float64(6*i + j)
			val, dy := e.Jet(v)
			wantT[4*j+i] = val
			wantDx[6*i+j] = dy
			if i >= 1 && i < 3 && j >= 2 && j < 5 {
				want = append(want, val)
				wantDx[6*i+j] *= 2
			}
		}
	}
	got, err := float64sOf(yv)
	require.NoError(t, err)
	within(t, want, got, 1e-14, 0, "sliced")
	got, err = float64sOf(ytv)
	require.NoError(t, err)
	within(t, wantT, got, 1e-14, 0, "transposed")
	dx, err := x.Grad()
	require.NoError(t, err)
	got, err = float64sOf(dx)
	require.NoError(t, err)
	within(t, wantDx, got, 1e-12, 0, "dx")
}

// TestSpecialValues: ±Inf and NaN elements come out as the mathematics says.
func TestSpecialValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	negZero := math.Copysign(0, -1)
	cases := []struct {
		v                        Variant
		yNeg, yPos, dyNeg, dyPos float64
	}{
		{VariantDiTAC, negZero, inf, 0, 1},
		{VariantLeaky, -inf, inf, 0.1, 1},
		{VariantGE, negZero, inf, 0, 1},
		{VariantPlain, -inf, inf, 1, 1},
		{VariantAmplified, negZero, inf, 0, 1},
	}
	for _, c := range cases {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			r := runOnce(t, dt, tensor.Shape{4}, []float64{-inf, inf, 1, 2}, []float64{1, 1, 1, 1}, false, false,
				WithVariant(c.v), WithNegativeSlope(0.1), WithInit(PriorSample(5, 3, 1)))
			require.Equal(t, c.yNeg, r.y[0], "%v y(−Inf)", c.v)
			require.Equal(t, c.yPos, r.y[1], "%v y(+Inf)", c.v)
			require.InDelta(t, c.dyNeg, r.dx[0], 1e-7, "%v y′(−Inf)", c.v)
			require.InDelta(t, c.dyPos, r.dx[1], 1e-7, "%v y′(+Inf)", c.v)
			for _, d := range r.dtheta {
				require.False(t, math.IsNaN(d) || math.IsInf(d, 0), "%v dθ = %v: infinite elements lie outside the domain", c.v, d)
			}
			r = runOnce(t, dt, tensor.Shape{2}, []float64{nan, 1}, []float64{1, 1}, false, false, WithVariant(c.v), WithInit(PriorSample(5, 3, 1)))
			require.True(t, math.IsNaN(r.y[0]) && math.IsNaN(r.dx[0]), "%v NaN: y = %v, dx = %v", c.v, r.y[0], r.dx[0])
			require.False(t, math.IsNaN(r.y[1]) || math.IsNaN(r.dx[1]))
		}
	}
	// With free ends T itself goes to infinity, and Φ still wins at −Inf.
	r := runOnce(t, tensor.Float64, tensor.Shape{3}, []float64{-inf, inf, nan}, []float64{1, 1, 1}, false, false,
		WithVariant(VariantInfinite), WithInit(PriorSample(5, 3, 1)))
	require.Equal(t, negZero, r.y[0])
	require.Equal(t, inf, r.y[1])
	require.True(t, math.IsNaN(r.y[2]))
	require.Zero(t, r.dx[0])
}
