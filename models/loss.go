package models

import (
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// MSE returns the mean squared error of the prediction, a scalar node. The nodes
// must have equal shapes.
func MSE(pred, target *gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkNode(pred); err != nil {
		return nil, fmt.Errorf("models: MSE: prediction %w", err)
	}
	if err := checkNode(target); err != nil {
		return nil, fmt.Errorf("models: MSE: target %w", err)
	}
	if !slices.Equal(pred.Shape(), target.Shape()) { // Shape.Eq takes (n) for (n, 1)
		return nil, fmt.Errorf("models: MSE: prediction of shape %v, target of shape %v", pred.Shape(), target.Shape())
	}
	if pred.Dtype() != target.Dtype() {
		return nil, fmt.Errorf("models: MSE: prediction of dtype %v, target of dtype %v", pred.Dtype(), target.Dtype())
	}
	if pred.Graph() != target.Graph() {
		return nil, fmt.Errorf("models: MSE: prediction and target are not in the same graph")
	}
	cost, err := meanSquare(pred, target)
	if err != nil {
		return nil, fmt.Errorf("models: MSE: %w", err)
	}
	return cost, nil
}

// squaredError is the op of MSE: (pred − target)²/n, summed over the n elements.
func squaredError(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.mse", Name: "MSE", In: []int{dims, dims}, Out: 0,
		Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), equalShapes(in) },
		Compute: gop.Numbers(squaredErrorOf[float32], squaredErrorOf[float64]),
		Grads:   []gop.Gradient{{Op: squaredErrorGradient(dims, 0)}, {Op: squaredErrorGradient(dims, 1), From: []int{1, 0, gop.Upstream}}},
	}
}

// squaredErrorGradient is g·2·(a − b)/n, the gradient to a: to the prediction, or with the
// inputs changed over to the target. to is the number of a among MSE's inputs.
func squaredErrorGradient(dims, to int) *gop.Op {
	return &gop.Op{
		Kind: "models.mseDx", Name: "MSE gradient", Params: []any{to}, In: []int{dims, dims, 0}, Out: dims,
		Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return in[0], equalShapes(in) },
		Compute: gop.Numbers(squaredErrorSlope[float32], squaredErrorSlope[float64]),
	}
}

func equalShapes(in []tensor.Shape) error {
	if !slices.Equal(in[0], in[1]) {
		return fmt.Errorf("prediction of shape %v, target of shape %v", in[0], in[1])
	}
	return nil
}

// squaredErrorOf adds in the order and the precision of Gorgonia's mean of squares, whose bits
// it has: conversions keep processors from fusing the multiplication into the sum.
func squaredErrorOf[T values.Float](c gop.Call[T]) error {
	a, b := c.In[0], c.In[1]
	var sum T
	for i, e := range a {
		d := e - b[i]
		sum += T(d * d)
	}
	c.Out[0] = sum / T(len(a))
	return nil
}

func squaredErrorSlope[T values.Float](c gop.Call[T]) error {
	a, b := c.In[0], c.In[1]
	factor := 2 * (c.In[2][0] / T(len(a)))
	parallel.SlicesOf(len(a), perSlice).Each(func(_, from, to int) {
		for i := from; i < to; i++ {
			c.Out[i] = (a[i] - b[i]) * factor
		}
	})
	return nil
}
