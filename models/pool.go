package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// MaxPool2D returns the node of the largest number of each k×k window of the images x, of
// shape (batch, channels, height, width), with the given distance of neighbouring windows;
// 0 means k. Its shape is (batch, channels, (height−k)/stride+1, (width−k)/stride+1): what
// is left over at the right and the bottom is not seen. The gradient goes to the first of
// the largest in a window. A NaN in a window is its largest; where the gradient then goes
// is not said.
func MaxPool2D(x *gorgonia.Node, k, stride int) (*gorgonia.Node, error) {
	return pooling{"MaxPool2D", k, stride}.apply(x)
}

// AvgPool2D is MaxPool2D with the mean of each window in place of the largest.
func AvgPool2D(x *gorgonia.Node, k, stride int) (*gorgonia.Node, error) {
	return pooling{"AvgPool2D", k, stride}.apply(x)
}

// GlobalAvgPool2D returns the node of the means over height and width, of shape (batch,
// channels), of x of shape (batch, channels, height, width).
func GlobalAvgPool2D(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := apply([]namedNode{{"x", x, 4}}, func() (*gop.Op, error) { return planeMeans, nil })
	if err != nil {
		return nil, fmt.Errorf("models: GlobalAvgPool2D: %w", err)
	}
	return y, nil
}

// pooling is a function of the windows of images.
type pooling struct {
	name      string // of the exported function
	k, stride int
}

// means says whether it takes the mean of a window, not the largest number.
func (p pooling) means() bool { return p.name == "AvgPool2D" }

func (p pooling) apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := apply([]namedNode{{"x", x, 4}}, func() (*gop.Op, error) {
		if p.stride == 0 {
			p.stride = p.k
		}
		if p.k < 1 || p.stride < 1 {
			return nil, fmt.Errorf("k is %d and stride %d, want at least 1", p.k, p.stride)
		}
		return p.forward(), nil
	})
	if err != nil {
		return nil, fmt.Errorf("models: %s: %w", p.name, err)
	}
	return y, nil
}

func (p pooling) shape(x tensor.Shape) (tensor.Shape, error) {
	if len(x) != 4 || x[2] < p.k || x[3] < p.k {
		return nil, fmt.Errorf("x of shape %v, want (batch, channels, height, width) of at least %d×%d", x, p.k, p.k)
	}
	return tensor.Shape{x[0], x[1], (x[2]-p.k)/p.stride + 1, (x[3]-p.k)/p.stride + 1}, nil
}

func (p pooling) forward() *gop.Op {
	compute := gop.Numbers(eachPlane(p, maxPlane[float32]), eachPlane(p, maxPlane[float64]))
	if p.means() {
		compute = gop.Numbers(eachPlane(p, meanPlane[float32]), eachPlane(p, meanPlane[float64]))
	}
	return &gop.Op{
		Kind: "models." + p.name, Params: []any{p.k, p.stride}, In: []int{4}, Out: 4,
		Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return p.shape(in[0]) },
		Compute: compute,
		Device:  p.device(),
		Grads:   []gop.Gradient{{Op: p.backward()}},
	}
}

// backward is the gradient to x: its inputs are x and the gradient to the result.
func (p pooling) backward() *gop.Op {
	compute := gop.Numbers(eachPlane(p, maxPlaneDx[float32]), eachPlane(p, maxPlaneDx[float64]))
	if p.means() {
		compute = gop.Numbers(eachPlane(p, meanPlaneDx[float32]), eachPlane(p, meanPlaneDx[float64]))
	}
	return &gop.Op{
		Kind: "models." + p.name + "Dx", Name: p.name + " gradient", Params: []any{p.k, p.stride}, In: []int{4, 4}, Out: 4,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			out, err := p.shape(in[0])
			if err == nil && !out.Eq(in[1]) {
				err = fmt.Errorf("gradient of shape %v for a result of shape %v", in[1], out)
			}
			return in[0], err
		},
		Compute: compute,
		Device:  p.slopeDevice(),
	}
}

// planes are one channel of one image, and what is computed of it; g is the gradient to
// the result if the gradient is computed.
type planes[T values.Float] struct {
	pooling
	width, outHeight, outWidth int
	x, g, dst                  []T
}

// eachPlane returns what calls f for every channel of every image.
func eachPlane[T values.Float](p pooling, f func(planes[T])) func(gop.Call[T]) error {
	return apart(func(c gop.Call[T]) error {
		shape := c.Values[0].Shape()
		out, err := p.shape(shape)
		if err != nil {
			return err
		}
		in, small := shape[2]*shape[3], out[2]*out[3]
		parallel.SlicesOf(shape[0]*shape[1], max(1, 8192/in)).Each(func(_, from, to int) {
			for k := from; k < to; k++ {
				pl := planes[T]{pooling: p, width: shape[3], outHeight: out[2], outWidth: out[3], x: c.In[0][k*in:][:in]}
				if len(c.In) > 1 {
					pl.g, pl.dst = c.In[1][k*small:][:small], c.Out[k*in:][:in]
				} else {
					pl.dst = c.Out[k*small:][:small]
				}
				f(pl)
			}
		})
		return nil
	})
}

