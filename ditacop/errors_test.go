package ditacop

import (
	"math"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestBadOptions: every bad option is an error that names it and its value.
func TestBadOptions(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct {
		name string
		opt  Option
		want []string
	}{
		{"a = b", WithDomain(1, 1), []string{"domain", "[1,1]"}},
		{"a > b", WithDomain(2, -3), []string{"domain", "[2,-3]"}},
		{"a NaN", WithDomain(nan, 3), []string{"domain", "NaN"}},
		{"b Inf", WithDomain(0, inf), []string{"domain", "+Inf"}},
		{"too narrow", WithDomain(1, math.Nextafter(1, 2)), []string{"narrow", "10 cells"}},
		{"no cells", WithCells(0), []string{"cells", "0"}},
		{"negative cells", WithCells(-4), []string{"cells", "-4"}},
		{"too many cells", WithCells(1 << 20), []string{"cells", "1048576"}},
		{"no parameter", WithCells(1), []string{"cells", "1", "no parameter"}},
		{"unknown variant", WithVariant(Variant(17)), []string{"variant", "17"}},
		{"unknown basis", WithBasis(cpab.Basis(9)), []string{"basis", "9"}},
		{"unknown boundary", WithBoundary(cpab.Boundary(5)), []string{"boundary", "5"}},
		{"matrix size", WithBasisMatrix([]float64{1, 2}), []string{"basis matrix", "2"}},
		{"empty matrix", WithBasisMatrix(nil), []string{"basis matrix", "0"}},
		{"matrix NaN", WithBasisMatrix(fill(180, nan)), []string{"basis matrix[0][0]", "NaN"}},
		{"matrix broken", WithBasisMatrix(fill(180, 1)), []string{"basis matrix", "column 0"}},
		{"matrix singular", WithBasisMatrix(make([]float64, 180)), []string{"basis matrix", "dependent"}},
		{"slope NaN", WithNegativeSlope(nan), []string{"slope", "NaN"}},
		{"lambda", WithPenalty(-1, 5, 1), []string{"lambda", "-1"}},
		{"lambda NaN", WithPenalty(nan, 5, 1), []string{"lambda", "NaN"}},
		{"length scale", WithPenalty(1, 0, 1), []string{"length scale", "0"}},
		{"scale", WithPenalty(1, 5, -2), []string{"scale", "-2"}},
		{"init length scale", WithInit(PriorSample(1, nan, 2)), []string{"length scale", "NaN"}},
		{"init scale", WithInit(PriorSample(1, 3, inf)), []string{"scale", "+Inf"}},
		{"theta length", WithInit(FromTheta([]float64{1, 2, 3})), []string{"theta", "3", "9"}},
		{"theta NaN", WithInit(FromTheta(fill(9, nan))), []string{"theta[0]", "NaN"}},
		{"fit nil", WithInit(Fitted(nil)), []string{"nil function"}},
		{"fit NaN", WithInit(Fitted(func(float64) float64 { return nan })), []string{"f(", "NaN"}},
		{"fit out of range", WithInit(Fitted(func(x float64) float64 { return 1e200 * x })), []string{"function to fit", "f(", "e+200", "out of range"}},
		{"fit far out", WithInit(Fitted(func(x float64) float64 { return 1e50 * x })), []string{"function to fit", "out of range"}},
		{"empty init", WithInit(Init{}), []string{"Init"}},
		{"axis", WithPerChannel(-2), []string{"WithPerChannel", "axis", "-2"}},
		{"axis -1", WithPerChannel(-1), []string{"WithPerChannel", "axis", "-1"}},
		{"axis -1 of groups", WithGroups(-1, 3), []string{"WithGroups", "axis", "-1"}},
		{"axis too large", WithPerChannel(2), []string{"axis", "2", "(2, 3)"}},
		{"groups", WithGroups(1, 2), []string{"groups", "2", "3"}},
		{"no groups", WithGroups(1, 0), []string{"WithGroups", "groups = 0"}},
		{"negative groups", WithGroups(1, -3), []string{"WithGroups", "groups = -3"}},
		{"most groups", WithGroups(1, math.MaxInt), []string{"groups", "9223372036854775807"}},
		{"tolerance", WithTolerance(0), []string{"tolerance", "0"}},
		{"tolerance NaN", WithTolerance(nan), []string{"tolerance", "NaN"}},
		{"nil option", nil, []string{"option", "nil"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(2, 3), gorgonia.WithName("x"))
			// The sizes in the cases are those of ten cells.
			opts := []Option{WithCells(10), c.opt}
			y, err := DiTAC(x, opts...)
			require.Error(t, err)
			require.Nil(t, y)
			for _, w := range c.want {
				require.ErrorContains(t, err, w)
			}
			require.Len(t, g.AllNodes(), 1, "a refused activation left something in the graph")
		})
	}
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(2, 3), gorgonia.WithName("x"))
	_, err := DiTAC(x, WithVariant(VariantGE), WithDomain(-1, 2))
	require.ErrorContains(t, err, "[-1,2]")
}

