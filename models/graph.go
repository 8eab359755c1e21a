package models

import (
	"gonum.org/v1/gonum/graph"
	"gorgonia.org/gorgonia"
)

// childrenOf returns the nodes of which n is computed, in the order of its op's
// inputs.
func childrenOf(n *gorgonia.Node) gorgonia.Nodes {
	it := n.Graph().From(n.ID())
	if it == nil {
		return nil
	}
	var children gorgonia.Nodes
	for _, c := range graph.NodesOf(it) {
		children = append(children, c.(*gorgonia.Node))
	}
	return children
}

// reach returns y and all nodes of which it is computed; it does not look behind
// the node stop, if that is not nil.
func reach(y, stop *gorgonia.Node) map[*gorgonia.Node]bool {
	seen := map[*gorgonia.Node]bool{y: true}
	for todo := (gorgonia.Nodes{y}); len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if n == stop {
			continue
		}
		for _, c := range childrenOf(n) {
			if !seen[c] {
				seen[c] = true
				todo = append(todo, c)
			}
		}
	}
	return seen
}

func setOf(nodes gorgonia.Nodes) map[*gorgonia.Node]bool {
	set := make(map[*gorgonia.Node]bool, len(nodes))
	for _, n := range nodes {
		set[n] = true
	}
	return set
}
