package ditacop

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"gorgonia.org/gorgonia"
)

// Activations returns the activations that are applied in the graph g, in the
// order in which they were first applied.
//
// For a clone of a graph (its method Clone) they are activations of their own,
// whose θ is the clone's node: train, evaluate, apply and save them as those of
// the original, also at the same time in other goroutines. Each call makes them
// anew.
func Activations(g *gorgonia.ExprGraph) []*Activation {
	if g == nil {
		return nil
	}
	var acts []*Activation
	seen := map[*gorgonia.Node]bool{}
	for _, n := range g.AllNodes() {
		a := ownerOf(n)
		if a == nil {
			continue
		}
		theta := a.thetaIn(g, n)
		if theta == nil || seen[theta] {
			continue
		}
		seen[theta] = true
		if theta == a.theta {
			acts = append(acts, a)
		} else {
			acts = append(acts, &Activation{spec: a.spec, theta: theta, onDevice: newDeviceForm(a.spec)})
		}
	}
	return acts
}

// ownerOf returns the activation, nil if there is none, whose op the node n has: the
// forward pass or one of its gradients.
func ownerOf(n *gorgonia.Node) *Activation {
	o := gop.Of(n.Op())
	if o == nil {
		return nil
	}
	a, _ := o.Owner.(*Activation)
	return a
}

// thetaIn returns the θ that the node n of g, which has an op of the activation, works
// on. A clone of a graph shares the ops with the original and has other nodes.
func (a *Activation) thetaIn(g *gorgonia.ExprGraph, n *gorgonia.Node) *gorgonia.Node {
	if n.Graph() == a.theta.Graph() {
		return a.theta
	}
	inputs := g.From(n.ID())
	if inputs == nil || !inputs.Next() || !inputs.Next() { // x, θ
		return nil
	}
	theta, _ := inputs.Node().(*gorgonia.Node)
	return theta
}

// Learnables returns the θ of all activations that are applied in the graph g.
// Append them to the nodes that you differentiate and train.
func Learnables(g *gorgonia.ExprGraph) gorgonia.Nodes {
	var nodes gorgonia.Nodes
	for _, a := range Activations(g) {
		nodes = append(nodes, a.theta)
	}
	return nodes
}

// Penalty returns the sum of the penalties of all activations that are applied
// in the graph g, a scalar node to add to the cost. It reports a graph that has
// no activation.
func Penalty(g *gorgonia.ExprGraph) (*gorgonia.Node, error) {
	acts := Activations(g)
	if len(acts) == 0 {
		return nil, fmt.Errorf("ditacop: Penalty: the graph has no DiTAC activation")
	}
	var sum *gorgonia.Node
	for _, a := range acts {
		p, err := a.Penalty()
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum = p
		} else if sum, err = gorgonia.Add(sum, p); err != nil {
			return nil, fmt.Errorf("ditacop: Penalty: %w", err)
		}
	}
	return sum, nil
}
