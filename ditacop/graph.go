package ditacop

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// Activations returns the activations that are applied in the graph g, in the
// order in which they were first applied.
func Activations(g *gorgonia.ExprGraph) []*Activation {
	if g == nil {
		return nil
	}
	var acts []*Activation
	seen := map[*Activation]bool{}
	for _, n := range g.AllNodes() {
		if o, ok := n.Op().(*op); ok && !seen[o.act] {
			seen[o.act] = true
			acts = append(acts, o.act)
		}
	}
	return acts
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
