package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ditac-go/ditac/internal/gemm"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Linear returns the node of x·w + b, of shape (batch, out), for x of shape (batch, in), w
// of shape (in, out) and b of shape (out), with gradients to all three. It is one operation,
// on the product of matrices that [Conv2D] uses; results do not depend on the number of
// processors.
func Linear(x, w, b *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := apply([]namedNode{{"x", x, 2}, {"w", w, 2}, {"b", b, 1}}, func() (*gop.Op, error) { return affine, nil })
	if err != nil {
		return nil, fmt.Errorf("models: Linear: %w", err)
	}
	return y, nil
}

// affine is the op of Linear.
var affine = &gop.Op{
	Kind: "models.linear", In: []int{2, 2, 1}, Out: 2,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		x, w, b := in[0], in[1], in[2]
		if len(x) != 2 || len(w) != 2 || len(b) != 1 || x[1] != w[0] || w[1] != b[0] {
			return nil, fmt.Errorf("w of shape %v and b of shape %v for x of shape %v, want (x's columns, out) and (out)", w, b, x)
		}
		return tensor.Shape{x[0], w[1]}, nil
	},
	Compute: gop.Numbers(apart(mulAdd[float32]), apart(mulAdd[float64])),
	Device:  linearDevice(),
	Grads: []gop.Gradient{
		{Op: affineDx, From: []int{1, gop.Upstream}},
		{Op: affineDw, From: []int{0, gop.Upstream}},
		{Op: biasGradient, From: []int{2, gop.Upstream}},
	},
}

// affineDx is the gradient to x: g·wᵀ of its inputs w and g.
var affineDx = &gop.Op{
	Kind: "models.linearDx", Name: "gradient of the linear layer to x", In: []int{2, 2}, Out: 2,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		w, g := in[0], in[1]
		if len(w) != 2 || len(g) != 2 || g[1] != w[1] {
			return nil, fmt.Errorf("gradient of shape %v for w of shape %v", g, w)
		}
		return tensor.Shape{g[0], w[0]}, nil
	},
	Compute: gop.Numbers(apart(mulTransposed[float32]), apart(mulTransposed[float64])),
	Device:  linearDxDevice(),
}

// affineDw is the gradient to w: xᵀ·g of its inputs x and g.
var affineDw = &gop.Op{
	Kind: "models.linearDw", Name: "gradient of the linear layer to w", In: []int{2, 2}, Out: 2,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		x, g := in[0], in[1]
		if len(x) != 2 || len(g) != 2 || g[0] != x[0] {
			return nil, fmt.Errorf("gradient of shape %v for x of shape %v", g, x)
		}
		return tensor.Shape{x[1], g[1]}, nil
	},
	Compute: gop.Numbers(apart(transposedMul[float32]), apart(transposedMul[float64])),
	Device:  linearDwDevice(),
}

// rowsOf cuts the rows of a matrix product with the given number of multiplications per
// row into slices that are worth a goroutine.
func rowsOf(rows, perRow int) parallel.Slices {
	const worth = 1 << 18 // multiplications: some ten microseconds
	return parallel.SlicesOf(rows, max(4, worth/max(1, perRow)&^3))
}

func mulAdd[T values.Float](c gop.Call[T]) error {
	b, y := c.In[2], c.Out
	w := c.Values[1].Shape()
	in, out := w[0], w[1]
	rowsOf(len(y)/out, in*out).Each(func(_, from, to int) {
		gemm.Mul(gemm.Of(to-from, out, y[from*out:to*out]), gemm.Of(to-from, in, c.In[0][from*in:to*in]), gemm.Of(in, out, c.In[1]), false)
		for i := from; i < to; i++ {
			row := y[i*out : (i+1)*out]
			for j, e := range b {
				row[j] += e
			}
		}
	})
	return nil
}

func mulTransposed[T values.Float](c gop.Call[T]) error {
	w, g, dx := c.Values[0].Shape(), c.In[1], c.Out
	in, out := w[0], w[1]
	rowsOf(len(g)/out, in*out).Each(func(_, from, to int) {
		gemm.Mul(gemm.Of(to-from, in, dx[from*in:to*in]), gemm.Of(to-from, out, g[from*out:to*out]), gemm.Of(in, out, c.In[0]).T(), false)
	})
	return nil
}

func transposedMul[T values.Float](c gop.Call[T]) error {
	dw := c.Out
	x, g := c.Values[0].Shape(), c.Values[1].Shape()
	batch, in, out := x[0], x[1], g[1]
	// Slices of the rows of dw, each over the whole batch, need no sums of slices.
	rowsOf(in, batch*out).Each(func(_, from, to int) {
		columns := gemm.Matrix[T]{Rows: batch, Cols: to - from, Stride: in, Data: c.In[0][from:], Trans: true}
		gemm.Mul(gemm.Of(to-from, out, dw[from*out:to*out]), columns, gemm.Of(batch, out, c.In[1]), false)
	})
	return nil
}

// apart returns f with memory for the result that is not an input's, for functions that
// write before they have read all.
func apart[T values.Float](f func(gop.Call[T]) error) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		out := c.Out
		for _, x := range c.In {
			if len(x) > 0 && &x[0] == &out[0] {
				c.Out = make([]T, len(out))
				if err := f(c); err != nil {
					return err
				}
				copy(out, c.Out)
				return nil
			}
		}
		return f(c)
	}
}

// keeping returns f with a copy of its k-th input where that has the memory of the result,
// for functions that need the input to their end.
func keeping[T values.Float](k int, f func(gop.Call[T]) error) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		if x := c.In[k]; len(x) > 0 && &x[0] == &c.Out[0] {
			c.In[k] = slices.Clone(x)
		}
		return f(c)
	}
}

// linear is the layer x·W + b for x of shape (batch, in), W of shape (in, out)
// and b of shape (out).
type linear struct{ weight, bias *gorgonia.Node }

// newLinear returns a layer whose weights start uniformly in ±bound, see initBound,
// and whose bias starts uniformly in ±1/√in, as that of PyTorch's Linear.
func newLinear(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, in, out int, bound float64, rng *rand.Rand) (*linear, error) {
	w, err := newLearnable(g, dt, tensor.Shape{in, out}, name+".weight", uniform(rng, in*out, bound))
	if err != nil {
		return nil, err
	}
	b, err := newLearnable(g, dt, tensor.Shape{out}, name+".bias", uniform(rng, out, 1/math.Sqrt(float64(in))))
	if err != nil {
		return nil, err
	}
	return &linear{weight: w, bias: b}, nil
}

// learnables returns weight and bias.
func (l *linear) learnables() gorgonia.Nodes { return gorgonia.Nodes{l.weight, l.bias} }

// uniform returns n numbers in ±bound, float64 for all dtypes so that networks of
// one seed hold the same numbers.
func uniform(rng *rand.Rand, n int, bound float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = bound * (2*rng.Float64() - 1)
	}
	return out
}

func (l *linear) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	return Linear(x, l.weight, l.bias)
}
