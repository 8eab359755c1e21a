package models

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ditac-go/ditac/internal/values"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

var dtypes = []tensor.Dtype{tensor.Float64, tensor.Float32}

// input returns a node that holds the numbers x in the given shape.
func input(g *gorgonia.ExprGraph, dt tensor.Dtype, shape tensor.Shape, name string, x []float64) *gorgonia.Node {
	v := values.New(dt, shape)
	var err error
	if dt == tensor.Float32 {
		err = values.Store(v, values.Convert[float32](x))
	} else {
		err = values.Store(v, x)
	}
	if err != nil {
		panic(err)
	}
	opts := []gorgonia.NodeConsOpt{gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v)}
	if shape.IsScalar() {
		return gorgonia.NewScalar(g, dt, opts[1:]...)
	}
	return gorgonia.NewTensor(g, dt, len(shape), opts...)
}

// numbers returns the numbers of a value as float64.
func numbers(t testing.TB, v gorgonia.Value) []float64 {
	t.Helper()
	x, err := values.Float64s(v)
	require.NoError(t, err)
	return x
}

func grad(t testing.TB, n *gorgonia.Node) []float64 {
	t.Helper()
	v, err := n.Grad()
	require.NoError(t, err)
	return numbers(t, v)
}

func set(t testing.TB, n *gorgonia.Node, x []float64) {
	t.Helper()
	require.NoError(t, copyValue(n.Value(), values.Dense(n.Dtype(), tensor.Shape{len(x)}, x)))
}

// machine returns a machine for the cost, with gradients to the nodes.
func machine(t testing.TB, cost *gorgonia.Node, lisp bool, nodes ...*gorgonia.Node) gorgonia.VM {
	t.Helper()
	var vm gorgonia.VM
	if lisp {
		vm = gorgonia.NewLispMachine(cost.Graph())
	} else {
		_, err := gorgonia.Grad(cost, nodes...)
		require.NoError(t, err)
		vm = gorgonia.NewTapeMachine(cost.Graph(), gorgonia.BindDualValues(nodes...))
	}
	t.Cleanup(func() { require.NoError(t, vm.Close()) })
	return vm
}

// call is one application of an activation: cost = Σ g·activation(x).
type call struct {
	dt    tensor.Dtype
	shape tensor.Shape
	x, g  []float64
	param []float64 // of the activation, or nil for its own
	lisp  bool
	twice bool // apply the activation to its own result too
}

// outcome is what a call gives: y, ∂cost/∂x and ∂cost/∂parameter.
type outcome struct{ y, dx, dp []float64 }

// place returns the activation's place: axis 1 has the channels if there is one.
func (c call) place(g *gorgonia.ExprGraph) Place {
	p := Place{Graph: g, Dtype: c.dt, Name: "a"}
	if len(c.shape) > 1 {
		p.Channels, p.Axis = c.shape[1], 1
	}
	return p
}

func (c call) run(t testing.TB, maker Maker) outcome {
	t.Helper()
	g := gorgonia.NewGraph()
	x := input(g, c.dt, c.shape, "x", c.x)
	a, err := maker(c.place(g))
	require.NoError(t, err)
	y, err := a.Apply(x)
	require.NoError(t, err)
	if c.twice {
		y, err = a.Apply(y)
		require.NoError(t, err)
	}
	require.Equal(t, c.shape, y.Shape())
	var yv gorgonia.Value
	gorgonia.Read(y, &yv)
	cost := gorgonia.Must(gorgonia.HadamardProd(y, input(g, c.dt, c.shape, "g", c.g)))
	if !cost.IsScalar() {
		cost = gorgonia.Must(gorgonia.Sum(cost))
	}
	if c.param != nil {
		set(t, a.Learnables()[0], c.param)
	}
	vm := machine(t, cost, c.lisp, append(a.Learnables(), x)...)
	require.NoError(t, vm.RunAll())
	out := outcome{y: numbers(t, yv), dx: grad(t, x)}
	for _, l := range a.Learnables() {
		out.dp = append(out.dp, grad(t, l)...)
	}
	return out
}

// near asserts |got − want| ≤ rel·|want| + abs for each number; infinities and NaN
// have to be equal.
func near(t testing.TB, want, got []float64, rel, abs float64, format string, args ...any) {
	t.Helper()
	what := fmt.Sprintf(format, args...)
	require.Len(t, got, len(want), what)
	for i, w := range want {
		same := w == got[i] || math.IsNaN(w) && math.IsNaN(got[i])
		if !same && !(math.Abs(got[i]-w) <= rel*math.Abs(w)+abs && !math.IsInf(w, 0)) {
			require.Failf(t, what, "number %d of %d is %v, want %v ± %v", i, len(want), got[i], w, rel*math.Abs(w)+abs)
		}
	}
}

// baselineOf returns the Maker with the name.
func baselineOf(t testing.TB, name string) Maker {
	t.Helper()
	m, err := Baseline(name)
	require.NoError(t, err)
	return m
}

// fill returns n times the number x.
func fill(n int, x float64) []float64 { return slices.Repeat([]float64{x}, n) }
