package models

import (
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Short names of helpers that are used all over the package.
var (
	isFloat   = values.IsFloat
	dtypeName = values.DtypeName
)

// unnamed is what Gorgonia calls an input without a name: %!s(<nil>)().
var unnamed = (&gorgonia.Node{}).Name()

// describe is n.String for a node that may have no name or type, of which that
// makes no sense or panics.
func describe(n *gorgonia.Node) string {
	if _, _, err := typeOf(n); err != nil {
		return "a node that " + err.Error()
	}
	if n.Op() == nil && n.Name() == unnamed {
		return fmt.Sprintf("a node without a name of type %v", n.Type())
	}
	return n.String()
}

// typeOf returns the dtype and the number of axes of a node, or an error if it has
// none.
func typeOf(n *gorgonia.Node) (dt tensor.Dtype, dims int, err error) {
	var elem any = n.Type()
	if t, ok := n.Type().(gorgonia.TensorType); ok {
		elem, dims = t.Of, t.Dims
	}
	dt, ok := elem.(tensor.Dtype)
	if !ok || dt.Type == nil {
		return dt, dims, fmt.Errorf("has no dtype")
	}
	return dt, dims, nil
}

// checkNode reports a node that is no tensor of floats whose shape is known.
func checkNode(n *gorgonia.Node) error {
	if n == nil {
		return fmt.Errorf("is nil")
	}
	if n.Graph() == nil {
		return fmt.Errorf("is in no graph")
	}
	dt, dims, err := typeOf(n)
	if err != nil {
		return err
	}
	if !isFloat(dt) {
		return fmt.Errorf("has dtype %v, want float32 or float64", dt)
	}
	shape := n.Shape()
	if len(shape) != dims {
		return fmt.Errorf("has shape %v, but %d axes: was it made without gorgonia.WithShape?", shape, dims)
	}
	for _, s := range shape {
		if s < 1 {
			return fmt.Errorf("has shape %v, want at least 1 along each axis", shape)
		}
	}
	return nil
}

// checkInput reports an input x of a network that is not of the dtype and the
// shape (batch, want...).
func checkInput(x *gorgonia.Node, dt tensor.Dtype, want ...int) error {
	if err := checkNode(x); err != nil {
		return fmt.Errorf("x %w", err)
	}
	if s := x.Shape(); len(s) != len(want)+1 || !slices.Equal(s[1:], want) || x.Dtype() != dt {
		names := "(batch"
		for _, w := range want {
			names += fmt.Sprintf(", %d", w)
		}
		return fmt.Errorf("x is %v of shape %v, want %v of shape %s)", x.Dtype(), s, dt, names)
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// maxElements is the most numbers of a tensor: 8 GiB of float32.
const maxElements = 1 << 31

// checkElements reports the shape of a result that no memory holds, before it is made: a factor
// or a padding that was mistyped is better named than run out of memory with.
func checkElements(shape tensor.Shape) (tensor.Shape, error) {
	n := 1
	for _, s := range shape {
		if s > 0 && n > maxElements/s {
			return nil, fmt.Errorf("the result would be of shape %v, more than %d numbers", shape, maxElements)
		}
		n *= s
	}
	return shape, nil
}
