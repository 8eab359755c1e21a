package models

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// GeneratorConfig describes a network from random numbers to images. It may have up to
// 2²⁸ weights.
type GeneratorConfig struct {
	// Latent is the number of random numbers per image; 0 means 64.
	Latent int
	// Size is the height and width of the images, 4·2^k for a k of at least 1; 0 means 32.
	Size int
	// Channels is that of the images; 0 means 3.
	Channels int
	// Width is the number of channels at Size and at half of it, from where it doubles with
	// every halving. 0 means 16.
	Width int
	// Activation makes the activations: one at each size from 4×4 on.
	Activation Maker
	// Dtype is tensor.Float32, the default, or tensor.Float64.
	Dtype tensor.Dtype
	// Seed determines the initial weights.
	Seed uint64
	// Name is the prefix of the names of all learnables, "generator" by default.
	Name string
	// Mode is that of the batch normalisations.
	Mode Mode
}

// Generator is the generating half of a pair of networks after Radford et al.,
// "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
// Networks" (DCGAN), 2016: a linear layer to images of 4×4, which are enlarged and
// convolved until they have their size, and a last convolution with a hyperbolic tangent.
// A batch normalisation is before every activation. In place of transposed convolutions
// there are nearest upsamplings with 3×3 convolutions, which leave no chequerboard
// (Odena et al., "Deconvolution and Checkerboard Artifacts", 2016).
type Generator struct {
	base
	cfg    GeneratorConfig
	width0 int
	first  *linear
	norm   *BatchNorm
	stages []*unit
	out    *unit
}

var _ Network = (*Generator)(nil)

// NewGenerator makes a network in the graph g. Weights start as those of [NewLeNet].
func NewGenerator(g *gorgonia.ExprGraph, cfg GeneratorConfig) (*Generator, error) {
	n, err := newGenerator(g, cfg)
	if err != nil {
		return nil, fmt.Errorf("models: NewGenerator: %w", err)
	}
	return n, nil
}

func newGenerator(g *gorgonia.ExprGraph, cfg GeneratorConfig) (*Generator, error) {
	for v, to := range map[*int]int{&cfg.Latent: 64, &cfg.Size: 32, &cfg.Channels: 3, &cfg.Width: 16} {
		setDefault(v, to)
	}
	c := common{cfg.Activation, cfg.Dtype, cfg.Seed, cfg.Name, cfg.Mode}
	c.setDefaults("generator")
	if err := c.check(size{"Latent", cfg.Latent, 1}, size{"Channels", cfg.Channels, 1}, size{"Width", cfg.Width, 1}); err != nil {
		return nil, err
	}
	stages, err := stagesOf(cfg.Size)
	if err != nil {
		return nil, err
	}
	cfg.Dtype, cfg.Name = c.Dtype, c.Name
	n := &Generator{cfg: cfg, width0: cfg.Width << (stages - 1)}
	return n, n.build(newBuilder(&n.base, g, c), stages)
}

// stagesOf returns how often 4×4 is doubled to make images of a size.
func stagesOf(size int) (int, error) {
	for k := 1; k <= 10; k++ {
		if size == 4<<k {
			return k, nil
		}
	}
	return 0, fmt.Errorf("config: Size is %d, want 8, 16, 32 and so on to 4096", size)
}

func (n *Generator) build(b *builder, stages int) (err error) {
	name, in := b.next(), n.width0
	if err := b.fits(n.cfg.Latent, product(in, 16)); err != nil {
		return fmt.Errorf("linear layer: %w", err)
	}
	if err := b.activation(in); err != nil {
		return err
	}
	if n.first, err = b.linear(name, n.cfg.Latent, product(in, 16)); err != nil {
		return fmt.Errorf("linear layer: %w", err)
	}
	if n.norm, err = b.normalisation(name+".norm", in); err != nil {
		return err
	}
	for k := range stages {
		out := max(n.cfg.Width, n.width0>>(k+1))
		u, err := b.unit(in, out, 3, ConvOptions{Pad: 1}, true)
		if err != nil {
			return err
		}
		n.stages = append(n.stages, u)
		in = out
	}
	n.out, err = b.named(b.Name+".out", in, n.cfg.Channels, 3, ConvOptions{Pad: 1}, false)
	return err
}

// Forward returns images of shape (batch, channels, size, size), of numbers in −1 to 1,
// for the random numbers x of shape (batch, latent).
func (n *Generator) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := n.forward(x)
	if err != nil {
		return nil, fmt.Errorf("models: Generator.Forward: %w", err)
	}
	return y, nil
}

