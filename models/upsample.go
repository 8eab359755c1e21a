package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Upsample2D returns the node of the images x, of shape (batch, channels, height, width),
// made larger by a factor along both axes: each pixel becomes factor×factor equal ones.
func Upsample2D(x *gorgonia.Node, factor int) (*gorgonia.Node, error) {
	y, err := apply([]namedNode{{"x", x, 4}}, func() (*gop.Op, error) {
		if factor < 1 || factor > maxEnlarging {
			return nil, fmt.Errorf("factor is %d, want 1 to %d", factor, maxEnlarging)
		}
		return upsampling(factor).forward(), nil
	})
	if err != nil {
		return nil, fmt.Errorf("models: Upsample2D: %w", err)
	}
	return y, nil
}

// upsampling is the factor of an Upsample2D.
type upsampling int

func (u upsampling) forward() *gop.Op {
	return &gop.Op{
		Kind: "models.upsample", Params: []any{int(u)}, In: []int{4}, Out: 4,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			x := in[0]
			if len(x) != 4 {
				return nil, fmt.Errorf("x of shape %v, want 4 axes", x)
			}
			return checkElements(tensor.Shape{x[0], x[1], x[2] * int(u), x[3] * int(u)})
		},
		Compute: gop.Numbers(enlarge[float32](int(u)), enlarge[float64](int(u))),
		Device:  u.device(),
		Grads:   []gop.Gradient{{Op: u.backward(), From: []int{gop.Upstream}}},
	}
}

// backward is the gradient to x: sums over the equal pixels.
func (u upsampling) backward() *gop.Op {
	return &gop.Op{
		Kind: "models.upsampleDx", Name: "upsample gradient", Params: []any{int(u)}, In: []int{4}, Out: 4,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			g := in[0]
			if len(g) != 4 || g[2]%int(u) != 0 || g[3]%int(u) != 0 {
				return nil, fmt.Errorf("gradient of shape %v, want height and width divisible by %d", g, u)
			}
			return tensor.Shape{g[0], g[1], g[2] / int(u), g[3] / int(u)}, nil
		},
		Compute: gop.Numbers(shrink[float32](int(u)), shrink[float64](int(u))),
		Device:  u.dxDevice(),
	}
}

func enlarge[T values.Float](factor int) func(gop.Call[T]) error {
	return apart(func(c gop.Call[T]) error {
		width := c.Values[0].Shape()[3]
		y := c.Out
		for x := c.In[0]; len(x) > 0; x = x[width:] { // row by row
			row := y[:width*factor]
			for j, e := range x[:width] {
				fillWith(row[j*factor:][:factor], e)
			}
			for k := range factor {
				copy(y[k*len(row):][:len(row)], row)
			}
			y = y[factor*len(row):]
		}
		return nil
	})
}

func shrink[T values.Float](factor int) func(gop.Call[T]) error {
	return apart(func(c gop.Call[T]) error {
		wide := c.Values[0].Shape()[3]
		g := c.In[0]
		clear(c.Out)
		for dx := c.Out; len(dx) > 0; dx = dx[wide/factor:] {
			for range factor {
				for j := range wide / factor {
					for _, e := range g[j*factor:][:factor] {
						dx[j] += e
					}
				}
				g = g[wide:]
			}
		}
		return nil
	})
}
