package models

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// CoordConfig describes a network of coordinates: from a place to what is there, as the
// colours of a picture.
type CoordConfig struct {
	// Inputs and Outputs are the numbers of coordinates and of values; 0 means 2 and 1.
	// Coordinates ought to be in −1 to 1.
	Inputs, Outputs int
	// Hidden are the numbers of units of the hidden layers; nil means 64 and 64.
	Hidden []int
	// Octaves is the number of octaves of Fourier features: beside each coordinate x the
	// network then sees sin(2^k·π·x) and cos(2^k·π·x) for k from 0 to Octaves − 1. 0 means
	// the coordinates alone; at most 32.
	Octaves int
	// Chebyshev, if it is not 0, is the degree, at most 4096, of trained polynomials in place
	// of the first layer and its activation; see [Coord]. Octaves must then be 0.
	Chebyshev int
	// Activation makes the activation of each hidden layer, but for the first if Chebyshev
	// is not 0. It may be nil if there is none.
	Activation Maker
	// Dtype is tensor.Float32, the default, or tensor.Float64.
	Dtype tensor.Dtype
	// Seed determines the initial weights.
	Seed uint64
	// Name is the prefix of the names of all learnables, "coord" by default.
	Name string
}

// Coord is a multilayer perceptron of coordinates, with two ways to see high frequencies
// that do not depend on its activation. Fourier features are those of Mildenhall et al.,
// "NeRF", 2020. With Chebyshev a unit of the first hidden layer is a trained function of
// the coordinates,
//
//	h_j = b_j + Σ_i Σ_k c_ijk · T_k(x_i), k from 1 to the degree,
//
// after the first layer of Rezaeian et al., "SL²A-INR: Single-Layer Learnable Activation
// for Implicit Neural Representation", arXiv 2409.10836; the products by which that passes
// h on to later layers are left out.
type Coord struct {
	base
	dt     tensor.Dtype
	inputs int
	f      *features
	layers []*linear
}

var _ Network = (*Coord)(nil)

// NewCoord makes a network in the graph g. Weights and biases start as those of [NewMLP].
func NewCoord(g *gorgonia.ExprGraph, cfg CoordConfig) (*Coord, error) {
	n, err := newCoord(g, cfg)
	if err != nil {
		return nil, fmt.Errorf("models: NewCoord: %w", err)
	}
	return n, nil
}

func (c *CoordConfig) check() error {
	sizes := append(append([]int{c.Inputs}, c.Hidden...), c.Outputs)
	for i, s := range sizes {
		if s < 1 || s > maxParams {
			return fmt.Errorf("config: Inputs %d, Hidden %v and Outputs %d: number %d is %d, want 1 to %d", c.Inputs, c.Hidden, c.Outputs, i, s, maxParams)
		}
	}
	switch {
	case c.Octaves < 0 || c.Octaves > 32:
		return fmt.Errorf("config: Octaves is %d, want 0 to 32", c.Octaves)
	case c.Chebyshev < 0 || c.Chebyshev > 4096:
		return fmt.Errorf("config: Chebyshev is %d, want 0 to 4096", c.Chebyshev)
	case c.Chebyshev > 0 && c.Octaves > 0:
		return fmt.Errorf("config: Octaves is %d and Chebyshev %d, want one of them 0", c.Octaves, c.Chebyshev)
	case c.Chebyshev > 0 && len(c.Hidden) == 0:
		return fmt.Errorf("config: Chebyshev is %d, but Hidden is empty", c.Chebyshev)
	case c.Activation == nil && (len(c.Hidden) > 1 || len(c.Hidden) == 1 && c.Chebyshev == 0):
		return fmt.Errorf("Activation is nil, but there are hidden layers")
	}
	return nil
}

func newCoord(g *gorgonia.ExprGraph, cfg CoordConfig) (*Coord, error) {
	if cfg.Hidden == nil {
		cfg.Hidden = []int{64, 64}
	}
	setDefault(&cfg.Inputs, 2)
	setDefault(&cfg.Outputs, 1)
	c := common{Activation: cfg.Activation, Dtype: cfg.Dtype, Seed: cfg.Seed, Name: cfg.Name}
	c.setDefaults("coord")
	if err := cfg.check(); err != nil {
		return nil, err
	}
	n := &Coord{dt: c.Dtype, inputs: cfg.Inputs}
	in := cfg.Inputs
	if cfg.Octaves > 0 || cfg.Chebyshev > 0 {
		f := fourier(cfg.Octaves)
		if cfg.Chebyshev > 0 {
			f = chebyshev(cfg.Chebyshev)
		}
		n.f, in = &f, product(in, f.n)
	}
	b := newBuilder(&n.base, g, c)
	for i, out := range append(append([]int(nil), cfg.Hidden...), cfg.Outputs) {
		if err := b.fits(in, out); err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		if i < len(cfg.Hidden) && !(i == 0 && cfg.Chebyshev > 0) {
			if err := b.activation(out); err != nil {
				return nil, err
			}
		}
		l, err := b.linear(fmt.Sprintf("%s.%d", c.Name, i), in, out)
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		n.layers = append(n.layers, l)
		in = out
	}
	return n, nil
}

// Forward returns the values, of shape (batch, outputs), for the coordinates x of shape
// (batch, inputs).
func (n *Coord) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := n.forward(x)
	if err != nil {
		return nil, fmt.Errorf("models: Coord.Forward: %w", err)
	}
	return y, nil
}

func (n *Coord) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	if len(n.layers) == 0 {
		return nil, fmt.Errorf("the network was not made by NewCoord")
	}
	if err := checkInput(x, n.dt, n.inputs); err != nil {
		return nil, err
	}
	n.pre = nil
	var err error
	if n.f != nil {
		if x, err = n.f.apply(x); err != nil {
			return nil, err
		}
	}
	plain := len(n.layers) - 1 - len(n.activations) // first layers without an activation
	for i, l := range n.layers {
		if x, err = l.forward(x); err == nil && i >= plain && i < len(n.layers)-1 {
			x, err = n.activate(x)
		}
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
	}
	return x, nil
}
