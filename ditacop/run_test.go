package ditacop

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// result is what one run of a graph with one activation gives, as float64.
type result struct{ y, dx, dtheta []float64 }

// runOnce runs cost = Σ g·activation(x) once, forward and backward, and returns
// y, ∂cost/∂x and ∂cost/∂θ. twice applies the activation to its own result too.
func runOnce(t testing.TB, dt tensor.Dtype, shape tensor.Shape, x, g []float64, lisp, twice bool, opts ...Option) result {
	t.Helper()
	graph := gorgonia.NewGraph()
	xn := inputNode(graph, dt, shape, "x", x)
	gn := inputNode(graph, dt, shape, "g", g)
	a, err := newForTest(xn, opts)
	require.NoError(t, err)
	y, err := a.Apply(xn)
	require.NoError(t, err)
	if twice {
		y, err = a.Apply(y)
		require.NoError(t, err)
	}
	var yv gorgonia.Value
	gorgonia.Read(y, &yv)
	cost := gorgonia.Must(gorgonia.HadamardProd(y, gn))
	if !cost.IsScalar() {
		cost = gorgonia.Must(gorgonia.Sum(cost))
	}
	var vm gorgonia.VM
	if lisp {
		vm = gorgonia.NewLispMachine(graph)
	} else {
		_, err = gorgonia.Grad(cost, xn, a.Theta())
		require.NoError(t, err)
		vm = gorgonia.NewTapeMachine(graph, gorgonia.BindDualValues(xn, a.Theta()))
	}
	require.NoError(t, vm.RunAll())
	defer vm.Close()
	read := func(v gorgonia.Value, err error) []float64 {
		t.Helper()
		require.NoError(t, err)
		out, err := float64sOf(v)
		require.NoError(t, err)
		return out
	}
	return result{y: read(yv, nil), dx: read(xn.Grad()), dtheta: read(a.Theta().Grad())}
}

// newForTest is New, except that WithPerChannel works as in DiTAC.
func newForTest(x *gorgonia.Node, opts []Option) (*Activation, error) {
	s, err := gather(opts)
	if err != nil {
		return nil, err
	}
	axis, groups, err := s.sharing.of(x.Shape())
	if err != nil {
		return nil, err
	}
	return newActivation(x.Graph(), x.Dtype(), s, axis, groups)
}

// inputNode returns a node that holds the numbers x in the given shape.
func inputNode(g *gorgonia.ExprGraph, dt tensor.Dtype, shape tensor.Shape, name string, x []float64) *gorgonia.Node {
	if shape.IsScalar() {
		var v any = x[0]
		if dt == tensor.Float32 {
			v = float32(x[0])
		}
		return gorgonia.NewScalar(g, dt, gorgonia.WithName(name), gorgonia.WithValue(v))
	}
	return gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithValue(denseOf(dt, shape, x)))
}
