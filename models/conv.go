package models

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/ditac-go/ditac/internal/gemm"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// ConvOptions are how a convolution goes over an image.
type ConvOptions struct {
	// Stride is the distance of neighbouring places of the filter, along both axes; 0
	// means 1.
	Stride int
	// Pad is the number of zeros that are put before and behind the image along both
	// axes.
	Pad int
}

// Conv2D returns the node of the convolution of the images x, of shape (batch, channels,
// height, width), with the filters, of shape (filters, channels, k, l):
//
//	y[n,f,i,j] = bias[f] + Σ_c Σ_p Σ_q filter[f,c,p,q] · x[n,c, i·Stride+p−Pad, j·Stride+q−Pad]
//
// which has the shape (batch, filters, (height+2·Pad−k)/Stride+1, (width+2·Pad−l)/Stride+1);
// the filter is not turned, as in all libraries of networks. bias, of shape (filters), may
// be nil. Gradients go to x, filter and bias.
//
// The images are spread over the processors, each a product of matrices by gonum's BLAS
// or a faster one, see package models/openblas. Results do not depend on the number of
// processors. In a build with the tag cuda the products are cuBLAS's.
func Conv2D(x, filter, bias *gorgonia.Node, opts ConvOptions) (*gorgonia.Node, error) {
	if opts.Stride == 0 {
		opts.Stride = 1
	}
	nodes := []namedNode{{"x", x, 4}, {"filter", filter, 4}}
	if bias != nil {
		nodes = append(nodes, namedNode{"bias", bias, 1})
	}
	y, err := apply(nodes, func() (*gop.Op, error) {
		if opts.Stride < 1 || opts.Pad < 0 || opts.Stride > maxEnlarging || opts.Pad > maxEnlarging {
			return nil, fmt.Errorf("opts is %+v, want Stride and Pad of 0 to %d", opts, maxEnlarging)
		}
		return opts.forward(bias != nil), nil
	})
	if err != nil {
		return nil, fmt.Errorf("models: Conv2D: %w", err)
	}
	return y, nil
}

// convSize is the sizes of one convolution.
type convSize struct {
	batch, channels, height, width int // of x
	filters, rows, cols            int // of the filters
	outHeight, outWidth            int
	ConvOptions
}

func (o ConvOptions) size(x, filter tensor.Shape) (convSize, error) {
	if len(x) != 4 || len(filter) != 4 || x[1] != filter[1] {
		return convSize{}, fmt.Errorf("filter of shape %v for x of shape %v, want (filters, %s)", filter, x, "x's channels, rows, columns")
	}
	s := convSize{x[0], x[1], x[2], x[3], filter[0], filter[2], filter[3], 0, 0, o}
	h, w := s.height+2*o.Pad-s.rows, s.width+2*o.Pad-s.cols
	if h < 0 || w < 0 {
		return convSize{}, fmt.Errorf("filter of shape %v is larger than x of shape %v with a padding of %d", filter, x, o.Pad)
	}
	s.outHeight, s.outWidth = h/o.Stride+1, w/o.Stride+1
	return s, nil
}

// taps is the number of numbers of x that one of y is computed of, places that of the
// places of a filter in an image.
func (s *convSize) taps() int   { return s.channels * s.rows * s.cols }
func (s *convSize) places() int { return s.outHeight * s.outWidth }
func (s *convSize) pixels() int { return s.channels * s.height * s.width }

func (s *convSize) out() tensor.Shape {
	return tensor.Shape{s.batch, s.filters, s.outHeight, s.outWidth}
}

// checkUpstream reports a gradient that is not of y's shape.
func (s *convSize) checkUpstream(g tensor.Shape) error {
	if !s.out().Eq(g) {
		return fmt.Errorf("gradient of shape %v for a result of shape %v", g, s.out())
	}
	return nil
}

