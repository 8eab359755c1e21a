package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/tensor"
)

// biasGradient is the gradient of a linear layer to its bias b: the sum of the rows of a matrix. Its
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
	Device:  biasGradientDevice(),
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
