package cuda_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	_ "go4.org/unsafe/assume-no-moving-gc"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/cuda/bench"
)

// The tests of this file run in builds with and without the tag cuda and want the
// same results.

// shape is that of the tensors; its size is no multiple of a warp's.
var shape = tensor.Shape{5, 7}

// values gives the i-th of n numbers between low and high.
func values(n int, low, high float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = low + (high-low)*float64((i*37)%n)/float64(n-1)
	}
	return x
}

// of converts to a backing slice of the dtype.
func of(dt tensor.Dtype, x []float64) any {
	if dt == tensor.Float64 {
		return append([]float64(nil), x...)
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// floats converts a value's data to float64.
func floats(t *testing.T, v gorgonia.Value) []float64 {
	t.Helper()
	require.NotNil(t, v)
	switch x := v.Data().(type) {
	case []float64:
		return x
	case float64:
		return []float64{x}
	case []float32:
		y := make([]float64, len(x))
		for i := range x {
			y[i] = float64(x[i])
		}
		return y
	case float32:
		return []float64{float64(x)}
	}
	t.Fatalf("value of type %T", v.Data())
	return nil
}

// input makes a tensor node, or a scalar for one value.
func input(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, x []float64) *gorgonia.Node {
	if len(x) == 1 {
		var v any = x[0]
		if dt == tensor.Float32 {
			v = float32(x[0])
		}
		return gorgonia.NewScalar(g, dt, gorgonia.WithName(name), gorgonia.WithValue(v))
	}
	return gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(of(dt, x)))))
}

// run runs a graph once and returns the values of nodes.
func run(t *testing.T, g *gorgonia.ExprGraph, nodes ...*gorgonia.Node) [][]float64 {
	t.Helper()
	read := make([]gorgonia.Value, len(nodes))
	for i, n := range nodes {
		gorgonia.Read(n, &read[i])
	}
	m, err := cuda.NewTapeMachine(g)
	require.NoError(t, err)
	require.NoError(t, m.RunAll())
	out := make([][]float64, len(nodes))
	for i := range read {
		out[i] = floats(t, read[i])
	}
	require.NoError(t, m.Close())
	return out
}

// tolerance is that of a few roundings.
func tolerance(dt tensor.Dtype) float64 {
	if dt == tensor.Float32 {
		return 1e-5
	}
	return 1e-12
}

func requireNear(t *testing.T, dt tensor.Dtype, want, got []float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		require.InDelta(t, want[i], got[i], tolerance(dt)*(1+math.Abs(want[i])), "%s, element %d", what, i)
	}
}

var dtypes = []tensor.Dtype{tensor.Float32, tensor.Float64}

// requireLaunched says that a kernel ran, if this is the bench.
func requireLaunched(t *testing.T, name string, dt tensor.Dtype) {
	t.Helper()
	if bench.Active() {
		require.Positive(t, bench.Launches()[fmt.Sprintf("%s_f%d", name, 8*dt.Size())], "launches of %s: %v", name, bench.Launches())
	}
}

