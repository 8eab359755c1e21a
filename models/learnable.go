package models

import (
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// newLearnable returns an input node that holds the numbers x. It refuses a name
// that the graph has already, because Gorgonia would merge the two nodes.
func newLearnable(g *gorgonia.ExprGraph, dt tensor.Dtype, shape tensor.Shape, name string, x []float64) (*gorgonia.Node, error) {
	if g == nil {
		return nil, fmt.Errorf("models: learnable %q: nil graph", name)
	}
	if !isFloat(dt) {
		return nil, fmt.Errorf("models: learnable %q: dtype %s, want float32 or float64", name, dtypeName(dt))
	}
	if len(g.ByName(name)) > 0 {
		return nil, fmt.Errorf("models: the graph already has a node named %q: choose another name for one of the two networks", name)
	}
	return gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithValue(values.Dense(dt, shape, x))), nil
}

// CopyValues sets each node of dst to the numbers of the node of src at the same
// place. It is the way to evaluate a trained network on another batch size, which
// needs a graph of its own: build the network there too, by the same constructor,
// and after its Forward
//
//	err := models.CopyValues(other.Learnables(), trained.Learnables())
//
// Without it the other network has its initial weights and θ. The nodes must be
// inputs with values, equal in shape and dtype; if any is not, an error says which
// and nothing is copied.
func CopyValues(dst, src gorgonia.Nodes) error {
	if len(dst) != len(src) {
		return fmt.Errorf("models: CopyValues: %d nodes in dst, %d in src", len(dst), len(src))
	}
	for i := range dst {
		if err := checkCopy(dst[i], src[i]); err != nil {
			return fmt.Errorf("models: CopyValues: node %d: %w", i, err)
		}
	}
	for i := range dst {
		if err := copyValue(dst[i].Value(), src[i].Value()); err != nil {
			return fmt.Errorf("models: CopyValues: node %d: %w", i, err)
		}
	}
	return nil
}

func checkCopy(dst, src *gorgonia.Node) error {
	for _, n := range []struct {
		name string
		node *gorgonia.Node
	}{{"dst", dst}, {"src", src}} {
		switch {
		case n.node == nil:
			return fmt.Errorf("%s is nil", n.name)
		case !n.node.IsVar():
			return fmt.Errorf("%s in %s is not an input of its graph", describe(n.node), n.name)
		case n.node.Value() == nil:
			return fmt.Errorf("%s in %s has no value", describe(n.node), n.name)
		}
	}
	d, s := dst.Value(), src.Value()
	if !slices.Equal(d.Shape(), s.Shape()) || d.Dtype() != s.Dtype() {
		return fmt.Errorf("%v of shape %v in dst, %v of shape %v in src", d.Dtype(), d.Shape(), s.Dtype(), s.Shape())
	}
	if !isFloat(d.Dtype()) {
		return fmt.Errorf("dtype %v, want float32 or float64", d.Dtype())
	}
	return nil
}

// copyValue copies the numbers of src to dst, of equal dtype and of as many
// elements.
func copyValue(dst, src gorgonia.Value) error {
	if dst.Dtype() == tensor.Float32 {
		return copyNumbers[float32](dst, src)
	}
	return copyNumbers[float64](dst, src)
}

func copyNumbers[T values.Float](dst, src gorgonia.Value) error {
	x, err := values.Elements[T](src)
	if err != nil {
		return err
	}
	return values.Store(dst, x)
}
