package models

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/diff/fd"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// parameters returns the numbers of all nodes, one after the other.
func parameters(t testing.TB, nodes gorgonia.Nodes) []float64 {
	t.Helper()
	var out []float64
	for _, n := range nodes {
		out = append(out, numbers(t, n.Value())...)
	}
	return out
}

// forwardLoop is the specification of MLP.Forward: a plain loop over the weights
// and biases of the layers, one after the other in w. It returns the output and
// the inputs of the activations.
func forwardLoop(sizes []int, w []float64, f func(float64) float64, x []float64) (y []float64, pre [][]float64) {
	for l := range len(sizes) - 1 {
		in, out := sizes[l], sizes[l+1]
		weight, bias := w[:in*out], w[in*out:in*out+out]
		w = w[in*out+out:]
		batch := len(x) / in
		z := make([]float64, batch*out)
		for i := range batch {
			for k := range out {
				sum := bias[k]
				for j := range in {
					sum += x[i*in+j] * weight[j*out+k]
				}
				z[i*out+k] = sum
			}
		}
		if l == len(sizes)-2 {
			return z, pre
		}
		pre = append(pre, z)
		x = make([]float64, len(z))
		for i, e := range z {
			x[i] = f(e)
		}
	}
	return nil, nil
}

// network returns a network with an input of a batch of random numbers, and its
// output.
func network(t testing.TB, dt tensor.Dtype, batch int, sizes []int, activation string) (net *MLP, x, y *gorgonia.Node) {
	t.Helper()
	g := gorgonia.NewGraph()
	net, err := NewMLP(g, MLPConfig{Sizes: sizes, Activation: baselineOf(t, activation), Dtype: dt, Seed: 3})
	require.NoError(t, err)
	x = input(g, dt, tensor.Shape{batch, sizes[0]}, "x", uniform(rand.New(rand.NewPCG(4, 0)), batch*sizes[0], 2))
	y, err = net.Forward(x)
	require.NoError(t, err)
	return net, x, y
}

// TestForward compares output and pre-activations with plain loops.
func TestForward(t *testing.T) {
	for _, sizes := range [][]int{{3, 2}, {1, 1}, {2, 50, 1}, {3, 4, 5, 2}} {
		for _, dt := range dtypes {
			for _, lisp := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/%v/lisp=%v", sizes, dt, lisp), func(t *testing.T) {
					net, x, y := network(t, dt, 6, sizes, "tanh")
					require.Equal(t, tensor.Shape{6, sizes[len(sizes)-1]}, y.Shape())
					require.Len(t, net.PreActivations(), len(sizes)-2)
					require.Len(t, net.Activations(), len(sizes)-2)
					var yv gorgonia.Value
					gorgonia.Read(y, &yv)
					pre := make([]gorgonia.Value, len(sizes)-2)
					for i, n := range net.PreActivations() {
						require.Equal(t, tensor.Shape{6, sizes[i+1]}, n.Shape())
						gorgonia.Read(n, &pre[i])
					}
					wantY, wantPre := forwardLoop(sizes, parameters(t, net.Weights()), math.Tanh, numbers(t, x.Value()))
					require.NoError(t, machine(t, gorgonia.Must(gorgonia.Mean(y)), lisp, net.Learnables()...).RunAll())
					// Sums of at most 50 numbers of size 1, each addition rounded.
					eps := 0x1p-53
					if dt == tensor.Float32 {
						eps = 0x1p-24
					}
					near(t, wantY, numbers(t, yv), 0, 50*eps, "y")
					for i, want := range wantPre {
						near(t, want, numbers(t, pre[i]), 0, 50*eps, "pre-activation %d", i)
					}
				})
			}
		}
	}
}

// TestForwardGradients compares the gradients to weights, biases, activation
// parameter and input with central differences of the plain loop.
func TestForwardGradients(t *testing.T) {
	sizes := []int{3, 4, 2}
	for _, lisp := range []bool{false, true} {
		net, x, y := network(t, tensor.Float64, 5, sizes, "swish")
		nodes := append(net.Learnables(), x)
		require.NoError(t, machine(t, gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(y)))), lisp, nodes...).RunAll())
		nw := net.NumParams() - 1
		cost := func(p []float64) float64 { // weights and biases, β, x
			y, _ := forwardLoop(sizes, p[:nw], func(z float64) float64 { return z / (1 + math.Exp(-p[nw]*z)) }, p[nw+1:])
			sum := 0.
			for _, e := range y {
				sum += e * e / float64(len(y))
			}
			return sum
		}
		want := fd.Gradient(nil, cost, parameters(t, nodes), &fd.Settings{Formula: fd.Central, Step: 1e-6})
		var got []float64
		for _, n := range nodes {
			got = append(got, grad(t, n)...)
		}
		// A central difference with step h errs by h²|f‴|/6 + ε|f|/h ≈ 1e-9.
		near(t, want, got, 1e-7, 1e-8, "gradient, lisp=%v", lisp)
	}
}

