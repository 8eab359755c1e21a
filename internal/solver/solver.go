package solver

import (
	"reflect"

	"gorgonia.org/gorgonia"
)

// IsNil reports whether s is nil or a nil pointer.
func IsNil(s gorgonia.Solver) bool {
	v := reflect.ValueOf(s)
	return s == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// Same reports whether a and b are one solver. Gorgonia's keep state per learnable, by
// its place in the model, and so cannot step two models. Solvers that are no pointers
// keep none that could be shared.
func Same(a, b gorgonia.Solver) bool {
	return reflect.ValueOf(a).Kind() == reflect.Pointer && a == b
}
