package models

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/diff/fd"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

//go:embed testdata/trained.json
var trainedJSON []byte

// smallMakers are trained functions with few parameters, as in testdata/trained.py.
var smallMakers = map[string]Maker{
	"pwl": PiecewiseLinear(7), "bspline": BSpline(8), "pau": Rational(3, 3), "staf": STAF(3), "maxout": Maxout(3), "sine": Sine(30, 30),
}

// TestTrainedReference compares values and both gradients with the reference, one x at a
// time, as the op sums over them.
func TestTrainedReference(t *testing.T) {
	var refs []struct {
		Name  string
		Theta []float64
		Rows  [][]float64 // x, y, ∂y/∂x, ∂y/∂θ
	}
	require.NoError(t, json.Unmarshal(trainedJSON, &refs))
	require.Len(t, refs, len(smallMakers))
	for _, ref := range refs {
		for _, dt := range dtypes {
			// Roundings of the dtype in sums of some terms, of the size of the largest. A
			// sine of 30·1000 has lost 15 bits of its argument's last.
			eps := 2e-11
			if dt == tensor.Float32 {
				eps = 2e-6
			}
			if len(ref.Theta) == 0 {
				ref.Theta = nil
			}
			for _, row := range ref.Rows {
				out := call{dt: dt, shape: tensor.Shape{1, 1}, x: row[:1], g: []float64{1}, param: ref.Theta}.run(t, smallMakers[ref.Name])
				where := fmt.Sprintf("%s, %v at %v", ref.Name, dt, row[0])
				size := 1.
				for _, e := range row[1:] {
					size = max(size, math.Abs(e))
				}
				if ref.Name == "staf" || ref.Name == "sine" {
					size *= max(1, math.Abs(row[0]))
					if dt == tensor.Float32 && ref.Name == "sine" {
						size *= 30
					}
				}
				near(t, row[1:2], out.y, eps, eps*size, "%s: y", where)
				near(t, row[2:3], out.dx, eps, eps*size, "%s: ∂y/∂x", where)
				near(t, row[3:], out.dp, eps, eps*size, "%s: ∂y/∂θ", where)
			}
		}
	}
}

// TestTrainedGradients compares the gradients of both machines with central differences
// of forward passes: ranks 0 to 4, θ off its start, the activation once or twice.
func TestTrainedGradients(t *testing.T) {
	for name, maker := range smallMakers {
		for i, shape := range shapes {
			if name == "maxout" && len(shape) < 2 {
				continue // has no channels
			}
			for _, lisp := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%v/lisp=%v", name, shape, lisp), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(i), 3))
					n := shape.TotalSize()
					c := call{dt: tensor.Float64, shape: shape, x: sample(rng, n), g: sample(rng, n), lisp: lisp, twice: i%2 == 1}
					a, err := maker(c.place(gorgonia.NewGraph()))
					require.NoError(t, err)
					for _, l := range a.Learnables() {
						c.param = numbers(t, l.Value())
						for k := range c.param {
							c.param[k] += 0.3 * rng.Float64()
						}
					}
					out := c.run(t, maker)
					f := forwardCost(t, c, maker)
					settings := &fd.Settings{Formula: fd.Central, Step: 1e-6}
					// A difference errs by h²|f‴|/6 + ε|f|/h; f‴ is 30³ for sines, and 30⁶ for
					// a sine of a sine.
					abs := 1e-7
					if name == "sine" || name == "staf" {
						abs = 2e-4
					}
					near(t, fd.Gradient(nil, func(x []float64) float64 { return f(x, c.param) }, c.x, settings), out.dx, 1e-6, abs, "∂cost/∂x")
					if c.param != nil {
						want := fd.Gradient(nil, func(p []float64) float64 { return f(c.x, p) }, c.param, settings)
						near(t, want, out.dp, 1e-6, abs, "∂cost/∂θ")
					}
				})
			}
		}
	}
}

