package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"gorgonia.org/gorgonia"
)

// namedNode is an argument of a function on nodes and the number of axes that it has to
// have.
type namedNode struct {
	name string
	node *gorgonia.Node
	dims int
}

// apply returns the node of the op that make returns for nodes of known shapes, of the
// wanted numbers of axes, of one graph and of one dtype.
func apply(nodes []namedNode, make func() (*gop.Op, error)) (*gorgonia.Node, error) {
	in := gorgonia.Nodes{}
	for _, n := range nodes {
		if err := checkNode(n.node); err != nil {
			return nil, fmt.Errorf("%s %w", n.name, err)
		}
		first := nodes[0]
		switch {
		case n.node.Dims() != n.dims:
			return nil, fmt.Errorf("%s has shape %v, want %d axes", n.name, n.node.Shape(), n.dims)
		case n.node.Dtype() != first.node.Dtype():
			return nil, fmt.Errorf("%s has dtype %v, %s %v", n.name, n.node.Dtype(), first.name, first.node.Dtype())
		case n.node.Graph() != first.node.Graph():
			return nil, fmt.Errorf("%s and %s are in different graphs", n.name, first.name)
		}
		in = append(in, n.node)
	}
	op, err := make()
	if err != nil {
		return nil, err
	}
	return op.Apply(in...)
}
