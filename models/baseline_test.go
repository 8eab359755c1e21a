package models

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/diff/fd"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

//go:embed testdata/functions.json
var functionsJSON []byte

// reference holds values of a baseline computed by testdata/functions.py from the
// formulas of PyTorch's documentation with 60 digits.
type reference struct {
	Name  string
	Param *float64
	Rows  [][]string // x, y, ∂y/∂x and, for a finite x and a learned p, ∂y/∂p
}

func references(t *testing.T) []reference {
	t.Helper()
	var refs []reference
	require.NoError(t, json.Unmarshal(functionsJSON, &refs))
	return refs
}

func (r reference) String() string {
	if r.Param == nil {
		return r.Name
	}
	return fmt.Sprintf("%s %v", r.Name, *r.Param)
}

func (r reference) param() []float64 {
	if r.Param == nil {
		return nil
	}
	return []float64{*r.Param}
}

// column returns the numbers of the rows that have the column.
func (r reference) column(t *testing.T, k int) []float64 {
	t.Helper()
	var out []float64
	for _, row := range r.Rows {
		if k < len(row) {
			f, err := strconv.ParseFloat(row[k], 64)
			require.NoError(t, err)
			out = append(out, f)
		}
	}
	return out
}

// TestReference compares all baselines with the reference, from −Inf to +Inf.
func TestReference(t *testing.T) {
	seen := map[string]bool{}
	for _, ref := range references(t) {
		seen[ref.Name] = true
		x, y, dx := ref.column(t, 0), ref.column(t, 1), ref.column(t, 2)
		for _, dt := range dtypes {
			// Some roundings of float64; the loops' for float32.
			rel, abs := 1e-12, 0.
			if dt == tensor.Float32 {
				rel, abs = fastError, fastError
			}
			for _, lisp := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/%v/lisp=%v", ref, dt, lisp), func(t *testing.T) {
					out := call{dt: dt, shape: tensor.Shape{len(x)}, x: x, g: fill(len(x), 1), param: ref.param(), lisp: lisp}.run(t, baselineOf(t, ref.Name))
					near(t, y, out.y, rel, abs, "y")
					near(t, dx, out.dx, rel, abs, "∂y/∂x")
				})
			}
		}
	}
	for _, name := range scalars() {
		require.True(t, seen[name], "no reference for %s", name)
	}
}

// TestReferenceParameter compares the gradients to the learned parameters, one x
// at a time, as the op sums them.
func TestReferenceParameter(t *testing.T) {
	checked, want := 0, 0
	for _, ref := range references(t) {
		if ref.Param == nil {
			continue
		}
		want += 21 * 2 // finite x, dtypes
		for _, row := range ref.Rows {
			if len(row) < 4 {
				continue
			}
			r := reference{Rows: [][]string{row}}
			x := r.column(t, 0)
			for _, dt := range dtypes {
				rel, abs := 1e-12, 0.
				if dt == tensor.Float32 {
					// That of σ′ or of a slope, times x².
					rel, abs = fastError, fastError*max(1, x[0]*x[0])
				}
				out := call{dt: dt, shape: tensor.Shape{1}, x: x, g: []float64{1}, param: ref.param()}.run(t, baselineOf(t, ref.Name))
				near(t, r.column(t, 3), out.dp, rel, abs, "%v at %v: ∂y/∂p", ref, row[0])
				checked++
			}
		}
	}
	require.Equal(t, want, checked)
	require.GreaterOrEqual(t, want, 7*21*2, "of 3 and 4 parameters")
}

// scalars returns the names of the baselines that are a function and a parameter.
func scalars() []string {
	var names []string
	for _, b := range baselines {
		names = append(names, b.name)
	}
	return names
}

// baselineNamed returns what the baseline is.
func baselineNamed(t *testing.T, name string) baseline {
	t.Helper()
	for _, b := range baselines {
		if b.name == name {
			return b
		}
	}
	require.Fail(t, "no baseline "+name)
	return baseline{}
}

