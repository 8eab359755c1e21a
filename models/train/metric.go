package train

import (
	"github.com/ditac-go/ditac/models/data"
)

// Metric is a number that says how good outputs are.
type Metric struct {
	// Name is that in logs.
	Name string
	// Higher says that a higher number is better.
	Higher bool
	// Of returns the number for the outputs and targets of all examples of a set, one
	// example's after another's.
	Of func(out, target []float32, s *data.Set) (float64, error)
}

// better reports whether a is better than b. NaN is worse than anything.
func better(a, b float64, higher bool) bool {
	if b != b {
		return a == a
	}
	if higher {
		return a > b
	}
	return a < b
}
