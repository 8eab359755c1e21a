package models

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// Network is a network whose activation function is a parameter: an [MLP], a
// [LeNet]. A network of this package embeds base and adds Forward.
type Network interface {
	// Forward returns the node of the output for the input x. It may be called again
	// for another input of the same graph, which then shares all learnables.
	Forward(x *gorgonia.Node) (*gorgonia.Node, error)
	// Weights returns the weights and biases, layer by layer.
	Weights() gorgonia.Nodes
	// ActivationLearnables returns the learnables of the activations, each once. Those
	// of a [Fixed] function that applies DiTAC are there from Forward on.
	ActivationLearnables() gorgonia.Nodes
	// Learnables returns all learnables: Weights, then ActivationLearnables.
	Learnables() gorgonia.Nodes
	// Activations returns the activations, from the input to the output.
	Activations() []Activation
	// PreActivations returns the inputs of the Activations in the last Forward. Use
	// gorgonia.Read on them, before the machine is made, to get their values: Gorgonia
	// reuses the memory of inner nodes.
	PreActivations() gorgonia.Nodes
	// NumParams returns the number of learned numbers, those of Learnables.
	NumParams() int
}

// base is what networks share: all of Network but Forward.
type base struct {
	weights     gorgonia.Nodes
	activations []Activation
	pre         gorgonia.Nodes
}

// add makes the activation for a place.
func (b *base) add(m Maker, p Place) error {
	a, err := m(p)
	if err != nil {
		return err
	}
	if a == nil {
		return fmt.Errorf("the Maker made nil")
	}
	b.activations = append(b.activations, a)
	return nil
}

// activate applies the next of the activations; Forward begins with pre = nil.
func (b *base) activate(x *gorgonia.Node) (*gorgonia.Node, error) {
	a := b.activations[len(b.pre)]
	b.pre = append(b.pre, x)
	return a.Apply(x)
}

// Weights returns the weights and biases, layer by layer.
func (b *base) Weights() gorgonia.Nodes { return append(gorgonia.Nodes(nil), b.weights...) }

// ActivationLearnables returns the learnables of the activations, each once. Those
// of a [Fixed] function that applies DiTAC are there from Forward on.
func (b *base) ActivationLearnables() gorgonia.Nodes { return learnablesOf(b.activations) }

// Learnables returns all learnables: Weights, then ActivationLearnables.
func (b *base) Learnables() gorgonia.Nodes { return append(b.Weights(), b.ActivationLearnables()...) }

// Activations returns the activations, from the input to the output.
func (b *base) Activations() []Activation { return append([]Activation(nil), b.activations...) }

// PreActivations returns the inputs of the activations, with the units or channels
// along axis 1, of the last Forward. Use gorgonia.Read on them, before the machine
// is made, to get their values: Gorgonia reuses the memory of inner nodes.
func (b *base) PreActivations() gorgonia.Nodes { return append(gorgonia.Nodes(nil), b.pre...) }

// NumParams returns the number of learned numbers, those of Learnables.
func (b *base) NumParams() int {
	n := 0
	for _, l := range b.Learnables() {
		n += l.Shape().TotalSize()
	}
	return n
}

// maxParams is the largest number of weights and biases of a network: 1 GiB of
// float32. Beyond, a wrong number would exhaust the memory before it is noticed.
const maxParams = 1 << 28

// product returns the product of positive factors, or maxParams + 1 if it is
// greater than maxParams.
func product(factors ...int) int {
	p := 1
	for _, f := range factors {
		if f > maxParams/p {
			return maxParams + 1
		}
		p *= f
	}
	return p
}
