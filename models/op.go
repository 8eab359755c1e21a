package models

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/chewxy/hm"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// tensorType returns Gorgonia's type of a tensor of the given rank.
func tensorType(dims int, elem hm.Type) hm.Type {
	if dims == 0 {
		return elem
	}
	return gorgonia.TensorType{Dims: dims, Of: elem}
}

func hashOf(o gorgonia.Op) uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// checkInputs reports a wrong number of inputs, missing values and mixed dtypes.
func checkInputs(o gorgonia.Op, in []gorgonia.Value) error {
	if len(in) != o.Arity() {
		return fmt.Errorf("models: %v: %d inputs, want %d", o, len(in), o.Arity())
	}
	for i, v := range in {
		if v == nil {
			return fmt.Errorf("models: %v: input %d has no value", o, i)
		}
		if dt := v.Dtype(); dt != in[0].Dtype() || !isFloat(dt) {
			return fmt.Errorf("models: %v: input %d has dtype %v, want float32 or float64 and the same for all", o, i, dt)
		}
	}
	return nil
}

// result returns out, if a result of the dtype and shape can be written straight
// to its memory, else a new value. A nil out is none.
func result(out gorgonia.Value, dt tensor.Dtype, shape tensor.Shape) gorgonia.Value {
	if out == nil || out.Dtype() != dt || !slices.Equal(out.Shape(), shape) {
		return values.New(dt, shape)
	}
	var direct bool
	if dt == tensor.Float32 {
		_, direct = values.Direct[float32](out)
	} else {
		_, direct = values.Direct[float64](out)
	}
	if !direct {
		return values.New(dt, shape)
	}
	return out
}