// TestInitialisation: weights and biases are uniform in ±1/√inputs, as PyTorch's
// Linear initialises them: kaiming_uniform with a = √5, whose bound is
// √(6/((1+a²)·inputs)).
func TestInitialisation(t *testing.T) {
	const in, out = 100, 200
	net, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{in, out}, Seed: 1})
	require.NoError(t, err)
	bound := math.Sqrt(6 / ((1 + 5.) * in))
	for _, n := range net.Weights() {
		w := numbers(t, n.Value())
		var sum, square, largest float64
		for _, e := range w {
			sum += e
			square += e * e
			largest = max(largest, math.Abs(e))
		}
		count := float64(len(w))
		require.LessOrEqual(t, largest, bound)
		require.Greater(t, largest, 0.95*bound)
		// The mean is within 4 of its standard deviations, bound/√(3·count); the
		// variance, bound²/3, within 4 of its own, √(4/45)·bound²/√count.
		require.InDelta(t, 0, sum/count, 4*bound/math.Sqrt(3*count))
		require.InDelta(t, bound*bound/3, square/count, 4*math.Sqrt(4./45)*bound*bound/math.Sqrt(count))
	}
	require.Equal(t, tensor.Shape{in, out}, net.Weights()[0].Shape())
	require.Equal(t, tensor.Shape{out}, net.Weights()[1].Shape())
}

// TestSeeds: a seed determines the numbers, in both dtypes.
func TestSeeds(t *testing.T) {
	numbersOf := func(dt tensor.Dtype, seed uint64) []float64 {
		net, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{2, 3, 1}, Activation: baselineOf(t, "prelu"), Dtype: dt, Seed: seed})
		require.NoError(t, err)
		return parameters(t, net.Learnables())
	}
	one := numbersOf(tensor.Float64, 1)
	require.Equal(t, one, numbersOf(tensor.Float64, 1))
	two := numbersOf(tensor.Float64, 2)
	single := numbersOf(tensor.Float32, 1)
	for i, e := range one[:len(one)-1] { // the last is prelu's slope
		require.NotEqual(t, e, two[i])
		require.Equal(t, float64(float32(e)), single[i])
	}
}

func TestNumParams(t *testing.T) {
	shared := func() Maker {
		var a Activation
		return func(p Place) (Activation, error) {
			var err error
			if a == nil {
				a, err = baselineOf(t, "prelu")(p)
			}
			return a, err
		}
	}
	for _, c := range []struct {
		sizes      []int
		activation Maker
		want, acts int
	}{
		{[]int{2, 50, 1}, baselineOf(t, "relu"), 2*50 + 50 + 50 + 1, 0}, // 201
		{[]int{2, 50, 1}, baselineOf(t, "prelu"), 202, 1},
		{[]int{2, 3, 4, 1}, baselineOf(t, "swish"), 9 + 16 + 5 + 2, 2},
		{[]int{2, 3, 4, 1}, shared(), 9 + 16 + 5 + 1, 1},
		{[]int{7, 3}, nil, 24, 0},
	} {
		net, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: c.sizes, Activation: c.activation})
		require.NoError(t, err)
		require.Equal(t, c.want, net.NumParams(), "%v", c.sizes)
		require.Len(t, net.Weights(), 2*(len(c.sizes)-1))
		require.Len(t, net.ActivationLearnables(), c.acts)
		require.Equal(t, append(net.Weights(), net.ActivationLearnables()...), net.Learnables())
	}
}

// TestTwoNetworks: networks of different names in one graph stay apart.
func TestTwoNetworks(t *testing.T) {
	g := gorgonia.NewGraph()
	maker := baselineOf(t, "prelu")
	a, err := NewMLP(g, MLPConfig{Sizes: []int{2, 3, 1}, Activation: maker, Name: "a", Seed: 1})
	require.NoError(t, err)
	b, err := NewMLP(g, MLPConfig{Sizes: []int{2, 3, 1}, Activation: maker, Name: "b", Seed: 2})
	require.NoError(t, err)
	for _, n := range a.Learnables() {
		require.False(t, b.Learnables().Contains(n), "%v is in both", n)
	}
	_, err = NewMLP(g, MLPConfig{Sizes: []int{2, 3, 1}, Activation: maker, Name: "a"})
	require.ErrorContains(t, err, `already has a node named "a.0.activation.slope"`)
}

