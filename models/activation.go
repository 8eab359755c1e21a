package models

import (
	"fmt"

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

// Maker makes the activation for one place in a network of dtype dt. The name is
// that of the place and unique in the graph g; names of learnables have to begin
// with it, because Gorgonia silently merges learnables of equal name and shape.
type Maker func(g *gorgonia.ExprGraph, dt tensor.Dtype, name string) (Activation, error)

// Fixed returns a Maker of activations that apply f and have no parameters.
func Fixed(f func(x *gorgonia.Node) (*gorgonia.Node, error)) Maker {
	return func(_ *gorgonia.ExprGraph, _ tensor.Dtype, name string) (Activation, error) {
		if f == nil {
			return nil, fmt.Errorf("models: Fixed: activation %q has a nil function", name)
		}
		return fixed(f), nil
	}
}

type fixed func(*gorgonia.Node) (*gorgonia.Node, error)

// Apply implements Activation.
func (f fixed) Apply(x *gorgonia.Node) (*gorgonia.Node, error) { return f(x) }

// Learnables implements Activation.
func (f fixed) Learnables() gorgonia.Nodes { return nil }

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
