package gop

import (
	"fmt"
	"math"
	"testing"

	"github.com/ditac-go/ditac/internal/values"
	"github.com/stretchr/testify/require"
	_ "go4.org/unsafe/assume-no-moving-gc" // lets Gorgonia start
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// weigh is the op Σᵢ wᵢ·xᵢⱼ + bⱼ over the rows i of x from the k-th on. It has all that
// an Op can have: a parameter, several inputs, one without gradient, a result of
// another shape, a gradient that is passed on.
func weigh(k int) *Op {
	return &Op{
		Kind: "gop.weigh", Params: []any{k}, In: []int{2, 1, 1}, Out: 1,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			x, w, b := in[0], in[1], in[2]
			if len(x) != 2 || len(w) != 1 || len(b) != 1 || w[0] != x[0] || b[0] != x[1] || k > x[0] {
				return nil, fmt.Errorf("x of shape %v, w of %v, b of %v, k = %d", x, w, b, k)
			}
			return b, nil
		},
		Compute: Numbers(weighRows[float32](k), weighRows[float64](k)),
		Grads: []Gradient{
			{Op: spread(k), From: []int{0, 1, Upstream}},
			{},
			PassOn,
		},
	}
}

func weighRows[T values.Float](k int) func(Call[T]) error {
	return func(c Call[T]) error {
		x, w, b := c.In[0], c.In[1], c.In[2]
		copy(c.Out, b)
		for i := k; i < len(w); i++ {
			for j := range b {
				c.Out[j] += w[i] * x[i*len(b)+j]
			}
		}
		return nil
	}
}

// spread is weigh's gradient to x, wᵢ·gⱼ.
func spread(k int) *Op {
	return &Op{
		Kind: "gop.spread", Params: []any{k}, In: []int{2, 1, 1}, Out: 2, Shape: Like(0),
		Compute: Float64s(func(out []float64, in [][]float64) error {
			w, g := in[1], in[2]
			for i := k; i < len(w); i++ {
				for j := range g {
					out[i*len(g)+j] = w[i] * g[j]
				}
			}
			return nil
		}),
	}
}

// exp is eˣ, whose gradient g·y is computed from its result.
var exp = &Op{
	Kind: "gop.exp", In: []int{1}, Out: 1, Shape: Like(0),
	Compute: Float64s(func(out []float64, in [][]float64) error {
		for i, x := range in[0] {
			out[i] = math.Exp(x)
		}
		return nil
	}),
	Grads: []Gradient{{From: []int{Result, Upstream}, Op: &Op{
		Kind: "gop.product", Name: "gradient of exp", In: []int{1, 1}, Out: 1, Shape: Like(0),
		Compute: Float64s(func(out []float64, in [][]float64) error {
			for i, y := range in[0] {
				out[i] = y * in[1][i]
			}
			return nil
		}),
	}}},
}

func node(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, shape tensor.Shape, x ...float64) *gorgonia.Node {
	return gorgonia.NodeFromAny(g, values.Dense(dt, shape, x), gorgonia.WithName(name))
}

