package models

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

type float interface{ float32 | float64 }

// plain returns the memory of a tensor that lies in row-major order.
func plain[T float](v gorgonia.Value) ([]T, bool) {
	t, ok := v.(*tensor.Dense)
	if !ok || t.DataOrder().IsColMajor() || t.RequiresIterator() {
		return nil, false
	}
	data, ok := t.Data().([]T)
	return data, ok
}

// elements returns the numbers of v in row-major order: its own memory where it
// lies so, else a copy. A scalar has one element.
func elements[T float](v gorgonia.Value) ([]T, error) {
	if data, ok := plain[T](v); ok {
		return data, nil
	}
	switch data := v.Data().(type) {
	case T:
		return []T{data}, nil
	case []T:
		if t, ok := v.(*tensor.Dense); ok {
			out := make([]T, t.Shape().TotalSize())
			for i, at := range offsets(t) {
				out[i] = data[at]
			}
			return out, nil
		}
	}
	return nil, fmt.Errorf("a %T of dtype %v does not hold %T", v, v.Dtype(), *new(T))
}

// offsets returns where the elements of a tensor of any layout lie in its data,
// in row-major order.
func offsets(t *tensor.Dense) []int {
	shape, strides := t.Shape(), t.Strides()
	out := make([]int, shape.TotalSize())
	for i := range out {
		for k, rest := len(shape)-1, i; k >= 0; k-- {
			out[i] += rest % shape[k] * strides[k]
			rest /= shape[k]
		}
	}
	return out
}

// accumulate adds x to the elements of v.
func accumulate[T float](v gorgonia.Value, x []T) error {
	if v.Size() != len(x) && !(v.Shape().IsScalar() && len(x) == 1) {
		return fmt.Errorf("%d gradients for a value of shape %v", len(x), v.Shape())
	}
	if dst, ok := plain[T](v); ok {
		for i, e := range x {
			dst[i] += e
		}
		return nil
	}
	switch s := v.(type) {
	case *gorgonia.F32:
		*s += gorgonia.F32(x[0])
		return nil
	case *gorgonia.F64:
		*s += gorgonia.F64(x[0])
		return nil
	case *tensor.Dense:
		switch data := s.Data().(type) {
		case T: // rank 0
			return s.SetAt(data + x[0])
		case []T:
			for i, at := range offsets(s) {
				data[at] += x[i]
			}
			return nil
		}
	}
	return fmt.Errorf("a %T of dtype %v does not hold %T", v, v.Dtype(), *new(T))
}

// newValue returns a value to fill: a scalar value for the scalar shape, as
// Gorgonia's machines expect, else a dense tensor.
func newValue(dt tensor.Dtype, shape tensor.Shape) gorgonia.Value {
	if shape.IsScalar() {
		if dt == tensor.Float32 {
			return gorgonia.NewF32(0)
		}
		return gorgonia.NewF64(0)
	}
	return tensor.New(tensor.Of(dt), tensor.WithShape(shape.Clone()...))
}

// newLearnable returns an input node that holds the numbers x. It refuses a name
// that the graph has already, because Gorgonia would merge the two nodes.
func newLearnable(g *gorgonia.ExprGraph, dt tensor.Dtype, shape tensor.Shape, name string, x []float64) (*gorgonia.Node, error) {
	if g == nil {
		return nil, fmt.Errorf("models: learnable %q: nil graph", name)
	}
	if dt != tensor.Float32 && dt != tensor.Float64 {
		return nil, fmt.Errorf("models: learnable %q: dtype %v, want float32 or float64", name, dt)
	}
	if len(g.ByName(name)) > 0 {
		return nil, fmt.Errorf("models: the graph already has a node named %q: choose another name for one of the two networks", name)
	}
	v := tensor.New(tensor.Of(dt), tensor.WithShape(shape.Clone()...))
	for i, e := range x {
		if dt == tensor.Float32 {
			v.Set(i, float32(e))
		} else {
			v.Set(i, e)
		}
	}
	return gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name), gorgonia.WithValue(v)), nil
}

// CopyValues sets each node of dst to the numbers of the node of src at the same
// place: the way to give a second network, of another batch size, the trained
// weights. The nodes must be inputs with values, equal in shape and dtype.
func CopyValues(dst, src gorgonia.Nodes) error {
	if len(dst) != len(src) {
		return fmt.Errorf("models: CopyValues: %d nodes in dst, %d in src", len(dst), len(src))
	}
	for i, d := range dst {
		s := src[i]
		if d == nil || s == nil || d.Value() == nil || s.Value() == nil {
			return fmt.Errorf("models: CopyValues: node %d is nil or has no value", i)
		}
		if !d.Shape().Eq(s.Shape()) || d.Dtype() != s.Dtype() {
			return fmt.Errorf("models: CopyValues: node %d: %v of shape %v in dst, %v of shape %v in src", i, d.Dtype(), d.Shape(), s.Dtype(), s.Shape())
		}
		if _, err := gorgonia.Copy(d.Value(), s.Value()); err != nil {
			return fmt.Errorf("models: CopyValues: node %d: %w", i, err)
		}
	}
	return nil
}