func TestNaN(t *testing.T) {
	for _, name := range scalars() {
		for _, dt := range dtypes {
			for _, lisp := range []bool{false, true} {
				out := call{dt: dt, shape: tensor.Shape{3}, x: []float64{1, math.NaN(), -1}, g: fill(3, 1), lisp: lisp}.run(t, baselineOf(t, name))
				require.True(t, math.IsNaN(out.y[1]) && math.IsNaN(out.dx[1]), "%s: %v", name, out)
				for _, i := range []int{0, 2} {
					require.False(t, math.IsNaN(out.y[i]) || math.IsNaN(out.dx[i]), "%s: NaN spread to its neighbours: %v", name, out)
				}
				for _, dp := range out.dp {
					require.True(t, math.IsNaN(dp), "%s: %v", name, out)
				}
			}
		}
	}
}

// TestInitialParameters: prelu and swish begin as PyTorch's do.
func TestInitialParameters(t *testing.T) {
	for _, c := range []struct {
		name, param string
		want        float64
	}{{"prelu", "place.slope", 0.25}, {"swish", "place.beta", 1}} {
		g := gorgonia.NewGraph()
		a, err := baselineOf(t, c.name)(Place{Graph: g, Dtype: tensor.Float32, Name: "place"})
		require.NoError(t, err)
		require.Len(t, a.Learnables(), 1)
		p := a.Learnables()[0]
		require.Equal(t, c.param, p.Name())
		require.Equal(t, tensor.Shape{1}, p.Shape())
		require.Equal(t, []float64{c.want}, numbers(t, p.Value()))
	}
}

var shapes = []tensor.Shape{tensor.ScalarShape(), {1}, {5}, {3, 1}, {1, 4}, {4, 3}, {2, 3, 2}, {2, 1, 3, 2}}

// sample draws n numbers that keep away from the kinks at 0, where a central
// difference is no derivative.
func sample(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Copysign(0.05+2*rng.Float64(), rng.Float64()-0.5)
	}
	return out
}

// TestGradients compares the gradients of both machines with central differences
// of Gorgonia's own forward passes: every baseline, ranks 0 to 4. twice applies
// the activation to its own result, so that the gradients of the parameter add up.
func TestGradients(t *testing.T) {
	for _, name := range scalars() {
		for i, shape := range shapes {
			for _, lisp := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%v/lisp=%v", name, shape, lisp), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(i), 1))
					n := shape.TotalSize()
					c := call{dt: tensor.Float64, shape: shape, x: sample(rng, n), g: sample(rng, n), lisp: lisp, twice: i%2 == 1}
					maker := baselineOf(t, name)
					out := c.run(t, maker)

					f := forwardCost(t, c, maker)
					settings := &fd.Settings{Formula: fd.Central, Step: 1e-6}
					// A central difference with step h errs by h²|f‴|/6 + ε|f|/h ≈ 1e-9.
					wantX := fd.Gradient(nil, func(x []float64) float64 { return f(x, nil) }, c.x, settings)
					near(t, wantX, out.dx, 1e-7, 1e-8, "∂cost/∂x")
					if len(out.dp) > 0 {
						init := []float64{baselineNamed(t, name).p}
						wantP := fd.Gradient(nil, func(p []float64) float64 { return f(c.x, p) }, init, settings)
						near(t, wantP, out.dp, 1e-7, 1e-8, "∂cost/∂p")
					}
				})
			}
		}
	}
}