// forward is the op of Conv2D: its inputs are x, filter and, with a bias, that.
func (o ConvOptions) forward(bias bool) *gop.Op {
	op := &gop.Op{
		Kind: "models.conv", Params: []any{o.Stride, o.Pad}, In: []int{4, 4}, Out: 4,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			s, err := o.size(in[0], in[1])
			if err != nil {
				return nil, err
			}
			if bias && (len(in[2]) != 1 || in[2][0] != s.filters) {
				return nil, fmt.Errorf("bias of shape %v for filter of shape %v", in[2], in[1])
			}
			return checkElements(s.out())
		},
		Compute: gop.Numbers(convolve[float32](o), convolve[float64](o)),
		Device:  o.device(),
		Grads: []gop.Gradient{
			{Op: o.backwardX(), From: []int{0, 1, gop.Upstream}},
			{Op: o.backwardFilter(), From: []int{0, 1, gop.Upstream}},
		},
	}
	if bias {
		op.In = append(op.In, 1)
		op.Grads = append(op.Grads, gop.Gradient{Op: channelSums, From: []int{2, gop.Upstream}})
	}
	return op
}

// backwardX is the gradient to x: its inputs are x, for the shape, filter and the
// gradient to y.
func (o ConvOptions) backwardX() *gop.Op {
	return o.backward("convDx", "gradient of the convolution to x", 0, gop.Numbers(convolveDx[float32](o), convolveDx[float64](o)), o.dxDevice())
}

// backwardFilter is the gradient to the filter: its inputs are x, filter, for the shape,
// and the gradient to y.
func (o ConvOptions) backwardFilter() *gop.Op {
	return o.backward("convDfilter", "gradient of the convolution to the filter", 1, gop.Numbers(convolveDfilter[float32](o), convolveDfilter[float64](o)), o.dfilterDevice())
}

func (o ConvOptions) backward(kind, name string, to int, compute gop.Compute, device gop.Device) *gop.Op {
	return &gop.Op{
		Kind: "models." + kind, Name: name, Params: []any{o.Stride, o.Pad}, In: []int{4, 4, 4}, Out: 4,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			s, err := o.size(in[0], in[1])
			if err == nil {
				err = s.checkUpstream(in[2])
			}
			return in[to], err
		},
		Compute: compute,
		Device:  device,
	}
}

// imagesOf cuts a batch into the slices whose sums are added in order.
func imagesOf(batch int) parallel.Slices { return parallel.SlicesOf(batch, max(1, batch/16)) }

// scratches are memory for an image's columns.
var scratches = struct{ f32, f64 sync.Pool }{
	sync.Pool{New: func() any { return new([]float32) }},
	sync.Pool{New: func() any { return new([]float64) }},
}

// scratch returns memory for n numbers, which holds anything, and what gives it back.
func scratch[T values.Float](n int) (x []T, free func()) {
	pool := &scratches.f64
	if _, ok := any(T(0)).(float32); ok {
		pool = &scratches.f32
	}
	p := pool.Get().(*[]T)
	if cap(*p) < n {
		*p = make([]T, n)
	}
	return (*p)[:n], func() { pool.Put(p) }
}

func convolve[T values.Float](o ConvOptions) func(gop.Call[T]) error {
	return keeping(1, func(c gop.Call[T]) error {
		s, err := o.size(c.Values[0].Shape(), c.Values[1].Shape())
		if err != nil {
			return err
		}
		x, filter, y := c.In[0], gemm.Of(s.filters, s.taps(), c.In[1]), c.Out
		imagesOf(s.batch).Each(func(_, from, to int) {
			col, free := scratch[T](s.taps() * s.places())
			defer free()
			for n := from; n < to; n++ {
				columns(&s, col, x[n*s.pixels():][:s.pixels()])
				out := y[n*s.filters*s.places():][:s.filters*s.places()]
				if len(c.In) > 2 {
					for f, b := range c.In[2] {
						fillWith(out[f*s.places():][:s.places()], b)
					}
				}
				gemm.Mul(gemm.Of(s.filters, s.places(), out), filter, gemm.Of(s.taps(), s.places(), col), len(c.In) > 2)
			}
		})
		return nil
	})
}