// TestTrainedStart: the functions start as what their documentation says.
func TestTrainedStart(t *testing.T) {
	for _, c := range []struct {
		name  string
		maker Maker
		off   float64 // from GELU on [−3,3]
		count int
	}{
		{"pwl", baselineOf(t, "pwl"), 1.1e-3, 59}, // h²/8·max|y″| = (6/58)²/8·0.80
		{"bspline", baselineOf(t, "bspline"), 2e-6, 59},
		{"pau", baselineOf(t, "pau"), 1e-3, 10},
	} {
		x := make([]float64, 1201)
		want := make([]float64, len(x))
		for i := range x {
			x[i] = -3 + 6*float64(i)/float64(len(x)-1)
			want[i] = geluValue(x[i], 0)
		}
		out := call{dt: tensor.Float64, shape: tensor.Shape{len(x)}, x: x, g: fill(len(x), 1)}.run(t, c.maker)
		near(t, want, out.y, 0, c.off, "%s", c.name)
		require.Len(t, out.dp, c.count)
	}
	// The spline is GELU at the ends of its intervals, and beyond −3 and 3, slopes too.
	x := []float64{-40, -5, -3.1, -3, -3 + 6./56, 0, 3 - 6./56, 3, 3.1, 7}
	out := call{dt: tensor.Float64, shape: tensor.Shape{len(x)}, x: x, g: fill(len(x), 1)}.run(t, baselineOf(t, "bspline"))
	for i, v := range x {
		require.InDelta(t, geluValue(v, 0), out.y[i], 1e-14, "y at %v", v)
		if math.Abs(v) >= 3 {
			require.InDelta(t, geluDx(v, 0), out.dx[i], 1e-12, "slope at %v", v)
		}
	}
	// Maxout of two lines is ReLU.
	x = []float64{-2, -0.5, 0.5, 3}
	out = call{dt: tensor.Float32, shape: tensor.Shape{2, 2}, x: x, g: fill(4, 1)}.run(t, baselineOf(t, "maxout"))
	require.Equal(t, []float64{0, 0, 0.5, 3}, out.y)
	require.Equal(t, []float64{0, 0, 1, 1}, out.dx)
	// Of three, the middle one is softplus's tangent at 0.
	out = call{dt: tensor.Float64, shape: tensor.Shape{1, 1}, x: []float64{0.25}, g: []float64{1}}.run(t, Maxout(3))
	near(t, []float64{0.125 + math.Ln2}, out.y, 1e-15, 0, "maxout of 3")
}

// TestRationalFit: fits of other degrees exist and are no worse with more coefficients.
func TestRationalFit(t *testing.T) {
	before := math.Inf(1)
	for _, d := range [][2]int{{1, 0}, {3, 2}, {5, 4}, {7, 6}} {
		theta, err := rationalFit(d[0], d[1])
		require.NoError(t, err)
		require.Len(t, theta, d[0]+1+d[1])
		worst := 0.
		for x := -3.; x <= 3; x += 1. / 64 {
			num, den := quotientOf(theta, d[0]).sums(x)
			worst = max(worst, math.Abs(num/(1+math.Abs(den))-geluValue(x, 0)))
		}
		require.Less(t, worst, before, "%v", d)
		before = worst
		t.Logf("degrees %v: %.2g off", d, worst)
	}
	for p := range maxDegree + 1 {
		_, err := rationalFit(p, maxDegree-p)
		require.NoError(t, err)
	}
}

// TestPAU compares the loops for degrees 5 and 4 with those for any.
func TestPAU(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	theta, x, g := uniform(rng, 10, 1), append(uniform(rng, 100, 4), 0), append(uniform(rng, 100, 1), 1)
	fast, slow := newRational(theta, 5), quotientOf(theta, 5)
	require.IsType(t, &pau[float64]{}, fast)
	want, got := make([]float64, len(x)), make([]float64, len(x))
	fast.forward(got, x)
	slow.forward(want, x)
	near(t, want, got, 1e-13, 1e-13, "y") // roundings in another order
	fast.backwardX(got, x, g)
	slow.backwardX(want, x, g)
	near(t, want, got, 1e-12, 1e-12, "∂y/∂x")
	want, got = make([]float64, 10), make([]float64, 10)
	fast.backwardTheta(got, x, g)
	slow.backwardTheta(want, x, g)
	near(t, want, got, 1e-12, 1e-12, "∂y/∂θ")
}

