package ditacop

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/internal/values"
)

// Short names of helpers that are used all over the package.
var (
	denseOf    = values.Dense
	float64sOf = values.Float64s
	isFloat    = values.IsFloat
	dtypeName  = values.DtypeName
)

// appendFloat64s appends the numbers of v to dst.
func appendFloat64s(dst []float64, v gorgonia.Value) ([]float64, error) {
	if v != nil && v.Dtype() == tensor.Float32 {
		x, err := values.Elements[float32](v)
		for _, e := range x {
			dst = append(dst, float64(e))
		}
		return dst, err
	}
	x, err := values.Elements[float64](v)
	return append(dst, x...), err
}