func convolveDx[T values.Float](o ConvOptions) func(gop.Call[T]) error {
	return keeping(1, func(c gop.Call[T]) error {
		s, err := o.size(c.Values[0].Shape(), c.Values[1].Shape())
		if err != nil {
			return err
		}
		filter, g, dx := gemm.Of(s.filters, s.taps(), c.In[1]).T(), c.In[2], c.Out
		imagesOf(s.batch).Each(func(_, from, to int) {
			col, free := scratch[T](s.taps() * s.places())
			defer free()
			for n := from; n < to; n++ {
				up := gemm.Of(s.filters, s.places(), g[n*s.filters*s.places():][:s.filters*s.places()])
				gemm.Mul(gemm.Of(s.taps(), s.places(), col), filter, up, false)
				addColumns(&s, dx[n*s.pixels():][:s.pixels()], col)
			}
		})
		return nil
	})
}

func convolveDfilter[T values.Float](o ConvOptions) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		s, err := o.size(c.Values[0].Shape(), c.Values[1].Shape())
		if err != nil {
			return err
		}
		x, g := c.In[0], c.In[2]
		slices := imagesOf(s.batch)
		n := s.taps() * s.filters
		sums := make([]T, slices.Count()*n) // transposed: of taps rows
		slices.Each(func(slice, from, to int) {
			col, free := scratch[T](s.taps() * s.places())
			defer free()
			sum := gemm.Of(s.taps(), s.filters, sums[slice*n:][:n])
			for k := from; k < to; k++ {
				columns(&s, col, x[k*s.pixels():][:s.pixels()])
				up := gemm.Of(s.filters, s.places(), g[k*s.filters*s.places():][:s.filters*s.places()])
				gemm.Mul(sum, gemm.Of(s.taps(), s.places(), col), up.T(), true)
			}
		})
		total := sums[:n]
		for k := 1; k < slices.Count(); k++ {
			for i, e := range sums[k*n:][:n] {
				total[i] += e
			}
		}
		for t := range s.taps() {
			for f, e := range total[t*s.filters:][:s.filters] {
				c.Out[f*s.taps()+t] = e
			}
		}
		return nil
	}
}

func fillWith[T values.Float](x []T, e T) {
	for i := range x {
		x[i] = e
	}
}

// span returns the places 0 ≤ from ≤ j < to ≤ n of a filter's tap along an axis of the
// given size for which j·Stride + at is in the image.
func (s *convSize) span(at, n, size int) (from, to int) {
	if at < 0 {
		from = min(n, (-at+s.Stride-1)/s.Stride)
	}
	if at < size {
		to = min(n, (size-1-at)/s.Stride+1)
	}
	return from, max(from, to)
}

// columns writes what a filter's tap sees at each place, row by row of taps, of one image.
func columns[T values.Float](s *convSize, col, x []T) {
	for c := range s.channels {
		plane := x[c*s.height*s.width:][:s.height*s.width]
		for p := range s.rows {
			top, bottom := s.span(p-s.Pad, s.outHeight, s.height)
			for q := range s.cols {
				left, right := s.span(q-s.Pad, s.outWidth, s.width)
				row := col[:s.places()]
				col = col[s.places():]
				clear(row[:top*s.outWidth])
				clear(row[bottom*s.outWidth:])
				for i := top; i < bottom; i++ {
					to := row[i*s.outWidth:][:s.outWidth]
					if left == right {
						clear(to)
						continue
					}
					from := plane[(i*s.Stride+p-s.Pad)*s.width+left*s.Stride+q-s.Pad:]
					for j := range left {
						to[j] = 0
					}
					if s.Stride == 1 {
						copy(to[left:right], from)
					} else {
						for j := range right - left {
							to[left+j] = from[j*s.Stride]
						}
					}
					for j := right; j < len(to); j++ {
						to[j] = 0
					}
				}
			}
		}
	}
}