// TestSTAFStart: y is a standard normal number over the seeds; places and seeds differ.
func TestSTAFStart(t *testing.T) {
	const seeds = 4000
	var sum, squares, fourth float64
	theta := map[string]bool{}
	for seed := range uint64(seeds) {
		f := staf(5, Place{Name: "a", Seed: seed}.rand())
		y := []float64{0}
		f.at64(f.init, nil).forward(y, []float64{0.7})
		sum += y[0]
		squares += y[0] * y[0]
		fourth += math.Pow(y[0], 4)
		for i := range 5 {
			require.True(t, f.init[5+i] >= 0 && f.init[5+i] < 30 && math.Abs(f.init[10+i]) <= math.Pi)
		}
	}
	// Four standard errors: 1/√n of the mean, √2/√n and √96/√n of the moments.
	se := 4 / math.Sqrt(seeds)
	require.InDelta(t, 0, sum/seeds, se)
	require.InDelta(t, 1, squares/seeds, math.Sqrt2*se)
	require.InDelta(t, 3, fourth/seeds, math.Sqrt(96)*se)
	for _, p := range []Place{{Name: "a"}, {Name: "b"}, {Name: "a", Seed: 1}} {
		theta[fmt.Sprint(staf(5, p.rand()).init)] = true
	}
	require.Len(t, theta, 3)
}

// TestSineStart: the first activation of a network has the first factor, and the layers
// SIREN's weights.
func TestSineStart(t *testing.T) {
	net, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{4, 500, 24, 1}, Activation: Sine(7, 20), Seed: 1})
	require.NoError(t, err)
	require.Equal(t, 7., net.Activations()[0].(*sine).p)
	require.Equal(t, 20., net.Activations()[1].(*sine).p)
	for k, bound := range []float64{1. / 4, math.Sqrt(6./500) / 20, math.Sqrt(6./24) / 20} {
		largest := 0.
		for _, w := range numbers(t, net.Weights()[2*k].Value()) {
			largest = max(largest, math.Abs(w))
		}
		require.LessOrEqual(t, largest, bound*(1+1e-6), "layer %d", k)
		require.Greater(t, largest, 0.8*bound, "layer %d", k) // of 24 numbers at least
	}
}

// TestTrainedLost: NaN in x or g, and an infinite g, make their element of dx and all of
// dθ NaN, wherever the function has a say; neighbours stay.
func TestTrainedLost(t *testing.T) {
	for name, maker := range smallMakers {
		for _, dt := range dtypes {
			for _, c := range []struct{ x, g float64 }{{math.NaN(), 1}, {0.3, math.NaN()}, {7, math.Inf(1)}, {-7, math.NaN()}} {
				out := call{dt: dt, shape: tensor.Shape{3, 1}, x: []float64{1, c.x, -1}, g: []float64{1, c.g, 1}}.run(t, maker)
				require.Equal(t, math.IsNaN(c.x), math.IsNaN(out.y[1]), name)
				require.True(t, math.IsNaN(out.dx[1]) || math.IsInf(c.g, 0), "%s: %v", name, out)
				for _, i := range []int{0, 2} {
					require.False(t, math.IsNaN(out.y[i]) || math.IsNaN(out.dx[i]), "%s: NaN spread to its neighbours: %v", name, out)
				}
				for _, d := range out.dp {
					require.True(t, math.IsNaN(d), "%s: %v at %v", name, out.dp, c)
				}
			}
		}
	}
}

