package metric

import (
	"fmt"
	"math"
)

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// checkFinite reports the first number of a slice that is not finite.
func checkFinite(name string, x []float32) error {
	for i, e := range x {
		if !finite(float64(e)) {
			return fmt.Errorf("%s[%d] is %v", name, i, e)
		}
	}
	return nil
}

// checkPair reports slices of different lengths, empty ones and numbers that are not
// finite.
func checkPair(nameA string, a []float32, nameB string, b []float32) error {
	if len(a) != len(b) || len(a) == 0 {
		return fmt.Errorf("%d numbers of %s, %d of %s, want as many and at least 1", len(a), nameA, len(b), nameB)
	}
	if err := checkFinite(nameA, a); err != nil {
		return err
	}
	return checkFinite(nameB, b)
}

// classOf returns a label as an index of a class.
func classOf(name string, i int, x float32, classes int) (int, error) {
	if k := int(x); float32(k) == x && k >= 0 && k < classes {
		return k, nil
	}
	return 0, fmt.Errorf("%s[%d] is %v, want a class from 0 to %d", name, i, x, classes-1)
}
