package models

import (
	"fmt"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// LeNetConfig describes a small convolutional network for images. It may have up to
// 2²⁸ weights and biases.
type LeNetConfig struct {
	// Channels, Height and Width are those of the images; 0 means 1, 28 and 28, those
	// of MNIST. Height and Width must be divisible by 4.
	Channels, Height, Width int
	// Filters are the numbers of filters of the two convolutions; 0 means 16 and 32.
	Filters [2]int
	// Classes is the number of outputs; 0 means 10.
	Classes int
	// Activation makes the activation after each convolution.
	Activation Maker
	// Dtype is tensor.Float32, the default, or tensor.Float64.
	Dtype tensor.Dtype
	// Seed determines the initial weights.
	Seed uint64
	// Name is the prefix of the names of all learnables, "lenet" by default.
	Name string
	// Dropout is the probability with which a [Dropout] before the linear layer drops, at
	// least 0, which is none, and less than 1. It depends on Seed.
	Dropout float64
	// Mode is that of the dropout.
	Mode Mode
}

// LeNet is a network after LeCun et al., "Gradient-Based Learning Applied to
// Document Recognition", 1998, cut down: twice a 3×3 convolution without bias that
// keeps the size, an activation and a 2×2 max pooling, then a linear layer.
type LeNet struct {
	base
	cfg      LeNetConfig
	convs    [2]*conv
	out      *linear
	dropouts drops
}

var _ Network = (*LeNet)(nil)

// NewLeNet makes a network in the graph g. All weights start uniformly in ±1/√(number
// of inputs of a unit), as in PyTorch, or in what the activation wants if it is an
// [Initializer].
func NewLeNet(g *gorgonia.ExprGraph, cfg LeNetConfig) (*LeNet, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	n := &LeNet{cfg: cfg, dropouts: drops{p: cfg.Dropout, seed: cfg.Seed, mode: cfg.Mode}}
	rng := rand.New(rand.NewPCG(cfg.Seed, 0))
	in := cfg.Channels
	for k, out := range cfg.Filters {
		var err error
		name := fmt.Sprintf("%s.%d", cfg.Name, k)
		if err := n.add(cfg.Activation, Place{Graph: g, Dtype: cfg.Dtype, Name: name + ".activation", Channels: out, Axis: 1, Seed: cfg.Seed}); err != nil {
			return nil, fmt.Errorf("models: NewLeNet: activation %d: %w", k, err)
		}
		bound := initBound(n.lastActivation(), in*9, k == 0)
		if n.convs[k], err = newConv(g, cfg.Dtype, name, in, out, 3, ConvOptions{Pad: 1}, false, bound, rng); err != nil {
			return nil, fmt.Errorf("models: NewLeNet: convolution %d: %w", k, err)
		}
		n.weights = append(n.weights, n.convs[k].learnables()...)
		in = out
	}
	var err error
	in *= (cfg.Height / 4) * (cfg.Width / 4)
	if n.out, err = newLinear(g, cfg.Dtype, cfg.Name+".2", in, cfg.Classes, initBound(n.lastActivation(), in, false), rng); err != nil {
		return nil, fmt.Errorf("models: NewLeNet: linear layer: %w", err)
	}
	n.weights = append(n.weights, n.out.learnables()...)
	if err := n.dropouts.add(&n.base, g, cfg.Dtype, cfg.Name+".2"); err != nil {
		return nil, fmt.Errorf("models: NewLeNet: dropout: %w", err)
	}
	return n, nil
}

func (c *LeNetConfig) setDefaults() {
	for v, to := range map[*int]int{&c.Channels: 1, &c.Height: 28, &c.Width: 28, &c.Filters[0]: 16, &c.Filters[1]: 32, &c.Classes: 10} {
		setDefault(v, to)
	}
	if c.Dtype == (tensor.Dtype{}) {
		c.Dtype = tensor.Float32
	}
	if c.Name == "" {
		c.Name = "lenet"
	}
}

func (c *LeNetConfig) check() error {
	if err := checkSizes(size{"Channels", c.Channels, 1}, size{"Height", c.Height, 4}, size{"Width", c.Width, 4},
		size{"Filters[0]", c.Filters[0], 1}, size{"Filters[1]", c.Filters[1], 1}, size{"Classes", c.Classes, 1}); err != nil {
		return fmt.Errorf("models: NewLeNet: %w", err)
	}
	f := c.Filters
	convolutions := product(9, c.Channels, f[0]) + product(9, f[0], f[1])
	if convolutions > maxParams {
		return fmt.Errorf("models: NewLeNet: Channels %d and Filters %v make more than %d weights", c.Channels, f, maxParams)
	}
	if convolutions+product(f[1], c.Height/4, c.Width/4, c.Classes)+c.Classes > maxParams {
		return fmt.Errorf("models: NewLeNet: Filters[1] %d, Height %d, Width %d and Classes %d make more than %d weights", f[1], c.Height, c.Width, c.Classes, maxParams)
	}
	if c.Activation == nil {
		return fmt.Errorf("models: NewLeNet: Activation is nil")
	}
	if err := checkDrops(c.Dropout, c.Mode); err != nil {
		return fmt.Errorf("models: NewLeNet: %w", err)
	}
	return nil
}

// Forward returns the logits, of shape (batch, classes), for the images x of shape
// (batch, channels, height, width).
func (n *LeNet) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := n.forward(x)
	if err != nil {
		return nil, fmt.Errorf("models: LeNet.Forward: %w", err)
	}
	return y, nil
}

func (n *LeNet) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	if n.out == nil {
		return nil, fmt.Errorf("the network was not made by NewLeNet")
	}
	c := &n.cfg
	if err := checkInput(x, c.Dtype, c.Channels, c.Height, c.Width); err != nil {
		return nil, err
	}
	n.pre = nil
	batch := x.Shape()[0]
	for k, l := range n.convs {
		var err error
		if x, err = l.forward(x); err != nil {
			return nil, fmt.Errorf("convolution %d: %w", k, err)
		}
		if x, err = n.activate(x); err != nil {
			return nil, fmt.Errorf("activation %d: %w", k, err)
		}
		if x, err = MaxPool2D(x, 2, 2); err != nil {
			return nil, fmt.Errorf("pooling %d: %w", k, err)
		}
	}
	x, err := gorgonia.Reshape(x, tensor.Shape{batch, x.Shape().TotalSize() / batch})
	if err == nil {
		x, err = n.dropouts.drop(0, x)
	}
	if err == nil {
		x, err = n.out.forward(x)
	}
	if err != nil {
		return nil, fmt.Errorf("linear layer: %w", err)
	}
	return x, nil
}
