package values

import "gorgonia.org/tensor"

// IsFloat reports whether the functions of this package can read numbers of the dtype:
// float32 or float64.
func IsFloat(dt tensor.Dtype) bool { return dt == tensor.Float32 || dt == tensor.Float64 }

// DtypeName returns the name of a dtype, "none" for the zero Dtype, whose own method
// panics.
func DtypeName(dt tensor.Dtype) string {
	if dt.Type == nil {
		return "none"
	}
	return dt.String()
}
