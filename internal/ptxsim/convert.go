package ptxsim

import (
	"fmt"
	"math"
)

// conversion gives the function of cvt from one type to another, with a rounding
// modifier or "".
func conversion(to, from scalar, rounding string) (fn1, error) {
	bad := fmt.Errorf("conversion to %v from %v with rounding %q is not supported", to, from, rounding)
	switch {
	case to.class == float && from.class == float:
		if f := floatToFloat(to, from, rounding); f != nil {
			return f, nil
		}
	case to.class == float:
		if rounding == "rn" {
			return intToFloat(to, from), nil
		}
	case from.class == float:
		if round := toIntegral[rounding]; round != nil {
			return floatToInt(to, from, round), nil
		}
	case rounding == "":
		mask := to.mask()
		if from.class == signed {
			return func(a uint64) uint64 { return uint64(from.extend(a)) & mask }, nil
		}
		fromMask := from.mask()
		return func(a uint64) uint64 { return a & fromMask & mask }, nil
	}
	return nil, bad
}

// toIntegral holds the roundings to an integral value.
var toIntegral = map[string]func(float64) float64{
	"rni": math.RoundToEven, "rzi": math.Trunc, "rmi": math.Floor, "rpi": math.Ceil,
}

func floatToFloat(to, from scalar, rounding string) fn1 {
	switch {
	case to == from:
		round := toIntegral[rounding]
		switch {
		case round == nil:
			return nil
		case to.bits == 32: // exact in float64
			return func(a uint64) uint64 { return bits32(float32(round(float64(f32(a))))) }
		}
		return func(a uint64) uint64 { return bits64(round(f64(a))) }
	case to.bits == 64 && rounding == "":
		return func(a uint64) uint64 { return bits64(float64(f32(a))) }
	case to.bits == 32 && rounding == "rn":
		return func(a uint64) uint64 { return bits32(float32(f64(a))) }
	}
	return nil
}

func intToFloat(to, from scalar) fn1 {
	mask := from.mask()
	switch {
	case to.bits == 32 && from.class == signed:
		return func(a uint64) uint64 { return bits32(float32(from.extend(a))) }
	case to.bits == 32:
		return func(a uint64) uint64 { return bits32(float32(a & mask)) }
	case from.class == signed:
		return func(a uint64) uint64 { return bits64(float64(from.extend(a))) }
	}
	return func(a uint64) uint64 { return bits64(float64(a & mask)) }
}

// floatToInt saturates. NaN gives 0 from f32 to at most 32 bits, and otherwise the
// bit pattern with only the highest bit set.
func floatToInt(to, from scalar, round func(float64) float64) fn1 {
	mask := to.mask()
	nan := uint64(1) << (to.bits - 1)
	if from.bits == 32 && to.bits <= 32 {
		nan = 0
	}
	least, most := 0.0, math.Ldexp(1, to.bits) // most itself is out of range
	mostBits := mask
	if to.class == signed {
		least, most = -math.Ldexp(1, to.bits-1), math.Ldexp(1, to.bits-1)
		mostBits = mask >> 1
	}
	return func(a uint64) uint64 {
		x := f64(a)
		if from.bits == 32 {
			x = float64(f32(a))
		}
		x = round(x)
		switch {
		case x != x:
			return nan
		case x >= most:
			return mostBits
		case x < least:
			x = least
		}
		if to.class == signed {
			return uint64(int64(x)) & mask
		}
		return uint64(x)
	}
}
