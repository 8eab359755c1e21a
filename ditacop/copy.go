package ditacop

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// CopyLearnables gives the nodes of the graph dst the values of the learnables, which
// are nodes of another graph: each to the variable of the same name. With it a network
// that was trained goes to a graph for another batch size. A θ that is not brought there
// is 0, and its activation silently GELU.
//
// It reports a learnable that dst lacks or has twice, one of another dtype or shape, and
// a θ whose activation there has another variant, domain, basis and so on (see Load).
// On error nothing has changed.
func CopyLearnables(dst *gorgonia.ExprGraph, learnables gorgonia.Nodes) error {
	if err := copyLearnables(dst, learnables); err != nil {
		return fmt.Errorf("ditacop: CopyLearnables: %w", err)
	}
	return nil
}

func copyLearnables(dst *gorgonia.ExprGraph, learnables gorgonia.Nodes) error {
	if dst == nil {
		return fmt.Errorf("dst is nil")
	}
	from, err := inspect(learnables)
	if err != nil {
		return err
	}
	nodes, err := namesakes(dst, from)
	if err != nil {
		return err
	}
	to, err := inspect(nodes)
	if err != nil {
		return fmt.Errorf("in dst: %w", err)
	}
	s, err := take("in its own graph", from)
	if err != nil {
		return err
	}
	found, _, _, err := s.match(to)
	if err != nil {
		return err
	}
	return setAll(to, found)
}

// namesakes returns the variables of g that have the names of the learnables.
func namesakes(g *gorgonia.ExprGraph, ls []learnable) (gorgonia.Nodes, error) {
	byName := map[string]gorgonia.Nodes{}
	for _, n := range g.AllNodes() {
		if n.IsVar() {
			byName[nodeName(n)] = append(byName[nodeName(n)], n)
		}
	}
	nodes := make(gorgonia.Nodes, len(ls))
	for i, l := range ls {
		name := nodeName(l.node)
		switch same := byName[name]; len(same) {
		case 0:
			return nil, fmt.Errorf("dst has no variable %q", name)
		case 1:
			nodes[i] = same[0]
		default:
			return nil, fmt.Errorf("dst has %d variables %q", len(same), name)
		}
	}
	return nodes, nil
}