// TestMachines runs the ops in both machines and compares values and gradients with
// what is worked out by hand.
func TestMachines(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, lisp := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v/lisp=%v", dt, lisp), func(t *testing.T) {
				g := gorgonia.NewGraph()
				x := node(g, dt, "x", tensor.Shape{3, 2}, 9, 9, 0.5, 1, -1, 2)
				w := node(g, dt, "w", tensor.Shape{3}, 9, 2, 0.5)
				b := node(g, dt, "b", tensor.Shape{2}, 0.25, -2)
				sum, err := weigh(1).Apply(x, w, b)
				require.NoError(t, err)
				y, err := exp.Apply(sum)
				require.NoError(t, err)
				var read gorgonia.Value
				gorgonia.Read(y, &read)
				cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(y, node(g, dt, "g", tensor.Shape{2}, 1, 3)))))
				var vm gorgonia.VM
				if lisp {
					vm = gorgonia.NewLispMachine(g)
				} else {
					_, err := gorgonia.Grad(cost, x, b)
					require.NoError(t, err)
					vm = gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(x, b))
				}
				require.NoError(t, vm.RunAll())
				// Some roundings of the dtype.
				eps := 1e-14
				if dt == tensor.Float32 {
					eps = 1e-6
				}
				y0, y1 := math.Exp(0.25+2*0.5-0.5), math.Exp(-2+2*1+0.5*2)
				requireNear(t, []float64{y0, y1}, read, eps)
				requireNear(t, []float64{0, 0, 2 * y0, 2 * 3 * y1, 0.5 * y0, 0.5 * 3 * y1}, gradOf(t, x), eps)
				requireNear(t, []float64{y0, 3 * y1}, gradOf(t, b), eps)
				require.NoError(t, vm.Close())
			})
		}
	}
	g := gorgonia.NewGraph()
	w := node(g, tensor.Float64, "w", tensor.Shape{3}, 1, 2, 3)
	y, err := weigh(0).Apply(node(g, tensor.Float64, "x", tensor.Shape{3, 1}, 1, 2, 3), w, node(g, tensor.Float64, "b", tensor.Shape{1}, 0))
	require.NoError(t, err)
	_, err = gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), w)
	require.Error(t, err, "w has no gradient")
}

func gradOf(t *testing.T, n *gorgonia.Node) gorgonia.Value {
	t.Helper()
	v, err := n.Grad()
	require.NoError(t, err)
	return v
}

func requireNear(t *testing.T, want []float64, got gorgonia.Value, eps float64) {
	t.Helper()
	x, err := values.Float64s(got)
	require.NoError(t, err)
	require.InDeltaSlice(t, want, x, 100*eps)
}

// TestErrors: what is wrong with inputs, in errors that name the op.
func TestErrors(t *testing.T) {
	dense := func(dt tensor.Dtype, shape ...int) gorgonia.Value {
		return values.Dense(dt, shape, make([]float64, tensor.Shape(shape).TotalSize()))
	}
	f32, f64 := tensor.Float32, tensor.Float64
	fixed := *exp
	fixed.Dtype = f32
	for _, c := range []struct {
		name string
		op   *Op
		in   []gorgonia.Value
		want string
	}{
		{"count", weigh(0), []gorgonia.Value{dense(f64, 2)}, "gop: weigh: 1 inputs, want 3"},
		{"nil", weigh(0), []gorgonia.Value{dense(f64, 2, 2), dense(f64, 2), nil}, "gop: weigh: input 2 has no value"},
		{"mixed", weigh(0), []gorgonia.Value{dense(f64, 2, 2), dense(f32, 2), dense(f64, 2)}, "gop: weigh: input 1 has dtype float32, want float32 or float64 and the same for all"},
		{"dtype", &fixed, []gorgonia.Value{dense(f64, 2)}, "gop: exp: input 0 has dtype float64, want float32"},
		{"shape", weigh(3), []gorgonia.Value{dense(f64, 2, 2), dense(f64, 2), dense(f64, 2)}, "gop: weigh: x of shape (2, 2), w of (2), b of (2), k = 3"},
		{"name", exp.Grads[0].Op, nil, "gop: gradient of exp: 0 inputs, want 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.op.Do(c.in...)
			require.EqualError(t, err, c.want)
		})
	}
	_, err := exp.InferShape(gorgonia.DimSizer(nil))
	require.EqualError(t, err, "gop: exp: shape of input 0 is a <nil>")
	_, err = exp.InferShape()
	require.EqualError(t, err, "gop: exp: 0 inputs, want 1")
	_, err = weigh(0).InferShape(tensor.Shape{2, 2}, tensor.Shape{3}, tensor.Shape{2})
	require.ErrorContains(t, err, "w of (3)")
	g := gorgonia.NewGraph()
	_, err = exp.Apply(node(g, f64, "x", tensor.Shape{2, 2}, 1, 2, 3, 4))
	require.ErrorContains(t, err, "gop: exp: result of shape (2, 2) for inputs of shapes [(2, 2)], want 1 axes")
	grad := exp.Grads[0].Op
	_, err = grad.SymDiff(nil, nil, nil)
	require.EqualError(t, err, "gop: gradient of exp: no second derivative")
	require.EqualError(t, grad.DoDiff(gorgonia.ExecutionContext{}, nil, nil), "gop: gradient of exp: no second derivative")
	require.Equal(t, []bool{false, false}, grad.DiffWRT(2))
	require.Equal(t, []bool{true, false, true}, weigh(0).DiffWRT(3))
}