func TestMLPErrors(t *testing.T) {
	relu := baselineOf(t, "relu")
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		cfg  MLPConfig
		want string
	}{
		{"no sizes", MLPConfig{}, "Sizes []"},
		{"one size", MLPConfig{Sizes: []int{2}}, "Sizes [2]"},
		{"zero", MLPConfig{Sizes: []int{2, 0, 1}, Activation: relu}, "Sizes[1] is 0"},
		{"negative", MLPConfig{Sizes: []int{-2, 1}}, "Sizes[0] is -2"},
		{"no activation", MLPConfig{Sizes: []int{2, 3, 1}}, "Activation is nil"},
		{"dtype", MLPConfig{Sizes: []int{2, 1}, Dtype: tensor.Int}, "dtype int"},
		{"two large sizes", MLPConfig{Sizes: []int{1 << 31, 1 << 31}}, "Sizes[0] is 2147483648, want 1 to 268435456"},
		{"largest", MLPConfig{Sizes: []int{2, math.MaxInt, 1}, Activation: relu}, "Sizes[1] is 9223372036854775807"},
		{"product", MLPConfig{Sizes: []int{1 << 14, 1 << 14}}, "Sizes [16384 16384] make more than 268435456 weights"},
		{"product that overflows", MLPConfig{Sizes: []int{1 << 28, 1 << 28, 1 << 28}, Activation: relu}, "Sizes [268435456 268435456] make more"},
		{"sum", MLPConfig{Sizes: []int{1, 1 << 26, 1, 1 << 26, 1}, Activation: relu}, "Sizes [1 67108864 1 67108864] make more"},
		{"nil made", MLPConfig{Sizes: []int{2, 3, 1}, Activation: func(Place) (Activation, error) {
			return nil, nil
		}}, "activation of layer 0: the Maker made nil"},
		{"maker", MLPConfig{Sizes: []int{2, 3, 1}, Activation: func(Place) (Activation, error) {
			return nil, broken
		}}, "activation of layer 0: broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewMLP(gorgonia.NewGraph(), c.cfg)
			require.ErrorContains(t, err, c.want)
			if c.name == "maker" {
				require.ErrorIs(t, err, broken)
			}
		})
	}
	_, err := NewMLP(nil, MLPConfig{Sizes: []int{2, 1}})
	require.ErrorContains(t, err, "nil graph")
}

// TestForwardAgain: the network may be applied to two inputs of a graph;
// PreActivations are those of the last.
func TestForwardAgain(t *testing.T) {
	net, _, _ := network(t, tensor.Float64, 6, []int{2, 3, 3, 1}, "relu")
	x := input(net.Weights()[0].Graph(), tensor.Float64, tensor.Shape{4, 2}, "x2", make([]float64, 8))
	y, err := net.Forward(x)
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{4, 1}, y.Shape())
	require.Len(t, net.PreActivations(), 2)
	for _, n := range net.PreActivations() {
		require.Equal(t, tensor.Shape{4, 3}, n.Shape())
	}
}

func TestForwardErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	net, err := NewMLP(g, MLPConfig{Sizes: []int{2, 3, 1}, Activation: baselineOf(t, "relu"), Dtype: tensor.Float64})
	require.NoError(t, err)
	other := gorgonia.NewGraph()
	for _, c := range []struct {
		name string
		x    *gorgonia.Node
		want string
	}{
		{"nil", nil, "x is nil"},
		{"columns", input(g, tensor.Float64, tensor.Shape{4, 3}, "columns", make([]float64, 12)), "shape (4, 3), want float64 of shape (batch, 2)"},
		{"rank", input(g, tensor.Float64, tensor.Shape{2}, "rank", make([]float64, 2)), "shape (2)"},
		{"dtype", input(g, tensor.Float32, tensor.Shape{4, 2}, "dtype", make([]float64, 8)), "x is float32"},
		{"graph", input(other, tensor.Float64, tensor.Shape{4, 2}, "graph", make([]float64, 8)), "different graphs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := net.Forward(c.x)
			require.ErrorContains(t, err, c.want)
		})
	}
	broken := errors.New("broken")
	g = gorgonia.NewGraph()
	net, err = NewMLP(g, MLPConfig{Sizes: []int{2, 3, 1}, Activation: Fixed(func(*gorgonia.Node) (*gorgonia.Node, error) { return nil, broken }), Dtype: tensor.Float64})
	require.NoError(t, err)
	_, err = net.Forward(input(g, tensor.Float64, tensor.Shape{4, 2}, "x", make([]float64, 8)))
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "activation of layer 0")
}

// TestDefaultDtype: networks are float32 unless told otherwise.
func TestDefaultDtype(t *testing.T) {
	relu := baselineOf(t, "relu")
	mlp, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{2, 3, 1}, Activation: relu})
	require.NoError(t, err)
	lenet, err := NewLeNet(gorgonia.NewGraph(), LeNetConfig{Activation: relu})
	require.NoError(t, err)
	for _, net := range []Network{mlp, lenet} {
		for _, w := range net.Weights() {
			require.Equal(t, tensor.Float32, w.Dtype())
		}
	}
}

// TestLargest: a network of exactly the largest number of weights passes the check.
// It is not made: it would take gigabytes.
func TestLargest(t *testing.T) {
	require.NoError(t, (&MLPConfig{Sizes: []int{1<<14 - 1, 1 << 14}}).check()) // 2²⁸ with the biases
	require.Equal(t, maxParams, product(1<<14, 1<<14))
	require.Equal(t, maxParams+1, product(1<<14, 1<<14+1))
	require.Equal(t, maxParams+1, product(math.MaxInt, math.MaxInt, math.MaxInt))
}
