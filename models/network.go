package models

import (
	"fmt"

	"github.com/ditac-go/ditac/ditacop"
	"gorgonia.org/gorgonia"
)

// Mode says what a network is built for. Networks with dropout or batch
// normalisation compute something else in each; for others the mode is the same.
type Mode int

const (
	// Training drops units at random and normalises by the statistics of the batch.
	Training Mode = iota
	// Evaluation drops nothing and normalises by the running statistics.
	Evaluation
)

// String implements fmt.Stringer.
func (m Mode) String() string {
	switch m {
	case Training:
		return "training"
	case Evaluation:
		return "evaluation"
	}
	return fmt.Sprintf("mode %d", int(m))
}

// check reports a mode that is none.
func (m Mode) check() error {
	if m != Training && m != Evaluation {
		return fmt.Errorf("Mode is %d, want Training or Evaluation", int(m))
	}
	return nil
}

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
	// State returns what training changes without a gradient, as the running statistics
	// of batch normalisation: inputs of the graph with values. Most networks have none.
	State() gorgonia.Nodes
	// Save writes Learnables and State to a file, as [ditacop.Save] does.
	Save(path string) error
	// Load gives Learnables and State the values of a file that Save wrote for a network
	// of the same architecture and Name. On error nothing has changed; see [ditacop.Load].
	Load(path string) error
}

// CopyNetwork gives the learnables and the state of dst the values that those of src
// have. The networks are of one architecture and Name, in different graphs, and have
// had their Forward: this is how a trained network goes to a graph for another batch
// size or mode. What [ditacop.CopyLearnables] reports, as a θ of another activation, is
// an error, and so are different numbers of learnables. On error nothing has changed.
func CopyNetwork(dst, src Network) error {
	if err := copyNetwork(dst, src); err != nil {
		return fmt.Errorf("models: CopyNetwork: %w", err)
	}
	return nil
}

func copyNetwork(dst, src Network) error {
	if dst == nil || src == nil {
		return fmt.Errorf("dst is %v and src %v, want two networks", describeNetwork(dst), describeNetwork(src))
	}
	to, from := valuesOf(dst), valuesOf(src)
	if len(to) != len(from) || len(to) == 0 {
		return fmt.Errorf("%d learnables and values of state in dst, %d in src, want as many and at least 1", len(to), len(from))
	}
	names := map[string]bool{}
	for _, n := range to {
		names[n.Name()] = true
	}
	for _, n := range from {
		if !names[n.Name()] {
			return fmt.Errorf("dst has no %q, which src has", n.Name())
		}
	}
	return ditacop.CopyLearnables(to[0].Graph(), from)
}

func describeNetwork(n Network) string {
	if n == nil {
		return "nil"
	}
	return fmt.Sprintf("a %T", n)
}

// valuesOf returns all nodes that are saved and copied.
func valuesOf(n Network) gorgonia.Nodes { return append(n.Learnables(), n.State()...) }

// base is what networks share: all of Network but Forward.
type base struct {
	weights     gorgonia.Nodes
	state       gorgonia.Nodes
	activations []Activation
	pre         gorgonia.Nodes
}

// add makes the activation for a place; it is the first if none was added before.
func (b *base) add(m Maker, p Place) error {
	p.First = len(b.activations) == 0
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

// lastActivation returns the activation that was added last, nil if there is none.
func (b *base) lastActivation() Activation {
	if len(b.activations) == 0 {
		return nil
	}
	return b.activations[len(b.activations)-1]
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

// State returns what training changes without a gradient, as running statistics:
// inputs of the graph with values. It is empty for a network without such.
func (b *base) State() gorgonia.Nodes { return append(gorgonia.Nodes(nil), b.state...) }

// Save writes Learnables and State to a file, as [ditacop.Save] does. Call it after
// Forward, from which it is known to which activation a θ belongs.
func (b *base) Save(path string) error { return ditacop.Save(path, append(b.Learnables(), b.state...)) }

// Load gives Learnables and State the values of a file that Save wrote for a network of
// the same architecture and Name. On error nothing has changed; see [ditacop.Load].
func (b *base) Load(path string) error { return ditacop.Load(path, append(b.Learnables(), b.state...)) }

// maxParams is the largest number of weights and biases of a network: 1 GiB of
// float32. Beyond, a wrong number would exhaust the memory before it is noticed.
const maxParams = 1 << 28

// maxEnlarging bounds what makes images larger, paddings and factors: no layer of a network
// comes near it, and more is a slip that would take all memory.
const maxEnlarging = 1 << 10

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