// TestPiecewiseLinearFarOut: beyond the places that float32 can hold, 3.4e38·6/58, y is on the
// outer lines as elsewhere, and so are the gradients to the outer values: 1 − s and s at the
// place s of the interval. GELU's interpolant ends with lines of slope 1.01 and −0.01.
func TestPiecewiseLinearFarOut(t *testing.T) {
	const far = 1e38
	from, to := geluValue(-3+6./58, 0)-geluValue(-3, 0), geluValue(3, 0)-geluValue(3-6./58, 0)
	for _, dt := range dtypes {
		for _, x := range []float64{far, -far} {
			out := call{dt: dt, shape: tensor.Shape{1, 1}, x: []float64{x}, g: []float64{0.0625}}.run(t, baselineOf(t, "pwl"))
			rise, at := to, len(out.dp)-2
			if x < 0 {
				rise, at = from, 0
			}
			near(t, []float64{rise * 58 / 6 * x}, out.y, 1e-4, 0, "y at %v", x) // a rise of 0.001 has float32's 1e-8 of its ends' 0.004
			near(t, []float64{rise * 58 / 6 / 16}, out.dx, 1e-4, 0, "dx at %v", x)
			near(t, []float64{-x * 58 / 6 / 16, x * 58 / 6 / 16}, out.dp[at:at+2], 1e-5, 0, "dθ at %v", x)
		}
	}
}

// TestTrainedProcessors: long slices give the same bits with one processor and with four,
// and what single elements give.
func TestTrainedProcessors(t *testing.T) {
	const n = 3 * 5000
	rng := rand.New(rand.NewPCG(4, 4))
	x, g := uniform(rng, n, 4), uniform(rng, n, 1)
	for _, name := range Baselines() {
		for _, dt := range dtypes {
			c := call{dt: dt, shape: tensor.Shape{n / 3, 3}, x: x, g: g}
			procs := runtime.GOMAXPROCS(1)
			one := c.run(t, baselineOf(t, name))
			runtime.GOMAXPROCS(4)
			four := c.run(t, baselineOf(t, name))
			runtime.GOMAXPROCS(procs)
			require.Equal(t, one, four, "%s, %v", name, dt)
		}
	}
}

func TestTrainedErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	place := Place{Graph: g, Dtype: tensor.Float64, Name: "place", Channels: 3, Axis: 1}
	for _, c := range []struct {
		maker Maker
		want  string
	}{
		{PiecewiseLinear(1), "PiecewiseLinear: knots = 1, want 2"},
		{BSpline(3), "BSpline: coefficients = 3, want 4"},
		{Rational(-1, 2), "Rational: p = -1"},
		{Rational(5, 21), "Rational: q = 21, want 0 to 20"},
		{STAF(0), "STAF: terms = 0"},
		{Sine(0, 30), "Sine: first = 0"},
		{Sine(30, math.Inf(1)), "Sine: hidden = +Inf"},
		{Maxout(1), "Maxout: k = 1"},
	} {
		_, err := c.maker(place)
		require.ErrorContains(t, err, "models: "+c.want)
	}
	flat := place
	flat.Channels = 0
	_, err := Maxout(2)(flat)
	require.ErrorContains(t, err, `place "place" has 0 channels along axis 1`)
	flat.Channels = maxParams
	_, err = Maxout(2)(flat)
	require.ErrorContains(t, err, "parameters")

	f32 := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 3), gorgonia.WithName("f32"))
	wide := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(2, 4), gorgonia.WithName("wide"))
	for _, name := range []string{"pwl", "bspline", "pau", "staf", "maxout"} {
		_, err := baselineOf(t, name)(Place{Dtype: tensor.Float64, Name: "a", Channels: 3, Axis: 1})
		require.ErrorContains(t, err, "nil graph", name)
		named := place
		named.Name = name
		a, err := baselineOf(t, name)(named)
		require.NoError(t, err)
		_, err = baselineOf(t, name)(named)
		require.ErrorContains(t, err, "already has a node named", name)
		_, err = a.Apply(nil)
		require.ErrorContains(t, err, "models: "+name+": x is nil")
		_, err = a.Apply(f32)
		require.ErrorContains(t, err, "float32", name)
		if name == "maxout" {
			_, err = a.Apply(wide)
			require.ErrorContains(t, err, "want 3 channels along axis 1")
		}
	}
	x, theta := dense(tensor.Shape{2}, 1, 2), dense(tensor.Shape{3}, 1, 2, 3)
	op := piecewiseLinear(4).op(1)
	_, err = op.Do(x, theta)
	require.ErrorContains(t, err, "models: pwl: 3 parameters, want 4")
	for _, d := range op.Grads {
		_, err = d.Op.Do(x, theta, x)
		require.ErrorContains(t, err, "3 parameters, want 4")
		_, err = d.Op.Do(x, dense(tensor.Shape{4}, 1, 2, 3, 4), theta)
		require.ErrorContains(t, err, "gradient of 3 elements for x of 2")
	}
	max := maxout{lines: 2, channels: 2, axis: 0}.op(1)
	_, err = max.Grads[0].Op.Do(x, dense(tensor.Shape{2, 2, 2}, make([]float64, 8)...), theta)
	require.ErrorContains(t, err, "gradient of shape (3) for x of shape (2)")
	_, err = max.Do(x, dense(tensor.Shape{2, 2, 1}, make([]float64, 4)...))
	require.ErrorContains(t, err, "parameters of shape (2, 2, 1)")
}

