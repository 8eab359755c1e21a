package values

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Float is a type of numbers that a value may hold.
type Float interface{ float32 | float64 }

// Direct returns the memory of v, and true, where it holds the numbers of v in
// row-major order: writing to it changes v.
func Direct[T Float](v gorgonia.Value) ([]T, bool) {
	data, err := memory[T](v)
	if err != nil {
		return nil, false
	}
	if t, ok := v.(*tensor.Dense); ok && !rowMajor(t, len(data)) {
		return nil, false
	}
	return data, true
}

// Elements returns the numbers of v in row-major order: its own memory where
// Direct does, else a copy. Do not write to it.
func Elements[T Float](v gorgonia.Value) ([]T, error) {
	if data, ok := Direct[T](v); ok {
		return data, nil
	}
	data, err := memory[T](v)
	if err != nil {
		return nil, err
	}
	offsets := offsets(v.(*tensor.Dense))
	out := make([]T, len(offsets))
	for i, at := range offsets {
		out[i] = data[at]
	}
	return out, nil
}

// Store sets the numbers of v to x, which must be as many.
func Store[T Float](v gorgonia.Value, x []T) error {
	return update(v, x, func(dst *T, e T) { *dst = e })
}

// Accumulate adds x to the numbers of v, which must be as many.
func Accumulate[T Float](v gorgonia.Value, x []T) error {
	return update(v, x, func(dst *T, e T) { *dst += e })
}

func update[T Float](v gorgonia.Value, x []T, set func(dst *T, e T)) error {
	data, err := memory[T](v)
	if err != nil {
		return err
	}
	if dst, ok := Direct[T](v); ok {
		if len(dst) != len(x) {
			return fmt.Errorf("%d numbers for a value of shape %v", len(x), v.Shape())
		}
		for i, e := range x {
			set(&dst[i], e)
		}
		return nil
	}
	offsets := offsets(v.(*tensor.Dense))
	if len(offsets) != len(x) {
		return fmt.Errorf("%d numbers for a value of shape %v", len(x), v.Shape())
	}
	for i, at := range offsets {
		set(&data[at], x[i])
	}
	return nil
}

// memory returns the memory that holds the numbers of v, in whatever order and
// for a view with the numbers in between.
func memory[T Float](v gorgonia.Value) ([]T, error) {
	var data any
	switch t := v.(type) {
	case nil:
		return nil, errors.New("no value")
	case *gorgonia.F32:
		data = unsafe.Slice((*float32)(t), 1)
	case *gorgonia.F64:
		data = unsafe.Slice((*float64)(t), 1)
	case *tensor.Dense: // not by Data, which is no slice for rank 0
		switch t.Dtype() {
		case tensor.Float32:
			data = t.Float32s()
		case tensor.Float64:
			data = t.Float64s()
		}
	}
	if s, ok := data.([]T); ok {
		return s, nil
	}
	return nil, fmt.Errorf("a %T of dtype %v does not hold %T", v, v.Dtype(), *new(T))
}

// rowMajor reports whether t lies in row-major order in memory of the given
// length. It looks at the strides because the tensor's own flags miss some cases,
// as a slice of a transposed tensor.
func rowMajor(t *tensor.Dense, length int) bool {
	shape, strides := t.Shape(), t.Strides()
	if length != shape.TotalSize() {
		return false
	}
	if len(strides) != len(shape) {
		return true // see offsets
	}
	want := 1
	for k := len(shape) - 1; k >= 0; k-- {
		if shape[k] != 1 && strides[k] != want {
			return false
		}
		want *= shape[k]
	}
	return true
}

// offsets returns where the numbers of t lie in its memory, in row-major order.
func offsets(t *tensor.Dense) []int {
	shape, strides := t.Shape(), t.Strides()
	out := make([]int, shape.TotalSize())
	if len(strides) != len(shape) {
		// A vector in column-major order, for which package tensor gives one stride or
		// none whatever its rank. It is contiguous.
		for i := range out {
			out[i] = i
		}
		return out
	}
	for i := range out {
		rest := i
		for k := len(shape) - 1; k >= 0; k-- {
			out[i] += rest % shape[k] * strides[k]
			rest /= shape[k]
		}
	}
	return out
}

// New returns a value of zeros for an op to fill: a scalar value for the scalar
// shape, as Gorgonia's machines expect, else a dense tensor. The dtype is float32
// or float64.
func New(dt tensor.Dtype, shape tensor.Shape) gorgonia.Value {
	if !shape.IsScalar() {
		return tensor.New(tensor.Of(dt), tensor.WithShape(shape.Clone()...))
	}
	if dt == tensor.Float32 {
		return gorgonia.NewF32(0)
	}
	return gorgonia.NewF64(0)
}

// Dense returns a tensor of the dtype, float32 or float64, and shape that holds a
// copy of x, which must have as many numbers as the shape.
func Dense(dt tensor.Dtype, shape tensor.Shape, x []float64) *tensor.Dense {
	var backing any
	if dt == tensor.Float32 {
		backing = Convert[float32](x)
	} else {
		backing = Convert[float64](x)
	}
	return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(backing))
}

// Convert returns a copy of x as numbers of type T.
func Convert[T Float](x []float64) []T {
	out := make([]T, len(x))
	for i, e := range x {
		out[i] = T(e)
	}
	return out
}

// Float64s returns a copy of the numbers of v as float64.
func Float64s(v gorgonia.Value) ([]float64, error) {
	if v == nil {
		return nil, errors.New("no value")
	}
	if v.Dtype() != tensor.Float32 {
		x, err := Elements[float64](v)
		return append([]float64(nil), x...), err
	}
	x, err := Elements[float32](v)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out, nil
}

// AddGradient adds the gradient g to that of the node n, in place: what the
// DoDiff method of an op has to do for each input. A node without a gradient is
// left alone.
func AddGradient(n *gorgonia.Node, g gorgonia.Value) error {
	sum, err := n.Grad()
	if err != nil || sum == nil {
		return err
	}
	if g.Dtype() == tensor.Float32 {
		return addTo[float32](sum, g)
	}
	return addTo[float64](sum, g)
}

func addTo[T Float](sum, g gorgonia.Value) error {
	x, err := Elements[T](g)
	if err != nil {
		return err
	}
	if err := Accumulate(sum, x); err != nil {
		return fmt.Errorf("gradient: %w", err)
	}
	return nil
}
