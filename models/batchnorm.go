package models

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The constants of batch normalisation, those of PyTorch.
const (
	normEps      = 1e-5
	normMomentum = 0.1
)

// BatchNorm normalises channels over a batch:
//
//	y = scale · (x − μ)/√(σ² + 10⁻⁵) + shift
//
// with a scale, which starts at 1, and a shift, which starts at 0, per channel. In Training
// μ and σ² are mean and variance of the channel in the batch, over all pixels of all images,
// and gradients go through them; each Training pass moves the running statistics by a tenth
// towards them, the variance as the estimate with n − 1 in the denominator. In Evaluation μ
// and σ² are the running statistics. From Ioffe and Szegedy, "Batch Normalization", 2015;
// constants and details are those of PyTorch.
type BatchNorm struct {
	scale, shift   *gorgonia.Node
	mean, variance *gorgonia.Node // running
	mode           Mode
}

// NewBatchNorm makes a normalisation of the given number of channels in the graph g. name is
// the prefix of the names of its nodes.
func NewBatchNorm(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, channels int, mode Mode) (*BatchNorm, error) {
	if channels < 1 || channels > maxParams {
		return nil, fmt.Errorf("models: NewBatchNorm: channels is %d, want 1 to %d", channels, maxParams)
	}
	if err := mode.check(); err != nil {
		return nil, fmt.Errorf("models: NewBatchNorm: %w", err)
	}
	b := &BatchNorm{mode: mode}
	for _, n := range []struct {
		node  **gorgonia.Node
		name  string
		start float64
	}{{&b.scale, "scale", 1}, {&b.shift, "shift", 0}, {&b.mean, "mean", 0}, {&b.variance, "variance", 1}} {
		x := make([]float64, channels)
		fillWith(x, n.start)
		var err error
		if *n.node, err = newLearnable(g, dt, tensor.Shape{channels}, name+"."+n.name, x); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Learnables returns scale and shift.
func (b *BatchNorm) Learnables() gorgonia.Nodes { return gorgonia.Nodes{b.scale, b.shift} }

// State returns the running mean and variance.
func (b *BatchNorm) State() gorgonia.Nodes { return gorgonia.Nodes{b.mean, b.variance} }

// Apply returns the node of the normalised x, of shape (batch, channels) or (batch,
// channels, height, width). In Training a channel needs at least two numbers.
func (b *BatchNorm) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	if b.scale == nil {
		return nil, fmt.Errorf("models: BatchNorm.Apply: the BatchNorm was not made by NewBatchNorm")
	}
	dims := 4
	if x != nil && x.Dims() == 2 {
		dims = 2
	}
	y, err := apply([]namedNode{{"x", x, dims}, {"scale", b.scale, 1}, {"shift", b.shift, 1}, {"mean", b.mean, 1}, {"variance", b.variance, 1}},
		func() (*gop.Op, error) { return normalisation{dims, b.mode == Training}.forward(), nil })
	if err != nil {
		return nil, fmt.Errorf("models: BatchNorm.Apply: %w", err)
	}
	return y, nil
}

// normalisation is the ops of a BatchNorm for x of a rank. Their inputs are x, scale,
// shift, running mean and running variance, and those of the gradients x, scale, mean,
// variance and the gradient to the result.
type normalisation struct {
	dims     int
	training bool
}

func (n normalisation) forward() *gop.Op {
	return &gop.Op{
		Kind: "models.batchNorm", Params: []any{n.training}, In: []int{n.dims, 1, 1, 1, 1}, Out: n.dims,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if err := n.check(in[0], in[1:]); err != nil {
				return nil, err
			}
			return in[0], nil
		},
		Compute: gop.Numbers(normalise[float32](n), normalise[float64](n)),
		State:   n.state(),
		Device:  n.device(),
		Grads: []gop.Gradient{
			{Op: n.backward("Dx", n.dims, 0, gop.Numbers(normaliseDx[float32](n), normaliseDx[float64](n)), n.dxDevice()), From: []int{0, 1, 3, 4, gop.Upstream}},
			{Op: n.backward("Dscale", 1, 1, gop.Numbers(normaliseDscale[float32](n), normaliseDscale[float64](n)), n.dscaleDevice()), From: []int{0, 1, 3, 4, gop.Upstream}},
			{Op: n.backward("Dshift", 1, 1, gop.Numbers(normaliseDshift[float32], normaliseDshift[float64]), n.dshiftDevice()), From: []int{0, 1, 3, 4, gop.Upstream}},
		},
	}
}

// state are the inputs that a pass changes: the running statistics.
func (n normalisation) state() []int {
	if n.training {
		return []int{3, 4}
	}
	return nil
}

func (n normalisation) backward(kind string, out, like int, compute gop.Compute, device gop.Device) *gop.Op {
	return &gop.Op{
		Kind: "models.batchNorm" + kind, Params: []any{n.training}, In: []int{n.dims, 1, 1, 1, n.dims}, Out: out,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if err := n.check(in[0], in[1:4]); err != nil {
				return nil, err
			}
			if !in[0].Eq(in[4]) {
				return nil, fmt.Errorf("gradient of shape %v for x of shape %v", in[4], in[0])
			}
			return in[like], nil
		},
		Compute: compute,
		Device:  device,
	}
}

