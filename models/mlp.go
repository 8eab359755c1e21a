package models

import (
	"fmt"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// MLPConfig describes a multilayer perceptron.
type MLPConfig struct {
	// Sizes are the numbers of inputs, of units of each hidden layer and of
	// outputs: {2, 50, 1} has one hidden layer. They may make up to 2²⁸ weights and
	// biases.
	Sizes []int
	// Activation makes the activation of each hidden layer. It may be nil only for
	// a network without hidden layers.
	Activation Maker
	// Dtype is tensor.Float32, the default, or tensor.Float64.
	Dtype tensor.Dtype
	// Seed determines the initial weights and biases. Networks of both dtypes with
	// the same seed hold the same numbers up to rounding.
	Seed uint64
	// Name is the prefix of the names of all learnables, "mlp" by default. Two
	// networks in one graph need different names.
	Name string
	// Dropout is the probability with which a [Dropout] behind each activation drops, at
	// least 0, which is none, and less than 1. It depends on Seed.
	Dropout float64
	// Mode is that of the dropouts.
	Mode Mode
}

// MLP is a multilayer perceptron: linear layers with an activation after each but
// the last.
type MLP struct {
	base
	dt       tensor.Dtype
	layers   []*linear
	dropouts drops
}

var _ Network = (*MLP)(nil)

// NewMLP makes a network in the graph g. Weights and biases of a layer are
// initialised uniformly in ±1/√(number of its inputs), as PyTorch's Linear is by
// default; the weights in what the activation wants if it is an [Initializer].
func NewMLP(g *gorgonia.ExprGraph, cfg MLPConfig) (*MLP, error) {
	if cfg.Dtype == (tensor.Dtype{}) {
		cfg.Dtype = tensor.Float32
	}
	if cfg.Name == "" {
		cfg.Name = "mlp"
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	m := &MLP{dt: cfg.Dtype, dropouts: drops{p: cfg.Dropout, seed: cfg.Seed, mode: cfg.Mode}}
	rng := rand.New(rand.NewPCG(cfg.Seed, 0))
	last := len(cfg.Sizes) - 2
	for i := range last + 1 {
		name := fmt.Sprintf("%s.%d", cfg.Name, i)
		if i < last {
			place := Place{Graph: g, Dtype: cfg.Dtype, Name: name + ".activation", Channels: cfg.Sizes[i+1], Axis: 1, Seed: cfg.Seed}
			if err := m.add(cfg.Activation, place); err != nil {
				return nil, fmt.Errorf("models: NewMLP: activation of layer %d: %w", i, err)
			}
		}
		bound := initBound(m.lastActivation(), cfg.Sizes[i], i == 0)
		l, err := newLinear(g, cfg.Dtype, name, cfg.Sizes[i], cfg.Sizes[i+1], bound, rng)
		if err != nil {
			return nil, fmt.Errorf("models: NewMLP: layer %d: %w", i, err)
		}
		if i < last {
			if err := m.dropouts.add(&m.base, g, cfg.Dtype, name); err != nil {
				return nil, fmt.Errorf("models: NewMLP: dropout of layer %d: %w", i, err)
			}
		}
		m.layers = append(m.layers, l)
		m.weights = append(m.weights, l.learnables()...)
	}
	return m, nil
}

func (c *MLPConfig) check() error {
	if len(c.Sizes) < 2 {
		return fmt.Errorf("models: NewMLP: Sizes %v, want at least the numbers of inputs and outputs", c.Sizes)
	}
	for i, s := range c.Sizes {
		if s < 1 || s > maxParams {
			return fmt.Errorf("models: NewMLP: Sizes[%d] is %d, want 1 to %d", i, s, maxParams)
		}
	}
	total := 0
	for i, in := range c.Sizes[:len(c.Sizes)-1] {
		if total += product(in+1, c.Sizes[i+1]); total > maxParams {
			return fmt.Errorf("models: NewMLP: Sizes %v make more than %d weights and biases", c.Sizes[:i+2], maxParams)
		}
	}
	if c.Activation == nil && len(c.Sizes) > 2 {
		return fmt.Errorf("models: NewMLP: Activation is nil, but Sizes %v has hidden layers", c.Sizes)
	}
	if err := checkDrops(c.Dropout, c.Mode); err != nil {
		return fmt.Errorf("models: NewMLP: %w", err)
	}
	return nil
}

// Forward returns the output, of shape (batch, outputs), for the input x of shape
// (batch, inputs).
func (m *MLP) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := m.forward(x)
	if err != nil {
		return nil, fmt.Errorf("models: MLP.Forward: %w", err)
	}
	return y, nil
}

func (m *MLP) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	if len(m.layers) == 0 {
		return nil, fmt.Errorf("the network was not made by NewMLP")
	}
	if err := checkInput(x, m.dt, m.layers[0].weight.Shape()[0]); err != nil {
		return nil, err
	}
	m.pre = nil
	for i, l := range m.layers {
		var err error
		if x, err = l.forward(x); err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		if i == len(m.activations) {
			break
		}
		if x, err = m.activate(x); err != nil {
			return nil, fmt.Errorf("activation of layer %d: %w", i, err)
		}
		if x, err = m.dropouts.drop(i, x); err != nil {
			return nil, fmt.Errorf("dropout of layer %d: %w", i, err)
		}
	}
	return x, nil
}