// largest returns the place of the largest number of the window that starts at a place.
func (p *planes[T]) largest(start int) int {
	at := start
	for i := range p.k {
		row := start + i*p.width
		for j, e := range p.x[row : row+p.k] {
			if best := p.x[at]; e > best || e != e && best == best {
				at = row + j
			}
		}
	}
	return at
}

func maxPlane[T values.Float](p planes[T]) {
	for i := range p.outHeight {
		to := p.dst[i*p.outWidth:][:p.outWidth]
		start := i * p.stride * p.width
		if p.k == 2 && p.stride == 2 {
			a, b := p.x[start:][:2*p.outWidth], p.x[start+p.width:][:2*p.outWidth]
			for j := range to {
				to[j] = max(a[2*j], a[2*j+1], b[2*j], b[2*j+1]) // NaN if one is
			}
			continue
		}
		for j := range to {
			to[j] = p.x[p.largest(start+j*p.stride)]
		}
	}
}

func maxPlaneDx[T values.Float](p planes[T]) {
	clear(p.dst)
	for i := range p.outHeight {
		start := i * p.stride * p.width
		if p.k == 2 && p.stride == 2 {
			p.pairsDx(i, start)
			continue
		}
		for j, g := range p.g[i*p.outWidth:][:p.outWidth] {
			p.dst[p.largest(start+j*p.stride)] += g
		}
	}
}

// pairsDx is a row of maxPlaneDx for windows of 2×2 side by side, without branches, which
// no processor could predict.
func (p *planes[T]) pairsDx(i, start int) {
	g := p.g[i*p.outWidth:][:p.outWidth]
	a, b := p.x[start:][:2*len(g)], p.x[start+p.width:][:2*len(g)]
	to := p.dst[start:][:p.width+2*len(g)]
	for j, e := range g {
		at, below := 2*j, p.width+2*j
		if a[2*j+1] > a[2*j] {
			at++
		}
		if b[2*j+1] > b[2*j] {
			below++
		}
		if max(b[2*j], b[2*j+1]) > max(a[2*j], a[2*j+1]) {
			at = below
		}
		to[at] = e
	}
}

func meanPlane[T values.Float](p planes[T]) {
	scale := 1 / T(p.k*p.k)
	for i := range p.outHeight {
		for j := range p.outWidth {
			var sum T
			for r := range p.k {
				for _, e := range p.x[(i*p.stride+r)*p.width+j*p.stride:][:p.k] {
					sum += e
				}
			}
			p.dst[i*p.outWidth+j] = sum * scale
		}
	}
}

func meanPlaneDx[T values.Float](p planes[T]) {
	clear(p.dst)
	scale := 1 / T(p.k*p.k)
	for i := range p.outHeight {
		for j, g := range p.g[i*p.outWidth:][:p.outWidth] {
			for r := range p.k {
				to := p.dst[(i*p.stride+r)*p.width+j*p.stride:][:p.k]
				for x := range to {
					to[x] += g * scale
				}
			}
		}
	}
}

// planeMeans is the op of GlobalAvgPool2D.
var planeMeans = &gop.Op{
	Kind: "models.GlobalAvgPool2D", In: []int{4}, Out: 2,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		if len(in[0]) != 4 {
			return nil, fmt.Errorf("x of shape %v, want 4 axes", in[0])
		}
		return in[0][:2], nil
	},
	Compute: gop.Numbers(meanPlanes[float32], meanPlanes[float64]),
	Device:  planeMeansDevice(),
	Grads:   []gop.Gradient{{Op: planeMeansDx}},
}

// planeMeansDx is the gradient of planeMeans: its inputs are x, for the shape, and the
// gradient to the means.
var planeMeansDx = &gop.Op{
	Kind: "models.GlobalAvgPool2DDx", Name: "GlobalAvgPool2D gradient", In: []int{4, 2}, Out: 4,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		if len(in[0]) != 4 || !in[0][:2].Eq(in[1]) {
			return nil, fmt.Errorf("gradient of shape %v for x of shape %v", in[1], in[0])
		}
		return in[0], nil
	},
	Compute: gop.Numbers(spreadMeans[float32], spreadMeans[float64]),
	Device:  planeMeansDxDevice(),
}

func meanPlanes[T values.Float](c gop.Call[T]) error {
	n := len(c.In[0]) / len(c.Out)
	for k := range c.Out {
		c.Out[k] = total(c.In[0][k*n:][:n]) / T(n)
	}
	return nil
}

func spreadMeans[T values.Float](c gop.Call[T]) error {
	n := len(c.Out) / len(c.In[1])
	for k, g := range c.In[1] {
		fillWith(c.Out[k*n:][:n], g/T(n))
	}
	return nil
}