// addColumns sets x to the sums of what the taps at all places have for it: the transposed
// of columns.
func addColumns[T values.Float](s *convSize, x, col []T) {
	clear(x)
	for c := range s.channels {
		plane := x[c*s.height*s.width:][:s.height*s.width]
		for p := range s.rows {
			top, bottom := s.span(p-s.Pad, s.outHeight, s.height)
			for q := range s.cols {
				left, right := s.span(q-s.Pad, s.outWidth, s.width)
				row := col[:s.places()]
				col = col[s.places():]
				if left == right {
					continue
				}
				for i := top; i < bottom; i++ {
					from := row[i*s.outWidth:][left:right]
					to := plane[(i*s.Stride+p-s.Pad)*s.width+left*s.Stride+q-s.Pad:]
					if s.Stride == 1 {
						to = to[:len(from)]
						for j, e := range from {
							to[j] += e
						}
						continue
					}
					for j, e := range from {
						to[j*s.Stride] += e
					}
				}
			}
		}
	}
}

// channelSums is the gradient to a bias per channel: its inputs are the bias, for the
// shape, and the gradient, of shape (batch, channels, height, width).
var channelSums = &gop.Op{
	Kind: "models.channelSums", Name: "gradient to the bias of a convolution", In: []int{1, 4}, Out: 1,
	Shape: func(in []tensor.Shape) (tensor.Shape, error) {
		b, g := in[0], in[1]
		if len(b) != 1 || len(g) != 4 || g[1] != b[0] {
			return nil, fmt.Errorf("gradient of shape %v for a bias of shape %v", g, b)
		}
		return b, nil
	},
	Compute: gop.Numbers(sumChannels[float32], sumChannels[float64]),
	Device:  channelSumsDevice(),
}

func sumChannels[T values.Float](c gop.Call[T]) error {
	g, shape := c.In[1], c.Values[1].Shape()
	inner := shape[2] * shape[3]
	parallel.SlicesOf(shape[1], 4).Each(func(_, from, to int) {
		for f := from; f < to; f++ {
			var sum T
			for n := range shape[0] {
				sum += total(g[(n*shape[1]+f)*inner:][:inner])
			}
			c.Out[f] = sum
		}
	})
	return nil
}

// total returns the sum of x, of four sums of every fourth number.
func total[T values.Float](x []T) T {
	var a, b, c, d T
	for len(x) >= 4 {
		a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
		x = x[4:]
	}
	for _, e := range x {
		a += e
	}
	return (a + b) + (c + d)
}

// conv is the layer of a convolution; bias may be nil.
type conv struct {
	filter, bias *gorgonia.Node
	opts         ConvOptions
}

// newConv returns a layer of k×k filters whose weights start uniformly in ±bound, see
// initBound. The bias, if there is one, starts uniformly in ±1/√(inputs of a unit), as in
// PyTorch.
func newConv(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, in, out, k int, opts ConvOptions, bias bool, bound float64, rng *rand.Rand) (*conv, error) {
	w, err := newLearnable(g, dt, tensor.Shape{out, in, k, k}, name+".weight", uniform(rng, out*in*k*k, bound))
	if err != nil {
		return nil, err
	}
	c := &conv{filter: w, opts: opts}
	if bias {
		if c.bias, err = newLearnable(g, dt, tensor.Shape{out}, name+".bias", uniform(rng, out, initBound(nil, in*k*k, false))); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// learnables returns the filter and the bias.
func (c *conv) learnables() gorgonia.Nodes {
	if c.bias == nil {
		return gorgonia.Nodes{c.filter}
	}
	return gorgonia.Nodes{c.filter, c.bias}
}

func (c *conv) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	return Conv2D(x, c.filter, c.bias, c.opts)
}