func TestGraphUnary(t *testing.T) {
	cases := []struct {
		name      string
		node      func(*gorgonia.Node) (*gorgonia.Node, error)
		f         func(float64) float64
		low, high float64
	}{
		{"abs", gorgonia.Abs, math.Abs, -3, 3},
		{"sign", gorgonia.Sign, func(x float64) float64 { return math.Copysign(1, x) }, -3, 3.1},
		{"ceil", gorgonia.Ceil, math.Ceil, -3, 3.1},
		{"floor", gorgonia.Floor, math.Floor, -3, 3.1},
		{"sin", gorgonia.Sin, math.Sin, -9, 9},
		{"cos", gorgonia.Cos, math.Cos, -9, 9},
		{"exp", gorgonia.Exp, math.Exp, -9, 9},
		{"ln", gorgonia.Log, math.Log, 0.1, 9},
		{"log2", gorgonia.Log2, math.Log2, 0.1, 9},
		{"neg", gorgonia.Neg, func(x float64) float64 { return -x }, -3, 3},
		{"square", gorgonia.Square, func(x float64) float64 { return x * x }, -3, 3},
		{"sqrt", gorgonia.Sqrt, math.Sqrt, 0.1, 9},
		{"inv", gorgonia.Inverse, func(x float64) float64 { return 1 / x }, 0.1, 9},
		{"invSqrt", gorgonia.InverseSqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 0.1, 9},
		{"cube", gorgonia.Cube, func(x float64) float64 { return x * x * x }, -3, 3},
		{"tanh", gorgonia.Tanh, math.Tanh, -3, 3},
		{"sigmoid", gorgonia.Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, -9, 9},
		{"log1p", gorgonia.Log1p, math.Log1p, -0.9, 9},
		{"expm1", gorgonia.Expm1, math.Expm1, -3, 3},
		{"softplus", gorgonia.Softplus, func(x float64) float64 { return math.Log1p(math.Exp(x)) }, -9, 9},
	}
	for _, c := range cases {
		for _, dt := range dtypes {
			t.Run(fmt.Sprintf("%s/%v", c.name, dt), func(t *testing.T) {
				bench.Reset()
				x := values(shape.TotalSize(), c.low, c.high)
				g := gorgonia.NewGraph()
				y, err := c.node(input(g, dt, "x", x))
				require.NoError(t, err)
				want := make([]float64, len(x))
				for i := range x {
					want[i] = c.f(x[i])
				}
				requireNear(t, dt, want, run(t, g, y)[0], c.name)
				requireLaunched(t, c.name, dt)
			})
		}
	}
}

func TestGraphBinary(t *testing.T) {
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	compare := func(f func(a, b *gorgonia.Node, same bool) (*gorgonia.Node, error)) func(a, b *gorgonia.Node) (*gorgonia.Node, error) {
		return func(a, b *gorgonia.Node) (*gorgonia.Node, error) { return f(a, b, true) }
	}
	cases := []struct {
		name string
		node func(a, b *gorgonia.Node) (*gorgonia.Node, error)
		f    func(x, y float64) float64
	}{
		{"add", gorgonia.Add, func(x, y float64) float64 { return x + y }},
		{"sub", gorgonia.Sub, func(x, y float64) float64 { return x - y }},
		{"mul", gorgonia.HadamardProd, func(x, y float64) float64 { return x * y }},
		{"div", gorgonia.HadamardDiv, func(x, y float64) float64 { return x / y }},
		{"pow", gorgonia.Pow, math.Pow},
		{"lt", compare(gorgonia.Lt), func(x, y float64) float64 { return truth(x < y) }},
		{"gt", compare(gorgonia.Gt), func(x, y float64) float64 { return truth(x > y) }},
		{"lte", compare(gorgonia.Lte), func(x, y float64) float64 { return truth(x <= y) }},
		{"gte", compare(gorgonia.Gte), func(x, y float64) float64 { return truth(x >= y) }},
		{"eq", compare(gorgonia.Eq), func(x, y float64) float64 { return truth(x == y) }},
		{"ne", compare(gorgonia.Ne), func(x, y float64) float64 { return truth(x != y) }},
	}
	n := shape.TotalSize()
	x, y := values(n, 0.5, 3), values(n, 3, 0.25)
	y[3], y[8] = x[3], x[8]
	for _, c := range cases {
		for _, dt := range dtypes {
			for form, operands := range map[string][2][]float64{
				"vv": {x, y}, "vs": {x, x[3:4]}, "sv": {x[3:4], x}, "ss": {x[3:4], y[5:6]},
			} {
				t.Run(fmt.Sprintf("%s/%v/%s", c.name, dt, form), func(t *testing.T) {
					bench.Reset()
					a, b := operands[0], operands[1]
					g := gorgonia.NewGraph()
					node, err := c.node(input(g, dt, "a", a), input(g, dt, "b", b))
					require.NoError(t, err)
					want := make([]float64, max(len(a), len(b)))
					for i := range want {
						want[i] = c.f(a[i%len(a)], b[i%len(b)])
					}
					requireNear(t, dt, want, run(t, g, node)[0], c.name)
					requireLaunched(t, c.name+"_"+form, dt)
				})
			}
		}
	}
}