func (n *Generator) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	if n.out == nil {
		return nil, fmt.Errorf("the network was not made by NewGenerator")
	}
	if err := checkInput(x, n.cfg.Dtype, n.cfg.Latent); err != nil {
		return nil, err
	}
	n.pre = nil
	batch := x.Shape()[0]
	x, err := n.first.forward(x)
	if err == nil {
		x, err = gorgonia.Reshape(x, tensor.Shape{batch, n.width0, 4, 4})
	}
	if err == nil {
		x, err = n.norm.Apply(x)
	}
	if err == nil {
		x, err = n.activate(x)
	}
	for _, u := range n.stages {
		if err == nil {
			x, err = Upsample2D(x, 2)
		}
		if err == nil {
			x, err = n.through(u, x)
		}
	}
	if err == nil {
		x, err = n.out.forward(x)
	}
	if err != nil {
		return nil, err
	}
	return gorgonia.Tanh(x)
}

// DiscriminatorConfig describes a network that judges images. It may have up to 2²⁸
// weights.
type DiscriminatorConfig struct {
	// Size is the height and width of the images, 4·2^k for a k of at least 1; 0 means 32.
	Size int
	// Channels is that of the images; 0 means 3.
	Channels int
	// Width is the number of channels behind the first convolution; it doubles with every
	// halving of the size. 0 means 16.
	Width int
	// Activation makes the activation behind each convolution.
	Activation Maker
	// Dtype is tensor.Float32, the default, or tensor.Float64.
	Dtype tensor.Dtype
	// Seed determines the initial weights.
	Seed uint64
	// Name is the prefix of the names of all learnables, "discriminator" by default.
	Name string
	// Mode is that of the batch normalisations.
	Mode Mode
}

// Discriminator is the judging half of a pair of networks, see [Generator]: 4×4
// convolutions with a stride of 2 until the images have 4×4 pixels, with batch
// normalisations behind all but the first, and a linear layer to one number.
type Discriminator struct {
	base
	cfg   DiscriminatorConfig
	units []*unit
	out   *linear
}

var _ Network = (*Discriminator)(nil)

// NewDiscriminator makes a network in the graph g. Weights start as those of [NewLeNet].
func NewDiscriminator(g *gorgonia.ExprGraph, cfg DiscriminatorConfig) (*Discriminator, error) {
	n, err := newDiscriminator(g, cfg)
	if err != nil {
		return nil, fmt.Errorf("models: NewDiscriminator: %w", err)
	}
	return n, nil
}

func newDiscriminator(g *gorgonia.ExprGraph, cfg DiscriminatorConfig) (*Discriminator, error) {
	for v, to := range map[*int]int{&cfg.Size: 32, &cfg.Channels: 3, &cfg.Width: 16} {
		setDefault(v, to)
	}
	c := common{cfg.Activation, cfg.Dtype, cfg.Seed, cfg.Name, cfg.Mode}
	c.setDefaults("discriminator")
	if err := c.check(size{"Channels", cfg.Channels, 1}, size{"Width", cfg.Width, 1}); err != nil {
		return nil, err
	}
	stages, err := stagesOf(cfg.Size)
	if err != nil {
		return nil, err
	}
	cfg.Dtype, cfg.Name = c.Dtype, c.Name
	n := &Discriminator{cfg: cfg}
	b := newBuilder(&n.base, g, c)
	in := cfg.Channels
	for k := range stages {
		u, err := b.unit(in, cfg.Width<<k, 4, ConvOptions{Stride: 2, Pad: 1}, k > 0)
		if err != nil {
			return nil, err
		}
		n.units = append(n.units, u)
		in = cfg.Width << k
	}
	n.out, err = b.linear(c.Name+".out", product(in, 16), 1)
	return n, err
}

// Forward returns the logit of being real, of shape (batch, 1), for the images x of shape
// (batch, channels, size, size).
func (n *Discriminator) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := n.forward(x)
	if err != nil {
		return nil, fmt.Errorf("models: Discriminator.Forward: %w", err)
	}
	return y, nil
}

func (n *Discriminator) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	if n.out == nil {
		return nil, fmt.Errorf("the network was not made by NewDiscriminator")
	}
	if err := checkInput(x, n.cfg.Dtype, n.cfg.Channels, n.cfg.Size, n.cfg.Size); err != nil {
		return nil, err
	}
	n.pre = nil
	batch := x.Shape()[0]
	var err error
	for k, u := range n.units {
		if x, err = n.through(u, x); err != nil {
			return nil, fmt.Errorf("convolution %d: %w", k, err)
		}
	}
	if x, err = gorgonia.Reshape(x, tensor.Shape{batch, x.Shape().TotalSize() / batch}); err != nil {
		return nil, err
	}
	return n.out.forward(x)
}