// forwardCost returns the cost of the call as a function of x and the parameter.
func forwardCost(t *testing.T, c call, maker Maker) func(x, param []float64) float64 {
	t.Helper()
	g := gorgonia.NewGraph()
	xn := input(g, c.dt, c.shape, "x", c.x)
	a, err := maker(c.place(g))
	require.NoError(t, err)
	y, err := a.Apply(xn)
	require.NoError(t, err)
	if c.twice {
		y, err = a.Apply(y)
		require.NoError(t, err)
	}
	var yv gorgonia.Value
	gorgonia.Read(y, &yv)
	vm := gorgonia.NewTapeMachine(g)
	t.Cleanup(func() { require.NoError(t, vm.Close()) })
	return func(x, param []float64) float64 {
		set(t, xn, x)
		if param != nil {
			set(t, a.Learnables()[0], param)
		}
		require.NoError(t, vm.RunAll())
		sum := 0.
		for i, e := range numbers(t, yv) {
			sum += c.g[i] * e
		}
		vm.Reset()
		return sum
	}
}

// TestFloat32 compares float32 with float64 on numbers that both hold exactly.
func TestFloat32(t *testing.T) {
	for _, name := range scalars() {
		for i, shape := range shapes {
			for _, lisp := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%v/lisp=%v", name, shape, lisp), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(i), 2))
					n := shape.TotalSize()
					c := call{dt: tensor.Float64, shape: shape, x: sample(rng, n), g: sample(rng, n), lisp: lisp}
					for _, s := range [][]float64{c.x, c.g} {
						for k := range s {
							s[k] = float64(float32(s[k]))
						}
					}
					want := c.run(t, baselineOf(t, name))
					c.dt = tensor.Float32
					got := c.run(t, baselineOf(t, name))
					// The loops' errors, times g of up to 2.05; those of ∂cost/∂p are sums of 12
					// with x² of up to 4.2.
					near(t, want.y, got.y, fastError, fastError, "y")
					near(t, want.dx, got.dx, fastError, 2.1*fastError, "∂cost/∂x")
					near(t, want.dp, got.dp, fastError, 12*9*fastError, "∂cost/∂p")
				})
			}
		}
	}
}

// TestViews: a transposed and a sliced input give what a plain copy gives.
func TestViews(t *testing.T) {
	x := []float64{-2, -1, 0.5, 1, 2, -3}
	for _, name := range scalars() {
		maker := baselineOf(t, name)
		g := gorgonia.NewGraph()
		xn := input(g, tensor.Float64, tensor.Shape{2, 3}, "x", x)
		a, err := maker(Place{Graph: g, Dtype: tensor.Float64, Name: "a"})
		require.NoError(t, err)
		tr, err := a.Apply(gorgonia.Must(gorgonia.Transpose(xn, 1, 0)))
		require.NoError(t, err)
		col, err := a.Apply(gorgonia.Must(gorgonia.Slice(xn, nil, gorgonia.S(1))))
		require.NoError(t, err)
		var trv, colv gorgonia.Value
		gorgonia.Read(tr, &trv)
		gorgonia.Read(col, &colv)
		cost := gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Sum(tr)), gorgonia.Must(gorgonia.Sum(col))))
		require.NoError(t, machine(t, cost, false, append(a.Learnables(), xn)...).RunAll())

		plain := call{dt: tensor.Float64, shape: tensor.Shape{2, 3}, x: x, g: []float64{1, 2, 1, 1, 2, 1}}.run(t, maker)
		y := plain.y
		require.Equal(t, []float64{y[0], y[3], y[1], y[4], y[2], y[5]}, numbers(t, trv), name)
		require.Equal(t, []float64{y[1], y[4]}, numbers(t, colv), name)
		near(t, plain.dx, grad(t, xn), 1e-15, 0, "%s: ∂cost/∂x", name)
		for i, l := range a.Learnables() {
			near(t, plain.dp[i:], grad(t, l), 1e-14, 0, "%s: ∂cost/∂p", name)
		}
	}
}

