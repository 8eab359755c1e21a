package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
)

// elementwise is a function applied to each element of a tensor of any rank. The
// inputs of its ops are x; then the parameter p, a vector of one element, if it is
// trained; then, of the gradients, the upstream gradient g.
type elementwise struct {
	fn      *function
	param   float64 // p unless trained
	trained bool
	dims    int // of x
}

// applyFunction returns the node of f(x; p): of the constant p or, if trained is
// not nil, of the vector of one element trained.
func applyFunction(f *function, x *gorgonia.Node, p float64, trained *gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkNode(x); err != nil {
		return nil, fmt.Errorf("models: %s: x %w", f.name, err)
	}
	o := elementwise{fn: f, param: p, trained: trained != nil, dims: x.Dims()}
	if !o.trained {
		return o.forward().Apply(x)
	}
	if x.Dtype() != trained.Dtype() {
		return nil, fmt.Errorf("models: %s: x has dtype %v, the parameter %v", f.name, x.Dtype(), trained.Dtype())
	}
	return o.forward().Apply(x, trained)
}

// forward is y = f(x; p).
func (o elementwise) forward() *gop.Op {
	op := o.op("elementwise", "", gop.Numbers(o.value32(), valueOf[float64](o)))
	op.Device = o.device()
	op.Grads = []gop.Gradient{{Op: o.backward()}}
	if o.trained {
		op.Grads = append(op.Grads, gop.Gradient{Op: o.backwardParam()})
	}
	return op
}

// backward is g·∂f/∂x, of x's shape.
func (o elementwise) backward() *gop.Op {
	op := o.op("elementwiseDx", " gradient", gop.Numbers(o.slope32(), slopeOf[float64](o)))
	op.In, op.Device = append(op.In, o.dims), o.slopeDevice()
	return op
}

// backwardParam is Σ g·∂f/∂p, of p's shape.
func (o elementwise) backwardParam() *gop.Op {
	op := o.op("elementwiseDp", " gradient to the parameter", gop.Numbers(o.paramSlope32(), paramSlopeOf[float64](o)))
	op.In, op.Out, op.Shape = append(op.In, o.dims), 1, gop.Like(1)
	op.Device = o.paramDevice()
	return op
}

func (o elementwise) op(kind, suffix string, compute gop.Compute) *gop.Op {
	op := &gop.Op{
		Kind: "models." + kind, Name: o.fn.name + suffix, Params: []any{o.fn.name, o.param},
		In: []int{o.dims}, Out: o.dims, Shape: gop.Like(0), Compute: compute,
	}
	if o.trained {
		op.In = append(op.In, 1)
	}
	return op
}

// exactSlice is the length of slices, which processors share, where an element takes
// some ten nanoseconds.
const exactSlice = 1 << 11

func valueOf[T values.Float](o elementwise) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		p, err := parameter(o, c)
		if err != nil {
			return err
		}
		x := c.In[0]
		parallel.SlicesOf(len(x), exactSlice).Each(func(_, from, to int) {
			for i := from; i < to; i++ {
				c.Out[i] = T(o.fn.value(float64(x[i]), p))
			}
		})
		return nil
	}
}

func slopeOf[T values.Float](o elementwise) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		p, g, err := upstream(o, c)
		if err != nil {
			return err
		}
		x := c.In[0]
		parallel.SlicesOf(len(x), exactSlice).Each(func(_, from, to int) {
			for i := from; i < to; i++ {
				c.Out[i] = g[i] * T(o.fn.dx(float64(x[i]), p))
			}
		})
		return nil
	}
}

func paramSlopeOf[T values.Float](o elementwise) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		p, g, err := upstream(o, c)
		if err != nil {
			return err
		}
		x := c.In[0]
		c.Out[0] = T(sumOf(parallel.SlicesOf(len(x), exactSlice), func(from, to int) float64 {
			sum := 0.
			for i := from; i < to; i++ {
				sum += float64(g[i]) * o.fn.dp(float64(x[i]), p)
			}
			return sum
		}))
		return nil
	}
}

// sumOf adds the sums of slices in order, for the same bits on any number of processors.
func sumOf(s parallel.Slices, sum func(from, to int) float64) float64 {
	sums := make([]float64, s.Count())
	s.Each(func(slice, from, to int) { sums[slice] = sum(from, to) })
	total := 0.
	for _, e := range sums {
		total += e
	}
	return total
}

// parameter returns p.
func parameter[T values.Float](o elementwise, c gop.Call[T]) (float64, error) {
	if !o.trained {
		return o.param, nil
	}
	if len(c.In[1]) != 1 {
		return 0, fmt.Errorf("parameter of shape %v, want one element", c.Values[1].Shape())
	}
	return float64(c.In[1][0]), nil
}

// upstream returns p and the upstream gradient of a gradient's call.
func upstream[T values.Float](o elementwise, c gop.Call[T]) (float64, []T, error) {
	p, err := parameter(o, c)
	if err != nil {
		return 0, nil, err
	}
	last := len(c.In) - 1
	if len(c.In[last]) != len(c.In[0]) {
		return 0, nil, fmt.Errorf("gradient of shape %v for x of shape %v", c.Values[last].Shape(), c.Values[0].Shape())
	}
	return p, c.In[last], nil
}
