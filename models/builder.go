package models

import (
	"fmt"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// common is what the configurations of networks on images share.
type common struct {
	Activation Maker
	Dtype      tensor.Dtype
	Seed       uint64
	Name       string
	Mode       Mode
}

// setDefaults sets float32 and the name.
func (c *common) setDefaults(name string) {
	if c.Dtype == (tensor.Dtype{}) {
		c.Dtype = tensor.Float32
	}
	if c.Name == "" {
		c.Name = name
	}
}

// size is a number of a configuration that has to be a positive multiple of another.
type size struct {
	name     string
	value, m int
}

// checkSizes reports the first size that is none.
func checkSizes(sizes ...size) error {
	for _, s := range sizes {
		if s.value < 1 || s.value%s.m != 0 || s.value > maxParams {
			return fmt.Errorf("%s is %d, want a positive multiple of %d, at most %d", s.name, s.value, s.m, maxParams)
		}
	}
	return nil
}

// check reports what is wrong with a configuration.
func (c *common) check(sizes ...size) error {
	if err := checkSizes(sizes...); err != nil {
		return err
	}
	if c.Activation == nil {
		return fmt.Errorf("Activation is nil")
	}
	return c.Mode.check()
}

// setDefault sets a number of a configuration that is 0.
func setDefault(v *int, to int) {
	if *v == 0 {
		*v = to
	}
}

// builder makes the layers of a network one after the other, with weights from one
// generator.
type builder struct {
	*base
	common
	graph *gorgonia.ExprGraph
	rng   *rand.Rand
	total int // weights and biases so far
}

func newBuilder(b *base, g *gorgonia.ExprGraph, c common) *builder {
	return &builder{base: b, common: c, graph: g, rng: rand.New(rand.NewPCG(c.Seed, 0))}
}

// next returns the name of the next activation's place.
func (b *builder) next() string { return fmt.Sprintf("%s.%d", b.Name, len(b.activations)) }

// fits reports weights that would be too many with those so far. It is asked before an
// activation is made, which may have numbers for each channel.
func (b *builder) fits(factors ...int) error {
	if b.total+product(factors...) > maxParams {
		return fmt.Errorf("more than %d weights", maxParams)
	}
	return nil
}

// count counts weights before they are made.
func (b *builder) count(factors ...int) error {
	if err := b.fits(factors...); err != nil {
		return err
	}
	b.total += product(factors...)
	return nil
}

// activation makes the activation of the next place.
func (b *builder) activation(channels int) error {
	err := b.add(b.Activation, Place{Graph: b.graph, Dtype: b.Dtype, Name: b.next() + ".activation", Channels: channels, Axis: 1, Seed: b.Seed})
	if err != nil {
		return fmt.Errorf("activation %d: %w", len(b.activations), err)
	}
	return nil
}

// convolution makes a layer of k×k filters before the last activation.
func (b *builder) convolution(name string, in, out, k int, opts ConvOptions, bias bool) (*conv, error) {
	if err := b.count(in, out, k, k); err != nil {
		return nil, err
	}
	bound := initBound(b.lastActivation(), in*k*k, len(b.weights) == 0)
	c, err := newConv(b.graph, b.Dtype, name, in, out, k, opts, bias, bound, b.rng)
	if err != nil {
		return nil, err
	}
	b.weights = append(b.weights, c.learnables()...)
	return c, nil
}

// linear makes a linear layer before the last activation.
func (b *builder) linear(name string, in, out int) (*linear, error) {
	if err := b.count(in, out); err != nil {
		return nil, err
	}
	l, err := newLinear(b.graph, b.Dtype, name, in, out, initBound(b.lastActivation(), in, len(b.weights) == 0), b.rng)
	if err != nil {
		return nil, err
	}
	b.weights = append(b.weights, l.learnables()...)
	return l, nil
}

// normalisation makes a batch normalisation.
func (b *builder) normalisation(name string, channels int) (*BatchNorm, error) {
	n, err := NewBatchNorm(b.graph, b.Dtype, name, channels, b.Mode)
	if err != nil {
		return nil, err
	}
	b.weights = append(b.weights, n.Learnables()...)
	b.state = append(b.state, n.State()...)
	return n, nil
}

// unit is a convolution without bias and its normalisation, which may be nil: then it has
// a bias.
type unit struct {
	conv *conv
	norm *BatchNorm
}

// unit makes the next activation and the unit before it, which is named by its place.
func (b *builder) unit(in, out, k int, opts ConvOptions, norm bool) (*unit, error) {
	name := b.next()
	if err := b.fits(in, out, k, k); err != nil {
		return nil, fmt.Errorf("convolution %q: %w", name, err)
	}
	if err := b.activation(out); err != nil {
		return nil, err
	}
	return b.named(name, in, out, k, opts, norm)
}

// named makes a unit without an activation.
func (b *builder) named(name string, in, out, k int, opts ConvOptions, norm bool) (*unit, error) {
	c, err := b.convolution(name, in, out, k, opts, !norm)
	if err != nil {
		return nil, fmt.Errorf("convolution %q: %w", name, err)
	}
	u := &unit{conv: c}
	if norm {
		u.norm, err = b.normalisation(name+".norm", out)
	}
	return u, err
}

// forward is the unit without the activation.
func (u *unit) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := u.conv.forward(x)
	if err != nil || u.norm == nil {
		return y, err
	}
	return u.norm.Apply(y)
}

// through applies a unit and the next activation.
func (b *base) through(u *unit, x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := u.forward(x)
	if err != nil {
		return nil, err
	}
	return b.activate(y)
}
