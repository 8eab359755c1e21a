package models

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Activation is an activation function in a graph, with or without parameters
// that are learned. A ditacop.Activation is one.
type Activation interface {
	// Apply returns the node of the activation of x, which has x's shape.
	Apply(x *gorgonia.Node) (*gorgonia.Node, error)
	// Learnables returns the activation's parameters: none for a fixed function.
	Learnables() gorgonia.Nodes
}

// Place is the place in a network that an activation is made for.
type Place struct {
	// Graph is the network's graph. Learnables of the activation are nodes of it.
	Graph *gorgonia.ExprGraph
	// Dtype is the network's, tensor.Float32 or tensor.Float64.
	Dtype tensor.Dtype
	// Name is that of the place and unique in the graph. Names of learnables have to
	// begin with it, because Gorgonia silently merges learnables of equal name and
	// shape.
	Name string
	// Channels is the number of channels, or of units of a fully connected layer, that
	// the activation sees.
	Channels int
	// Axis is the axis of x along which the channels lie: 1 in the networks of this
	// package, whose axis 0 is the batch.
	Axis int
	// First says that the activation is the network's first.
	First bool
	// Seed is the network's, for activations that start with random numbers. Those of
	// two places ought to differ: see also Name.
	Seed uint64
}

// check reports a place in which no activation with parameters can be made.
func (p Place) check() error {
	if p.Graph == nil {
		return fmt.Errorf("models: place %q: nil graph", p.Name)
	}
	if !isFloat(p.Dtype) {
		return fmt.Errorf("models: place %q: dtype %s, want float32 or float64", p.Name, dtypeName(p.Dtype))
	}
	return nil
}

// Maker makes the activation for one place in a network.
type Maker func(p Place) (Activation, error)

// Initializer is an Activation that wants initial weights of its own, as the sine of
// SIREN does. A network asks it, where the network's documentation says so.
type Initializer interface {
	// InitBound returns the half-width of the uniform distribution around 0 of the weights
	// of the layer before the activation, whose units have the given number of inputs;
	// first says whether that is the network's first layer. 0 leaves it to the network.
	// The output layer, behind the last activation, is asked for as one that is not first.
	InitBound(in int, first bool) float64
}

// initBound returns the half-width of the initial weights: what the activation wants,
// else 1/√in as PyTorch has it.
func initBound(a Activation, in int, first bool) float64 {
	if i, ok := a.(Initializer); ok {
		if b := i.InitBound(in, first); b > 0 {
			return b
		}
	}
	return 1 / math.Sqrt(float64(in))
}

// learnablesOf returns the learnables of activations, each once: a Maker may share
// one activation among layers.
func learnablesOf(activations []Activation) gorgonia.Nodes {
	var nodes gorgonia.Nodes
	seen := map[*gorgonia.Node]bool{}
	for _, a := range activations {
		for _, n := range a.Learnables() {
			if !seen[n] {
				seen[n] = true
				nodes = append(nodes, n)
			}
		}
	}
	return nodes
}
