package models

import (
	"testing"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func dense(shape tensor.Shape, x ...float64) *tensor.Dense {
	return values.Dense(tensor.Float64, shape, x)
}

// TestBadValues: values that the graph did not promise are errors of Do.
func TestBadValues(t *testing.T) {
	x, x2, p := dense(tensor.Shape{2}, 1, 2), dense(tensor.Shape{1, 2}, 3, 4), dense(tensor.Shape{1}, 0.5)
	w := dense(tensor.Shape{2, 1}, 1, 1)
	x32 := values.Dense(tensor.Float32, tensor.Shape{2}, []float64{1, 2})
	ints := tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, 2}))
	prelu := elementwise{fn: leaky, trained: true, dims: 1}.forward()
	dx := elementwise{fn: leaky, dims: 1}.backward()
	for _, c := range []struct {
		name string
		op   gorgonia.Op
		in   []gorgonia.Value
		want string
	}{
		{"count", prelu, []gorgonia.Value{x}, "leaky: 1 inputs, want 2"},
		{"nil", prelu, []gorgonia.Value{x, nil}, "input 1 has no value"},
		{"mixed dtypes", prelu, []gorgonia.Value{x, x32}, "input 1 has dtype float32"},
		{"dtype", elementwise{fn: gelu, dims: 1}.forward(), []gorgonia.Value{ints}, "gelu: input 0 has dtype int"},
		{"parameter", prelu, []gorgonia.Value{x, x}, "parameter of shape (2), want one element"},
		{"gradient", dx, []gorgonia.Value{x, p}, "gradient of shape (1) for x of shape (2)"},
		{"linear count", affine, []gorgonia.Value{x2}, "linear: 1 inputs, want 3"},
		{"linear bias", affine, []gorgonia.Value{x2, w, x}, "w of shape (2, 1) and b of shape (2) for x of shape (1, 2)"},
		{"linear rank", affine, []gorgonia.Value{x, w, p}, "for x of shape (2)"},
		{"linear dx", affineDx, []gorgonia.Value{w, x2}, "gradient of shape (1, 2) for w of shape (2, 1)"},
		{"linear dw", affineDw, []gorgonia.Value{w, x2}, "gradient of shape (1, 2) for x of shape (2, 1)"},
		{"bias gradient count", biasGradient, []gorgonia.Value{x}, "1 inputs, want 2"},
		{"bias gradient", biasGradient, []gorgonia.Value{p, x2}, "gradient of shape (1, 2) for a bias of shape (1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.op.Do(c.in...)
			require.ErrorContains(t, err, "models: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

// TestPrealloc: ops write to the memory they are given where they can, and give a
// new value where not.
func TestPrealloc(t *testing.T) {
	wide := dense(tensor.Shape{2, 3}, make([]float64, 6)...)
	view, err := wide.Slice(nil, tensor.S(0, 2))
	require.NoError(t, err)
	in := dense(tensor.Shape{2, 2}, -1, 2, -3, 4)
	for _, c := range []struct {
		name string
		out  gorgonia.Value
		used bool
	}{
		{"fitting", dense(tensor.Shape{2, 2}, 9, 9, 9, 9), true},
		{"the input", in, true},
		{"shape", dense(tensor.Shape{4}, 9, 9, 9, 9), false},
		{"dtype", values.Dense(tensor.Float32, tensor.Shape{2, 2}, []float64{9, 9, 9, 9}), false},
		{"view", view.(*tensor.Dense), false},
		{"scalar", gorgonia.NewF64(9), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, k := range []struct {
				op   gorgonia.UsePreallocDoer
				in   []gorgonia.Value
				want []float64
			}{
				{elementwise{fn: relu, dims: 2}.forward(), []gorgonia.Value{in}, []float64{0, 2, 0, 4}},
				{affine, []gorgonia.Value{in, dense(tensor.Shape{2, 2}, 1, 0, 0, 1), dense(tensor.Shape{2}, 10, 20)}, []float64{9, 22, 7, 24}},
			} {
				copy(in.Data().([]float64), []float64{-1, 2, -3, 4})
				got, err := k.op.UsePreallocDo(c.out, k.in...)
				require.NoError(t, err)
				require.Equal(t, k.want, numbers(t, got))
				require.Equal(t, c.used, got == c.out)
			}
		})
	}
	sum := dense(tensor.Shape{2}, 9, 9) // left over from another op
	got, err := biasGradient.UsePreallocDo(sum, dense(tensor.Shape{2}, 0, 0), dense(tensor.Shape{3, 2}, 1, 2, 3, 4, 5, 6))
	require.NoError(t, err)
	require.Same(t, sum, got)
	require.Equal(t, []float64{9, 12}, numbers(t, got))
}

// TestHashes: ops that differ hash differently, or Gorgonia would merge them.
func TestHashes(t *testing.T) {
	ops := []gorgonia.Op{affine, affineDx, affineDw, biasGradient}
	functions := map[*function]bool{} // leakyrelu and prelu share one
	for _, b := range baselines {
		functions[b.fn] = true
	}
	for f := range functions {
		for dims := range 3 {
			for _, p := range []float64{0, 0.01} {
				o := elementwise{fn: f, dims: dims, param: p}
				ops = append(ops, o.forward(), o.backward())
			}
		}
	}
	var layers []*gop.Op
	for _, o := range []ConvOptions{{Stride: 1}, {Stride: 2}, {Stride: 1, Pad: 1}, {Stride: 1, Pad: 2}} {
		layers = append(layers, o.forward(true), o.backwardX(), o.backwardFilter())
	}
	for _, name := range []string{"MaxPool2D", "AvgPool2D"} {
		for _, p := range []pooling{{name, 2, 2}, {name, 3, 2}, {name, 2, 1}} {
			layers = append(layers, p.forward(), p.backward())
		}
	}
	for _, f := range []features{fourier(1), fourier(2), chebyshev(3), chebyshev(5)} {
		layers = append(layers, f.forward(), f.backward())
	}
	for _, n := range []normalisation{{4, true}, {4, false}, {2, true}, {2, false}} {
		op := n.forward()
		layers = append(layers, op, op.Grads[0].Op, op.Grads[1].Op, op.Grads[2].Op)
	}
	for _, m := range []masks{{p: 0.5, dims: 2, id: 1}, {p: 0.5, dims: 2, id: 2}} {
		layers = append(layers, m.forward(), m.backward())
	}
	for _, dims := range []int{2, 4} {
		layers = append(layers, crossEntropy(dims), crossEntropyGradient(dims), dice(dims), diceGradient(dims), binaryCrossEntropy(dims), binaryGradient(dims))
	}
	layers = append(layers, upsampling(2).forward(), upsampling(2).backward(), upsampling(3).forward(), upsampling(3).backward(),
		concatenation, channelsOf(0), channelsOf(1), planeMeans, planeMeansDx, channelSums)
	for _, op := range layers {
		ops = append(ops, op)
	}
	trained := elementwise{fn: leaky, trained: true}
	ops = append(ops, trained.forward(), trained.backward(), trained.backwardParam())
	seen := map[uint32]gorgonia.Op{}
	for _, o := range ops {
		h := o.Hashcode()
		require.NotContains(t, seen, h, "%v and %v", o, seen[h])
		seen[h] = o
	}
}