// TestTrainedHashes: other numbers of parameters are other ops.
func TestTrainedHashes(t *testing.T) {
	seen := map[uint32]string{}
	add := func(name string, y *gorgonia.Node) {
		o := gop.Of(y.Op())
		for i, op := range []*gop.Op{o, o.Grads[0].Op, o.Grads[1].Op} {
			what := fmt.Sprintf("%s, op %d", name, i)
			require.NotContains(t, seen, op.Hashcode(), "%s and %s", what, seen[op.Hashcode()])
			seen[op.Hashcode()] = what
		}
	}
	for name, maker := range map[string]Maker{
		"pwl 5": PiecewiseLinear(5), "pwl 6": PiecewiseLinear(6), "bspline 5": BSpline(5), "bspline 6": BSpline(6),
		"pau 3 2": Rational(3, 2), "pau 2 3": Rational(2, 3), "staf 2": STAF(2), "staf 3": STAF(3), "maxout 2": Maxout(2), "maxout 3": Maxout(3),
	} {
		for _, axis := range []int{0, 1} {
			if axis == 0 && name[0] != 'm' {
				continue // has no axis
			}
			g := gorgonia.NewGraph()
			x := input(g, tensor.Float32, tensor.Shape{2, 2}, "x", ramp(4))
			a, err := maker(Place{Graph: g, Dtype: tensor.Float32, Name: "a", Channels: 2, Axis: axis})
			require.NoError(t, err)
			y, err := a.Apply(x)
			require.NoError(t, err)
			add(fmt.Sprintf("%s, axis %d", name, axis), y)
		}
	}
}

// TestSincos compares with the standard library, far and near.
func TestSincos(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range 200000 {
		x := (2*rng.Float64() - 1) * math.Pow(10, float64(i%8))
		s, c := sincos(x)
		ws, wc := math.Sincos(x)
		// The series, 1.8e-9, and the rounding of n·π/2 up to 2²⁰.
		require.InDelta(t, ws, s, 2e-9, "sin %v", x)
		require.InDelta(t, wc, c, 2e-9, "cos %v", x)
	}
	for _, x := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		s, c := sincos(x)
		require.True(t, s != s && c != c)
	}
}

// BenchmarkSincos measures sines and cosines of numbers in ±100, more than branch
// predictors remember.
func BenchmarkSincos(b *testing.B) {
	x := uniform(rand.New(rand.NewPCG(5, 5)), 1<<16, 100)
	for name, f := range map[string]func(x float64) (sin, cos float64){"models": sincos, "math": math.Sincos} {
		b.Run(name, func(b *testing.B) {
			sum := 0.
			for b.Loop() {
				for _, e := range x {
					s, c := f(e)
					sum += s * c
				}
			}
			require.False(b, math.IsNaN(sum))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/number")
		})
	}
}
