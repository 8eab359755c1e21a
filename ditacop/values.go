package ditacop

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

type float interface{ float32 | float64 }

// elements returns the numbers of v in row-major order: its own memory where it
// lies so, else a copy. A scalar has one element.
func elements[T float](v gorgonia.Value) ([]T, error) {
	switch t := v.(type) {
	case *gorgonia.F32:
		return []T{T(*t)}, nil
	case *gorgonia.F64:
		return []T{T(*t)}, nil
	case tensor.Tensor:
		if t.DataOrder().IsColMajor() || t.RequiresIterator() {
			return iterated[T](t)
		}
		switch data := t.Data().(type) {
		case []T:
			return data, nil
		case T: // a tensor of rank 0
			return []T{data}, nil
		}
	}
	return nil, fmt.Errorf("%T of dtype %v does not hold %T", v, v.Dtype(), *new(T))
}

// iterated copies the elements of a view or a transposed or column-major tensor.
func iterated[T float](t tensor.Tensor) ([]T, error) {
	d, ok := t.(*tensor.Dense)
	if !ok {
		return nil, fmt.Errorf("tensor is a %T, want a *tensor.Dense", t)
	}
	data, ok := d.Data().([]T)
	if !ok {
		return nil, fmt.Errorf("tensor has dtype %v, want %T", d.Dtype(), *new(T))
	}
	out := make([]T, 0, d.Shape().TotalSize())
	shape, strides := d.Shape(), d.Strides()
	index := make([]int, len(shape))
	for len(out) < cap(out) {
		at := 0
		for k, i := range index {
			at += i * strides[k]
		}
		out = append(out, data[at])
		for k := len(index) - 1; k >= 0; k-- {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
	}
	return out, nil
}

// float64sOf returns a float64 copy of the numbers of v.
func float64sOf(v gorgonia.Value) ([]float64, error) {
	if v == nil {
		return nil, fmt.Errorf("no value")
	}
	if v.Dtype() == tensor.Float64 {
		x, err := elements[float64](v)
		return append([]float64(nil), x...), err
	}
	x, err := elements[float32](v)
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out, err
}

// denseOf returns a tensor of the given dtype and shape with the given numbers.
func denseOf(dt tensor.Dtype, shape tensor.Shape, x []float64) *tensor.Dense {
	var backing any = append([]float64(nil), x...)
	if dt == tensor.Float32 {
		backing = convert[float32](x)
	}
	return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(backing))
}

func convert[T float](x []float64) []T {
	out := make([]T, len(x))
	for i, e := range x {
		out[i] = T(e)
	}
	return out
}

// newValue returns a value of the shape for an op to fill: a scalar value for
// the scalar shape, as Gorgonia's machines expect, else a dense tensor.
func newValue(dt tensor.Dtype, shape tensor.Shape) gorgonia.Value {
	if shape.IsScalar() {
		if dt == tensor.Float32 {
			return gorgonia.NewF32(0)
		}
		return gorgonia.NewF64(0)
	}
	return tensor.New(tensor.Of(dt), tensor.WithShape(shape.Clone()...))
}

// store copies x to the value v, which holds as many elements.
func store[T float](v gorgonia.Value, x []T) error {
	switch t := v.(type) {
	case *gorgonia.F32:
		*t = gorgonia.F32(x[0])
		return nil
	case *gorgonia.F64:
		*t = gorgonia.F64(x[0])
		return nil
	}
	dst, err := elements[T](v)
	if err == nil && len(dst) == len(x) {
		copy(dst, x)
	}
	return err
}

// accumulate adds x to the value v, element by element.
func accumulate[T float](v gorgonia.Value, x []T) error {
	switch t := v.(type) {
	case *gorgonia.F32:
		*t += gorgonia.F32(x[0])
		return nil
	case *gorgonia.F64:
		*t += gorgonia.F64(x[0])
		return nil
	}
	dst, err := elements[T](v)
	if err != nil {
		return err
	}
	if len(dst) != len(x) {
		return fmt.Errorf("gradient has %d elements, its value %d", len(x), len(dst))
	}
	for i, e := range x {
		dst[i] += e
	}
	return nil
}