// TestPrealloc: a result goes to the memory it is given if it can be written straight
// to it, whatever that holds.
func TestPrealloc(t *testing.T) {
	x := values.Dense(tensor.Float64, tensor.Shape{2, 2}, []float64{1, 2, 3, 4})
	w := values.Dense(tensor.Float64, tensor.Shape{2}, []float64{1, 10})
	b := values.Dense(tensor.Float64, tensor.Shape{2}, []float64{0, 0})
	view, err := values.Dense(tensor.Float64, tensor.Shape{2, 2}, []float64{9, 9, 9, 9}).Slice(nil, tensor.S(1))
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		out  gorgonia.Value
		used bool
	}{
		{"none", nil, false},
		{"fitting", values.Dense(tensor.Float64, tensor.Shape{2}, []float64{9, 9}), true},
		{"an input", b, true},
		{"shape", values.Dense(tensor.Float64, tensor.Shape{1, 2}, []float64{9, 9}), false},
		{"dtype", values.Dense(tensor.Float32, tensor.Shape{2}, []float64{9, 9}), false},
		{"view", view, false},
		{"scalar", gorgonia.NewF64(9), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			copy(b.Float64s(), []float64{0.5, 0.25})
			got, err := weigh(0).UsePreallocDo(c.out, x, w, b)
			require.NoError(t, err)
			requireNear(t, []float64{31.5, 42.25}, got, 0)
			require.Equal(t, c.used, got == c.out)
		})
	}
}

// TestParams: each kind of parameter is in the hash with its kind, its end and all of
// its bits.
func TestParams(t *testing.T) {
	hashes := map[uint32][]any{}
	for _, params := range [][]any{
		nil, {0}, {1}, {-1}, {0, 1}, {1, 0}, {01, 1},
		{0.}, {math.Copysign(0, -1)}, {math.NaN()}, {1.}, {math.Nextafter(1, 2)}, {0., 1.},
		{true}, {false}, {"a"}, {"b"}, {"a", "b"}, {"a b"}, {`a" "b`}, {"true"},
		{[]float64{}}, {[]float64{1}}, {[]float64{1, 2}}, {[]float64{1}, []float64{2}}, {[]float64{1}, 2.},
		{tensor.Float32}, {tensor.Float64},
	} {
		h := (&Op{Kind: "gop.params", Params: params}).Hashcode()
		require.NotContains(t, hashes, h, "%#v and %#v", params, hashes[h])
		hashes[h] = params
	}
	other := exp.Hashcode()
	named := *exp
	named.Name = "e to the x"
	require.Equal(t, other, named.Hashcode())
	named.In = []int{2}
	require.NotEqual(t, other, named.Hashcode())
	named.In, named.Out = exp.In, 2
	require.NotEqual(t, other, named.Hashcode())
	require.NotEqual(t, weigh(0).Hashcode(), weigh(1).Hashcode())
}

// TestOf finds the Op behind what a graph holds.
func TestOf(t *testing.T) {
	g := gorgonia.NewGraph()
	x := node(g, tensor.Float64, "x", tensor.Shape{2}, 1, 2)
	y, err := exp.Apply(x)
	require.NoError(t, err)
	require.Same(t, exp, Of(y.Op()))
	require.Nil(t, Of(x.Op()))
	require.Nil(t, Of(gorgonia.Must(gorgonia.Neg(x)).Op()))
}
