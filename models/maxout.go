package models

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/tensor"
)

// maxoutLines is the number of lines of the baseline maxout.
const maxoutLines = 2

const maxLines = 1 << 10

// Maxout returns a Maker of maxima of k learned lines for each channel,
//
//	y = max_j (a_jc·x + b_jc),  j = 1 … k, for the elements x of channel c:
//
// any convex function of so many lines. This is our reading of Goodfellow et al., "Maxout
// Networks", ICML 2013, as an activation: their units take the maximum of k linear maps of
// all inputs, and replace the layer before as well. The learned numbers are a tensor of
// shape (k, 2, channels), k of 2 or more.
//
// It starts with tangents of softplus of slopes 0, 1/(k−1), … 1; for k = 2 that is ReLU.
// Where several lines are equal, y has the gradient of the first of them.
func Maxout(k int) Maker {
	return func(p Place) (Activation, error) {
		switch {
		case k < 2 || k > maxLines:
			return nil, fmt.Errorf("models: Maxout: k = %d, want 2 to %d", k, maxLines)
		case p.Channels < 1 || p.Axis < 0:
			return nil, fmt.Errorf("models: Maxout: place %q has %d channels along axis %d, want at least 1 along axis 0 or more", p.Name, p.Channels, p.Axis)
		case product(2*k, p.Channels) > maxParams:
			return nil, fmt.Errorf("models: Maxout: %d lines of %d channels are more than %d parameters", k, p.Channels, maxParams)
		}
		m := maxout{lines: k, channels: p.Channels, axis: p.Axis}
		theta, err := newLearnable(p.Graph, p.Dtype, tensor.Shape{k, 2, p.Channels}, p.Name+".lines", m.initial())
		if err != nil {
			return nil, err
		}
		return &parametric{"maxout", theta, m.op}, nil
	}
}

// maxout says how many lines there are for which channels.
type maxout struct{ lines, channels, axis int }

// initial returns the lines at the start.
func (m maxout) initial() []float64 {
	theta := make([]float64, 0, 2*m.lines*m.channels)
	for j := range m.lines {
		slope := float64(j) / float64(m.lines-1)
		offset := 0. // that of the tangent at σ⁻¹(slope): the entropy of the slope
		if j > 0 && j < m.lines-1 {
			offset = -slope*math.Log(slope) - (1-slope)*math.Log(1-slope)
		}
		for _, e := range []float64{slope, offset} {
			for range m.channels {
				theta = append(theta, e)
			}
		}
	}
	return theta
}

// op is y for an x of a number of axes.
func (m maxout) op(dims int) *gop.Op {
	op := m.kind("maxout", "", dims, gop.Numbers(maxoutForward[float32](m), maxoutForward[float64](m)))
	dx := m.kind("maxoutDx", "maxout gradient", dims, gop.Numbers(maxoutBackwardX[float32](m), maxoutBackwardX[float64](m)))
	dtheta := m.kind("maxoutDtheta", "maxout gradient to the parameters", dims, gop.Numbers(maxoutBackwardTheta[float32](m), maxoutBackwardTheta[float64](m)))
	dx.In, dtheta.In = append(dx.In, dims), append(dtheta.In, dims)
	dtheta.Out = 3
	shape := op.Shape
	dtheta.Shape = func(in []tensor.Shape) (tensor.Shape, error) {
		_, err := shape(in)
		return in[1], err
	}
	op.Grads = []gop.Gradient{{Op: dx}, {Op: dtheta}}
	return op
}

func (m maxout) kind(kind, name string, dims int, compute gop.Compute) *gop.Op {
	return &gop.Op{
		Kind: "models." + kind, Name: name, Params: []any{m.lines, m.channels, m.axis},
		In: []int{dims, 3}, Out: dims, Shape: m.shape, Compute: compute,
	}
}

// shape returns that of x, and reports inputs that do not fit.
func (m maxout) shape(in []tensor.Shape) (tensor.Shape, error) {
	x, theta := in[0], in[1]
	if m.axis >= len(x) || x[m.axis] != m.channels {
		return nil, fmt.Errorf("x of shape %v, want %d channels along axis %d", x, m.channels, m.axis)
	}
	if want := (tensor.Shape{m.lines, 2, m.channels}); !theta.Eq(want) {
		return nil, fmt.Errorf("parameters of shape %v, want %v", theta, want)
	}
	for _, g := range in[2:] {
		if !g.Eq(x) {
			return nil, fmt.Errorf("gradient of shape %v for x of shape %v", g, x)
		}
	}
	return x, nil
}

// rows cuts the axes of x before that of the channels into slices, which processors
// share, and returns how many elements of a channel lie side by side.
func (m maxout) rows(x tensor.Shape) (s parallel.Slices, inner int) {
	inner = 1
	for _, n := range x[m.axis+1:] {
		inner *= n
	}
	outer := x.TotalSize() / (inner * m.channels)
	return parallel.SlicesOf(outer, max(1, trainedSlice/(inner*m.channels))), inner
}

// best returns the place of the line that is largest at x, among the lines of a channel
// that begin at theta[0], and y.
func best[T values.Float](m maxout, theta []T, x T) (line int, y T) {
	offsets := theta[m.channels:]
	y = theta[0]*x + offsets[0]
	for at := 2 * m.channels; at < len(theta); at += 2 * m.channels {
		v := theta[at]*x + offsets[at]
		if v > y { // a conditional move
			line = at
		}
		y = max(y, v)
	}
	return line, y
}

func maxoutForward[T values.Float](m maxout) func(gop.Call[T]) error {
	return keeping(1, func(c gop.Call[T]) error {
		x, theta := c.In[0], c.In[1]
		s, inner := m.rows(c.Values[0].Shape())
		s.Each(func(_, from, to int) {
			i := from * m.channels * inner
			for range to - from {
				for channel := range m.channels {
					lines := theta[channel:]
					for range inner {
						_, c.Out[i] = best(m, lines, x[i])
						i++
					}
				}
			}
		})
		return nil
	})
}

func maxoutBackwardX[T values.Float](m maxout) func(gop.Call[T]) error {
	return keeping(1, func(c gop.Call[T]) error {
		x, theta, g := c.In[0], c.In[1], c.In[2]
		s, inner := m.rows(c.Values[0].Shape())
		s.Each(func(_, from, to int) {
			i := from * m.channels * inner
			for range to - from {
				for channel := range m.channels {
					lines := theta[channel:]
					for range inner {
						at, y := best(m, lines, x[i])
						c.Out[i] = g[i] * lines[at]
						if y != y {
							c.Out[i] = y
						}
						i++
					}
				}
			}
		})
		return nil
	})
}

func maxoutBackwardTheta[T values.Float](m maxout) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		x, theta, g := c.In[0], c.In[1], c.In[2]
		s, inner := m.rows(c.Values[0].Shape())
		storeSums(c.Out, sumSlices(len(theta), x, g, s, inner*m.channels, func(sums []float64, from, to int) {
			i := from * m.channels * inner
			for range to - from {
				for channel := range m.channels {
					lines, sums := theta[channel:], sums[channel:]
					for range inner {
						at, _ := best(m, lines, x[i])
						sums[at] += float64(g[i]) * float64(x[i])
						sums[at+m.channels] += float64(g[i])
						i++
					}
				}
			}
		}))
		return nil
	}
}
