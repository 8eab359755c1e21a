package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// mean returns the node of the mean of all numbers of x, with the bits of gorgonia.Mean; x
// itself if it is a scalar. Unlike that, it has a form for the GPU.
func mean(x *gorgonia.Node) (*gorgonia.Node, error) {
	if x.IsScalar() {
		return x, nil
	}
	return meanOf(x.Dims()).Apply(x)
}

func meanOf(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.mean", In: []int{dims}, Out: 0,
		Shape:   gop.Scalar,
		Compute: gop.Numbers(meanNumber[float32], meanNumber[float64]),
		Device:  meanDevice(),
		Grads:   []gop.Gradient{{Op: meanGradient(dims)}},
	}
}

// meanGradient is g divided by the number of x's numbers: its inputs are x, for the shape, and
// the gradient g to the mean.
func meanGradient(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.meanDx", Name: "gradient of the mean", In: []int{dims, 0}, Out: dims,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if in[1].TotalSize() != 1 {
				return nil, fmt.Errorf("gradient of shape %v for a mean", in[1])
			}
			return in[0], nil
		},
		Compute: gop.Numbers(meanSlope[float32], meanSlope[float64]),
		Device:  meanDxDevice(),
	}
}

func meanNumber[T values.Float](c gop.Call[T]) error {
	var sum T
	for _, e := range c.In[0] {
		sum += e
	}
	c.Out[0] = sum / T(len(c.In[0]))
	return nil
}

func meanSlope[T values.Float](c gop.Call[T]) error {
	g := c.In[1][0] / T(len(c.Out))
	parallel.SlicesOf(len(c.Out), 1<<16).Each(func(_, from, to int) { fillWith(c.Out[from:to], g) })
	return nil
}
