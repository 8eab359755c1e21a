package ptxsim

import "fmt"

// comparison gives the function of setp's comparison operator for a type.
//
// eq, ne, lt, le, gt, ge of floats are false if an operand is NaN, with a u at the
// end (equ, …) true; num and nan ask for that alone. lo, ls, hi, hs are the unsigned
// comparisons.
func comparison(op string, t scalar) (func(a, b uint64) bool, error) {
	var f func(a, b uint64) bool
	if t.class == float {
		f = floatComparison(op, t)
	} else {
		f = intComparison(op, t)
	}
	if f == nil {
		return nil, fmt.Errorf("comparison %q of type %v is not supported", op, t)
	}
	return f, nil
}

func intComparison(op string, t scalar) func(a, b uint64) bool {
	switch op {
	case "lo", "ls", "hi", "hs":
		t.class = unsigned
		op = map[string]string{"lo": "lt", "ls": "le", "hi": "gt", "hs": "ge"}[op]
	}
	less := intLess(t)
	switch op {
	case "eq":
		return func(a, b uint64) bool { return a == b }
	case "ne":
		return func(a, b uint64) bool { return a != b }
	}
	if t.class == untyped {
		return nil
	}
	switch op {
	case "lt":
		return less
	case "le":
		return func(a, b uint64) bool { return !less(b, a) }
	case "gt":
		return func(a, b uint64) bool { return less(b, a) }
	case "ge":
		return func(a, b uint64) bool { return !less(a, b) }
	}
	return nil
}

func floatComparison(op string, t scalar) func(a, b uint64) bool {
	value := f64
	if t.bits == 32 {
		value = func(v uint64) float64 { return float64(f32(v)) }
	}
	var f func(x, y float64) bool
	switch op {
	case "eq":
		f = func(x, y float64) bool { return x == y }
	case "ne":
		f = func(x, y float64) bool { return x < y || x > y }
	case "lt":
		f = func(x, y float64) bool { return x < y }
	case "le":
		f = func(x, y float64) bool { return x <= y }
	case "gt":
		f = func(x, y float64) bool { return x > y }
	case "ge":
		f = func(x, y float64) bool { return x >= y }
	case "equ":
		f = func(x, y float64) bool { return !(x < y || x > y) }
	case "neu":
		f = func(x, y float64) bool { return x != y }
	case "ltu":
		f = func(x, y float64) bool { return !(x >= y) }
	case "leu":
		f = func(x, y float64) bool { return !(x > y) }
	case "gtu":
		f = func(x, y float64) bool { return !(x <= y) }
	case "geu":
		f = func(x, y float64) bool { return !(x < y) }
	case "num":
		f = func(x, y float64) bool { return x == x && y == y }
	case "nan":
		f = func(x, y float64) bool { return x != x || y != y }
	default:
		return nil
	}
	return func(a, b uint64) bool { return f(value(a), value(b)) }
}
