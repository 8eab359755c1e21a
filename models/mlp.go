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
	// outputs: {2, 50, 1} has one hidden layer.
	Sizes []int
	// Activation makes the activation of each hidden layer. It may be nil only for
	// a network without hidden layers.
	Activation Maker
	// Dtype is tensor.Float64, the default, or tensor.Float32.
	Dtype tensor.Dtype
	// Seed determines the initial weights and biases. Networks of both dtypes with
	// the same seed hold the same numbers up to rounding.
	Seed uint64
	// Name is the prefix of the names of all learnables, "mlp" by default. Two
	// networks in one graph need different names.
	Name string
}

// MLP is a multilayer perceptron: linear layers with an activation after each but
// the last.
type MLP struct {
	dt          tensor.Dtype
	layers      []*linear
	activations []Activation
	pre         gorgonia.Nodes
}

// NewMLP makes a network in the graph g. Weights and biases of a layer are
// initialised uniformly in ±1/√(number of its inputs), as PyTorch's Linear is by
// default.
func NewMLP(g *gorgonia.ExprGraph, cfg MLPConfig) (*MLP, error) {
	if len(cfg.Sizes) < 2 {
		return nil, fmt.Errorf("models: NewMLP: Sizes %v, want at least the numbers of inputs and outputs", cfg.Sizes)
	}
	for i, s := range cfg.Sizes {
		if s < 1 {
			return nil, fmt.Errorf("models: NewMLP: Sizes[%d] is %d, want at least 1", i, s)
		}
	}
	if cfg.Activation == nil && len(cfg.Sizes) > 2 {
		return nil, fmt.Errorf("models: NewMLP: Activation is nil, but Sizes %v has hidden layers", cfg.Sizes)
	}
	if cfg.Dtype == (tensor.Dtype{}) {
		cfg.Dtype = tensor.Float64
	}
	if cfg.Name == "" {
		cfg.Name = "mlp"
	}
	m := &MLP{dt: cfg.Dtype}
	rng := rand.New(rand.NewPCG(cfg.Seed, 0))
	last := len(cfg.Sizes) - 2
	for i := 0; i <= last; i++ {
		l, err := newLinear(g, cfg.Dtype, fmt.Sprintf("%s.%d", cfg.Name, i), cfg.Sizes[i], cfg.Sizes[i+1], rng)
		if err != nil {
			return nil, fmt.Errorf("models: NewMLP: layer %d: %w", i, err)
		}
		m.layers = append(m.layers, l)
		if i == last {
			break
		}
		a, err := cfg.Activation(g, cfg.Dtype, fmt.Sprintf("%s.%d.activation", cfg.Name, i))
		if err != nil {
			return nil, fmt.Errorf("models: NewMLP: activation of layer %d: %w", i, err)
		}
		if a == nil {
			return nil, fmt.Errorf("models: NewMLP: Activation made nil for layer %d", i)
		}
		m.activations = append(m.activations, a)
	}
	return m, nil
}

// Forward returns the output, of shape (batch, outputs), for the input x of shape
// (batch, inputs).
func (m *MLP) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	in := m.layers[0].weight.Shape()[0]
	if x == nil {
		return nil, fmt.Errorf("models: MLP.Forward: x is nil")
	}
	if s := x.Shape(); len(s) != 2 || s[1] != in || x.Dtype() != m.dt {
		return nil, fmt.Errorf("models: MLP.Forward: x is %v of shape %v, want %v of shape (batch, %d)", x.Dtype(), s, m.dt, in)
	}
	m.pre = nil
	for i, l := range m.layers {
		var err error
		if x, err = l.forward(x); err != nil {
			return nil, fmt.Errorf("models: MLP.Forward: layer %d: %w", i, err)
		}
		if i == len(m.activations) {
			break
		}
		m.pre = append(m.pre, x)
		if x, err = m.activations[i].Apply(x); err != nil {
			return nil, fmt.Errorf("models: MLP.Forward: activation of layer %d: %w", i, err)
		}
	}
	return x, nil
}

// Weights returns the weights and biases, layer by layer.
func (m *MLP) Weights() gorgonia.Nodes {
	var nodes gorgonia.Nodes
	for _, l := range m.layers {
		nodes = append(nodes, l.weight, l.bias)
	}
	return nodes
}

// ActivationLearnables returns the learnables of the activations, each once.
func (m *MLP) ActivationLearnables() gorgonia.Nodes {
	return learnablesOf(m.activations)
}

// Learnables returns all learnables: Weights, then ActivationLearnables.
func (m *MLP) Learnables() gorgonia.Nodes { return append(m.Weights(), m.ActivationLearnables()...) }

// Activations returns the activations of the hidden layers.
func (m *MLP) Activations() []Activation { return append([]Activation(nil), m.activations...) }

// PreActivations returns the inputs of the activations, each of shape (batch,
// units), of the last Forward. Use gorgonia.Read on them, before the machine is
// made, to get their values: Gorgonia reuses the memory of inner nodes.
func (m *MLP) PreActivations() gorgonia.Nodes { return append(gorgonia.Nodes(nil), m.pre...) }

// NumParams returns the number of learned numbers.
func (m *MLP) NumParams() int {
	n := 0
	for _, l := range m.Learnables() {
		n += l.Shape().TotalSize()
	}
	return n
}