func (n normalisation) check(x tensor.Shape, perChannel []tensor.Shape) error {
	if len(x) != n.dims {
		return fmt.Errorf("x of shape %v, want %d axes", x, n.dims)
	}
	for _, s := range perChannel {
		if len(s) != 1 || s[0] != x[1] {
			return fmt.Errorf("x of shape %v for a normalisation of shape %v, want as many channels along axis 1", x, s)
		}
	}
	if n.training && x.TotalSize()/x[1] < 2 {
		return fmt.Errorf("x of shape %v has one number per channel, want at least 2 in Training", x)
	}
	return nil
}

// channel is where one channel lies in a tensor: runs of numbers, one per image.
type channel struct{ batch, channels, length, at int }

// run returns the numbers of the channel in the n-th image.
func run[T values.Float](c *channel, x []T, n int) []T {
	return x[(n*c.channels+c.at)*c.length:][:c.length]
}

// count is the numbers of one channel.
func (c *channel) count() float64 { return float64(c.batch * c.length) }

// eachChannel calls f for every channel of a tensor.
func eachChannel(x tensor.Shape, f func(c *channel)) {
	length := x[2:].TotalSize()
	if len(x) == 2 {
		length = 1
	}
	parallel.SlicesOf(x[1], max(1, 4096/(x[0]*length))).Each(func(_, from, to int) {
		for k := from; k < to; k++ {
			f(&channel{x[0], x[1], length, k})
		}
	})
}

// channelMoments returns the mean and the variance, with n in the denominator, of a channel.
func channelMoments[T values.Float](c *channel, x []T) (mean, variance float64) {
	for n := range c.batch {
		var sum float64
		for _, e := range run(c, x, n) {
			sum += float64(e)
		}
		mean += sum
	}
	mean /= c.count()
	for n := range c.batch {
		var sum float64
		for _, e := range run(c, x, n) {
			d := float64(e) - mean
			sum += d * d
		}
		variance += sum
	}
	return mean, variance / c.count()
}

// statistics returns by what a channel is normalised: μ and σ².
func statistics[T values.Float](n normalisation, c *channel, x, mean, variance []T) (mu, v float64) {
	if n.training {
		return channelMoments(c, x)
	}
	return float64(mean[c.at]), float64(variance[c.at])
}

func normalise[T values.Float](n normalisation) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		x, scale, shift := c.In[0], c.In[1], c.In[2]
		means, variances := c.In[3], c.In[4]
		nextMeans, nextVariances := append([]T(nil), means...), append([]T(nil), variances...)
		eachChannel(c.Values[0].Shape(), func(ch *channel) {
			mu, v := statistics(n, ch, x, means, variances)
			if n.training {
				unbiased := v * ch.count() / (ch.count() - 1)
				nextMeans[ch.at] = T((1-normMomentum)*float64(means[ch.at]) + normMomentum*mu)
				nextVariances[ch.at] = T((1-normMomentum)*float64(variances[ch.at]) + normMomentum*unbiased)
			}
			factor := float64(scale[ch.at]) / math.Sqrt(v+normEps)
			a, b := T(factor), T(float64(shift[ch.at])-factor*mu)
			for k := range ch.batch {
				to := run(ch, c.Out, k)
				for i, e := range run(ch, x, k) {
					to[i] = a*e + b
				}
			}
		})
		if !n.training {
			return nil
		}
		if err := values.Store(c.Values[3], nextMeans); err != nil {
			return err
		}
		return values.Store(c.Values[4], nextVariances)
	}
}

// sums returns Σ g and Σ g·x̂ of a channel, where x̂ = (x − μ)·inv.
func sums[T values.Float](c *channel, x, g []T, mu, inv float64) (plain, normed float64) {
	for n := range c.batch {
		var s, t float64
		up := run(c, g, n)
		for i, e := range run(c, x, n) {
			u := float64(up[i])
			s += u
			t += u * (float64(e) - mu)
		}
		plain, normed = plain+s, normed+t*inv
	}
	return plain, normed
}

// normaliseDx is scale·inv·(g − mean(g) − x̂·mean(g·x̂)), without the means in Evaluation.
func normaliseDx[T values.Float](n normalisation) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		x, scale, g := c.In[0], c.In[1], c.In[4]
		eachChannel(c.Values[0].Shape(), func(ch *channel) {
			mu, v := statistics(n, ch, x, c.In[2], c.In[3])
			inv := 1 / math.Sqrt(v+normEps)
			factor := float64(scale[ch.at]) * inv
			a, b, d := T(factor), T(0), T(0) // a·g + b·x + d
			if n.training {
				plain, normed := sums(ch, x, g, mu, inv)
				slope := factor * inv * normed / ch.count()
				b, d = T(-slope), T(slope*mu-factor*plain/ch.count())
			}
			for k := range ch.batch {
				up, to := run(ch, g, k), run(ch, c.Out, k)
				for i, e := range run(ch, x, k) {
					to[i] = a*up[i] + (b*e + d)
				}
			}
		})
		return nil
	}
}

func normaliseDscale[T values.Float](n normalisation) func(gop.Call[T]) error {
	return apart(func(c gop.Call[T]) error {
		eachChannel(c.Values[0].Shape(), func(ch *channel) {
			mu, v := statistics(n, ch, c.In[0], c.In[2], c.In[3])
			_, normed := sums(ch, c.In[0], c.In[4], mu, 1/math.Sqrt(v+normEps))
			c.Out[ch.at] = T(normed)
		})
		return nil
	})
}

func normaliseDshift[T values.Float](c gop.Call[T]) error {
	eachChannel(c.Values[0].Shape(), func(ch *channel) {
		plain, _ := sums(ch, c.In[0], c.In[4], 0, 0)
		c.Out[ch.at] = T(plain)
	})
	return nil
}
