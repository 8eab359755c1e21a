package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/tensor"
)

// addBias is x + b for each row x of a matrix. Gorgonia's BroadcastAdd does it by
// a reshape, a repeat and an addition, which take several times as long.
var addBias = &gop.Op{
	Kind: "models.addBias", In: []int{2, 1}, Out: 2,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		x, b := in[0], in[1]
		if len(x) != 2 || len(b) != 1 || x[1] != b[0] {
			return nil, fmt.Errorf("bias of shape %v for x of shape %v", b, x)
		}
		return x, nil
	},
	Compute: gop.Numbers(addToRows[float32], addToRows[float64]),
	Grads:   []gop.Gradient{gop.PassOn, {Op: biasGradient, From: []int{1, gop.Upstream}}},
}

// biasGradient is the gradient of addBias to b: the sum of the rows of a matrix. Its
// inputs are b, for the shape, and the matrix.
var biasGradient = &gop.Op{
	Kind: "models.biasGradient", Name: "gradient to the bias", In: []int{1, 2}, Out: 1,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		b, g := in[0], in[1]
		if len(b) != 1 || len(g) != 2 || g[1] != b[0] {
			return nil, fmt.Errorf("gradient of shape %v for a bias of shape %v", g, b)
		}
		return b, nil
	},
	Compute: gop.Numbers(sumRows[float32], sumRows[float64]),
}

func addToRows[T values.Float](c gop.Call[T]) error {
	x, b, dst := c.In[0], c.In[1], c.Out
	for len(x) > 0 {
		row, to := x[:len(b)], dst[:len(b)]
		for j, e := range b {
			to[j] = row[j] + e
		}
		x, dst = x[len(b):], dst[len(b):]
	}
	return nil
}

func sumRows[T values.Float](c gop.Call[T]) error {
	g, dst := c.In[1], c.Out
	clear(dst)
	for len(g) > 0 {
		for j, e := range g[:len(dst)] {
			dst[j] += e
		}
		g = g[len(dst):]
	}
	return nil
}
