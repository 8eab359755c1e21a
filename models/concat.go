package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// concatChannels returns the node of the channels of the images a and then those of b.
func concatChannels(a, b *gorgonia.Node) (*gorgonia.Node, error) {
	return apply([]namedNode{{"a", a, 4}, {"b", b, 4}}, func() (*gop.Op, error) { return concatenation, nil })
}

// concatenation is the op of concatChannels.
var concatenation = &gop.Op{
	Kind: "models.concat", In: []int{4, 4}, Out: 4,
	Shape:   concatShape,
	Compute: gop.Numbers(apart(joinChannels[float32]), apart(joinChannels[float64])),
	Device:  concatDevice(),
	Grads:   []gop.Gradient{{Op: channelsOf(0)}, {Op: channelsOf(1)}},
}

func concatShape(in []tensor.Shape) (tensor.Shape, error) {
	a, b := in[0], in[1]
	if len(a) != 4 || len(b) != 4 || a[0] != b[0] || !a[2:].Eq(b[2:]) {
		return nil, fmt.Errorf("images of shapes %v and %v, want them to differ in channels only", a, b)
	}
	return tensor.Shape{a[0], a[1] + b[1], a[2], a[3]}, nil
}

func joinChannels[T values.Float](c gop.Call[T]) error {
	batch := c.Values[0].Shape()[0]
	n := [2]int{len(c.In[0]) / batch, len(c.In[1]) / batch}
	for k := range batch {
		to := c.Out[k*(n[0]+n[1]):]
		copy(to, c.In[0][k*n[0]:][:n[0]])
		copy(to[n[0]:], c.In[1][k*n[1]:][:n[1]])
	}
	return nil
}

// channelsOf is the gradient to a part of a concatenation: its inputs are both parts, for
// the shapes, and the gradient to the whole.
func channelsOf(part int) *gop.Op {
	return &gop.Op{
		Kind: "models.concatDx", Name: "concat gradient", Params: []any{part}, In: []int{4, 4, 4}, Out: 4,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			whole, err := concatShape(in)
			if err == nil && !whole.Eq(in[2]) {
				err = fmt.Errorf("gradient of shape %v for a result of shape %v", in[2], whole)
			}
			return in[part], err
		},
		Compute: gop.Numbers(apart(takeChannels[float32](part)), apart(takeChannels[float64](part))),
		Device:  concatDxDevice(part),
	}
}

func takeChannels[T values.Float](part int) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		batch := c.Values[0].Shape()[0]
		n := len(c.Out) / batch
		whole, at := len(c.In[2])/batch, 0
		if part == 1 {
			at = whole - n
		}
		for k := range batch {
			copy(c.Out[k*n:][:n], c.In[2][k*whole+at:])
		}
		return nil
	}
}
