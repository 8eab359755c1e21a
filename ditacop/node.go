package ditacop

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// floatDtype returns x's dtype, or an error that says what x is if that is no node of
// float numbers. It asks nothing of the node that would panic.
func floatDtype(what string, x *gorgonia.Node) (tensor.Dtype, error) {
	if x == nil {
		return tensor.Dtype{}, fmt.Errorf("%s is nil", what)
	}
	dims := 0
	var dt tensor.Dtype
	switch t := x.Type().(type) {
	case tensor.Dtype:
		dt = t
	case gorgonia.TensorType:
		dims = t.Dims
		dt, _ = t.Of.(tensor.Dtype)
	default:
		return dt, fmt.Errorf("%s %q has no dtype, want Float32 or Float64", what, nodeName(x))
	}
	if !isFloat(dt) {
		return dt, fmt.Errorf("%s %q has dtype %v, want Float32 or Float64", what, nodeName(x), dtypeName(dt))
	}
	if x.Graph() == nil {
		return dt, fmt.Errorf("%s %q is in no graph", what, nodeName(x))
	}
	if len(x.Shape()) == 0 && dims > 0 {
		return dt, fmt.Errorf("%s %q has no shape: make it with gorgonia.WithShape", what, nodeName(x))
	}
	return dt, nil
}

// noName is how Gorgonia names an input that was not given a name.
const noName = "%!s(<nil>)()"

// nodeName returns the name of the node, "" if it has none.
func nodeName(n *gorgonia.Node) string {
	if name := n.Name(); name != noName {
		return name
	}
	return ""
}