// TestNotMerged applies all baselines to one x in one graph: Gorgonia must not
// take two of them for the same node.
func TestNotMerged(t *testing.T) {
	x := []float64{-2, -0.5, 0.5, 2}
	g := gorgonia.NewGraph()
	xn := input(g, tensor.Float64, tensor.Shape{4}, "x", x)
	cost := gorgonia.NewConstant(0.)
	got := make([]gorgonia.Value, len(scalars()))
	var want [][]float64
	dx := make([]float64, len(x))
	for i, name := range scalars() {
		a, err := baselineOf(t, name)(Place{Graph: g, Dtype: tensor.Float64, Name: name})
		require.NoError(t, err)
		y, err := a.Apply(xn)
		require.NoError(t, err)
		gorgonia.Read(y, &got[i])
		cost = gorgonia.Must(gorgonia.Add(cost, gorgonia.Must(gorgonia.Sum(y))))
		alone := call{dt: tensor.Float64, shape: tensor.Shape{4}, x: x, g: fill(4, 1)}.run(t, baselineOf(t, name))
		want = append(want, alone.y)
		for k, d := range alone.dx {
			dx[k] += d
		}
	}
	require.NoError(t, machine(t, cost, false, xn).RunAll())
	for i, name := range scalars() {
		require.Equal(t, want[i], numbers(t, got[i]), name)
	}
	near(t, dx, grad(t, xn), 1e-14, 1e-15, "∂cost/∂x") // sums in another order
}

func TestBaselineErrors(t *testing.T) {
	_, err := Baseline("sinus")
	require.ErrorContains(t, err, `"sinus"`)
	for _, name := range Baselines() {
		require.ErrorContains(t, err, name)
	}
	g := gorgonia.NewGraph()
	ints := gorgonia.NewVector(g, tensor.Int, gorgonia.WithShape(3), gorgonia.WithName("ints"))
	for _, name := range scalars() {
		a, err := baselineOf(t, name)(Place{Graph: g, Dtype: tensor.Float64, Name: name})
		require.NoError(t, err)
		_, err = a.Apply(nil)
		require.ErrorContains(t, err, "x is nil", name)
		_, err = a.Apply(ints)
		require.ErrorContains(t, err, "dtype int", name)
	}
	f32 := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(3), gorgonia.WithName("f32"))
	for _, name := range []string{"prelu", "swish"} {
		maker := baselineOf(t, name)
		_, err := maker(Place{Graph: nil, Dtype: tensor.Float64, Name: "a"})
		require.ErrorContains(t, err, "nil graph")
		_, err = maker(Place{Graph: g, Dtype: tensor.Int, Name: "a"})
		require.ErrorContains(t, err, "dtype int")
		a, err := maker(Place{Graph: g, Dtype: tensor.Float64, Name: name + " again"})
		require.NoError(t, err)
		_, err = maker(Place{Graph: g, Dtype: tensor.Float64, Name: name + " again"})
		require.ErrorContains(t, err, "already has a node named")
		_, err = a.Apply(f32)
		require.ErrorContains(t, err, "float32")
	}
	_, err = Fixed(nil)(Place{Graph: g, Name: "place"})
	require.ErrorContains(t, err, `"place" has a nil function`)
}

// TestNoSecondDerivative: the gradient ops report that they have no derivative.
func TestNoSecondDerivative(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float64, tensor.Shape{3}, "x", []float64{1, 2, 3})
	a, err := baselineOf(t, "gelu")(Place{Graph: g, Dtype: tensor.Float64, Name: "a"})
	require.NoError(t, err)
	y, err := a.Apply(x)
	require.NoError(t, err)
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), x)
	require.NoError(t, err)
	d := grads[0].Op().(*gop.Op)
	_, err = d.SymDiff(nil, nil, nil)
	require.ErrorContains(t, err, "gelu gradient: no second derivative")
	require.ErrorContains(t, d.DoDiff(gorgonia.ExecutionContext{}, nil, nil), "no second derivative")
	require.Equal(t, []bool{false, false}, d.DiffWRT(2))
}