func fill(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// TestBadNodes: nodes that do not suit are errors, too.
func TestBadNodes(t *testing.T) {
	g := gorgonia.NewGraph()
	f32 := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(3), gorgonia.WithName("f32"))
	ints := gorgonia.NewVector(g, tensor.Int, gorgonia.WithShape(3), gorgonia.WithName("ints"))
	other := gorgonia.NewVector(gorgonia.NewGraph(), tensor.Float64, gorgonia.WithShape(3), gorgonia.WithName("other"))
	a, err := New(g, tensor.Float64, WithName("mine"))
	require.NoError(t, err)

	_, err = DiTAC(nil)
	require.ErrorContains(t, err, "x is nil")
	_, err = DiTAC(ints)
	require.ErrorContains(t, err, "int")
	_, err = New(nil, tensor.Float64)
	require.ErrorContains(t, err, "graph is nil")
	_, err = New(g, tensor.Int)
	require.ErrorContains(t, err, "dtype = int")
	_, err = New(g, tensor.Float64, WithPerChannel(1))
	require.ErrorContains(t, err, "WithGroups")
	_, err = New(g, tensor.Float64, WithName("mine"))
	require.ErrorContains(t, err, `"mine" is taken`)
	_, err = a.Apply(nil)
	require.ErrorContains(t, err, "x is nil")
	_, err = a.Apply(f32)
	require.ErrorContains(t, err, "float32")
	_, err = a.Apply(ints)
	require.ErrorContains(t, err, "int")
	_, err = a.Apply(other)
	require.ErrorContains(t, err, "another graph")
	_, err = a.ThetaValues(1)
	require.ErrorContains(t, err, "group = 1")
	_, _, err = a.Eval(-1, nil)
	require.ErrorContains(t, err, "group = -1")
	_, err = Penalty(gorgonia.NewGraph())
	require.ErrorContains(t, err, "no DiTAC")
	_, err = NewSplitSolver(nil, nil, nil)
	require.ErrorContains(t, err, "nil solver")
	_, err = NewSplitSolver(gorgonia.NewVanillaSolver(), gorgonia.NewVanillaSolver(), nil)
	require.ErrorContains(t, err, "no θ")
	require.Empty(t, Activations(nil))
}

// TestBadTheta: a θ that is not finite, or of another length, is an error of
// the run that says which component.
func TestBadTheta(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
		g := gorgonia.NewGraph()
		x := inputNode(g, tensor.Float64, tensor.Shape{3}, "x", []float64{1, 2, 3})
		a, err := New(g, tensor.Float64)
		require.NoError(t, err)
		cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(a.Apply(x))))
		_, err = gorgonia.Grad(cost, a.Theta())
		require.NoError(t, err)
		vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(a.Theta()))
		a.Theta().Value().Data().([]float64)[4] = bad
		err = vm.RunAll()
		require.ErrorContains(t, err, "theta[4]")
		require.ErrorContains(t, err, a.Name())
		vm.Close()
		// A LispMachine calls Do and passes its error on. It is not run here: one
		// whose run fails goes on reading in a goroutine, a race in Gorgonia.
		_, err = a.op(forward, 1).Do(x.Value(), a.Theta().Value())
		require.ErrorContains(t, err, "theta[4]")
	}
}

// TestBadValues: values that the graph did not promise are errors of Do.
func TestBadValues(t *testing.T) {
	a, err := New(gorgonia.NewGraph(), tensor.Float64, WithCells(10))
	require.NoError(t, err)
	x := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{1, 2, 3}))
	x32 := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float32{1, 2, 3}))
	theta := tensor.New(tensor.WithShape(9), tensor.WithBacking(make([]float64, 9)))
	short := tensor.New(tensor.WithShape(2), tensor.WithBacking(make([]float64, 2)))
	fwd, bwd := a.op(forward, 1), a.op(backwardX, 1)
	for _, c := range []struct {
		o    *gop.Op
		in   []gorgonia.Value
		want string
	}{
		{fwd, []gorgonia.Value{x}, "1 inputs, want 2"},
		{fwd, []gorgonia.Value{x, nil}, "input 1 has no value"},
		{fwd, []gorgonia.Value{x32, theta}, "input 0 has dtype float32"},
		{fwd, []gorgonia.Value{x, short}, "θ has 2 numbers"},
		{bwd, []gorgonia.Value{x, theta, short}, "gradient of shape (2)"},
	} {
		_, err := c.o.Do(c.in...)
		require.ErrorContains(t, err, c.want)
	}
	want, err := fwd.Do(x, theta)
	require.NoError(t, err)
	for _, out := range []*tensor.Dense{x.Clone().(*tensor.Dense), short} { // memory that does not fit is left alone
		got, err := fwd.UsePreallocDo(out, x, theta)
		require.NoError(t, err)
		require.Equal(t, out != short, got == out)
		require.Equal(t, want.Data(), got.Data())
	}
	require.Equal(t, make([]float64, 2), short.Data())
}
