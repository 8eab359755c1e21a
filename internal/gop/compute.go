package gop

import (
	"slices"

	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Compute computes an op's result from its inputs, which are as many as the op has and
// of the right dtype. It writes all numbers of out, to the memory that values.Direct
// gives: that holds anything before, and may be that of an input of the same shape.
// out has the shape that the op's Shape gives for the inputs.
type Compute func(out gorgonia.Value, in []gorgonia.Value) error

// Call is what a function of Numbers gets.
type Call[T values.Float] struct {
	// Out is the memory of the result.
	Out []T
	// In are the numbers of the inputs in row-major order, not to be written to.
	In [][]T
	// Values are the inputs, for their shapes.
	Values []gorgonia.Value
}

// Numbers returns a Compute that calls the function for the inputs' dtype with their
// numbers, wherever these lie. The two are mostly one generic function.
func Numbers(f32 func(Call[float32]) error, f64 func(Call[float64]) error) Compute {
	return func(out gorgonia.Value, in []gorgonia.Value) error {
		if out.Dtype() == tensor.Float32 {
			return call(f32, out, in)
		}
		return call(f64, out, in)
	}
}

func call[T values.Float](f func(Call[T]) error, out gorgonia.Value, in []gorgonia.Value) error {
	c := Call[T]{In: make([][]T, len(in)), Values: in}
	for i, v := range in {
		var err error
		if c.In[i], err = values.Elements[T](v); err != nil {
			return err
		}
	}
	c.Out, _ = values.Direct[T](out)
	return f(c)
}

// Float64s returns a Compute that computes in float64 for both dtypes: for ops of few
// numbers.
func Float64s(f func(out []float64, in [][]float64) error) Compute {
	return func(out gorgonia.Value, in []gorgonia.Value) error {
		xs := make([][]float64, len(in))
		for i, v := range in {
			var err error
			if xs[i], err = values.Float64s(v); err != nil {
				return err
			}
		}
		y := make([]float64, out.Shape().TotalSize())
		if err := f(y, xs); err != nil {
			return err
		}
		if out.Dtype() == tensor.Float32 {
			return values.Store(out, values.Convert[float32](y))
		}
		return values.Store(out, y)
	}
}

// fits reports whether a result of the dtype and shape can be written straight to the
// memory of out.
func fits(out gorgonia.Value, dt tensor.Dtype, shape tensor.Shape) bool {
	if out == nil || out.Dtype() != dt || !slices.Equal(out.Shape(), shape) {
		return false
	}
	var direct bool
	if dt == tensor.Float32 {
		_, direct = values.Direct[float32](out)
	} else {
		_, direct = values.Direct[float64](out)
	}
	return direct
}
