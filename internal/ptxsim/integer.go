package ptxsim

import "math/bits"

// Integer instructions, as functions of bit patterns that depend on the type. They
// wrap around, shift by at most the width of the type, and a division by 0 gives
// all ones, as on GPUs (the manual leaves it open).

func intAdd(t scalar) fn2 {
	mask := t.mask()
	return func(a, b uint64) uint64 { return (a + b) & mask }
}

func intSub(t scalar) fn2 {
	mask := t.mask()
	return func(a, b uint64) uint64 { return (a - b) & mask }
}

func intMulLow(t scalar) fn2 {
	mask := t.mask()
	return func(a, b uint64) uint64 { return a * b & mask }
}

// intMulWide is the whole product of 16- or 32-bit numbers.
func intMulWide(t scalar) fn2 {
	mask := scalar{t.class, 2 * t.bits}.mask()
	if t.class == signed {
		return func(a, b uint64) uint64 { return uint64(t.extend(a)*t.extend(b)) & mask }
	}
	return func(a, b uint64) uint64 { return a * b & mask }
}

// intMulHigh is the upper half of the product.
func intMulHigh(t scalar) fn2 {
	if t.bits < 64 {
		wide, mask := intMulWide(t), t.mask()
		return func(a, b uint64) uint64 { return wide(a, b) >> t.bits & mask }
	}
	return func(a, b uint64) uint64 {
		high, _ := bits.Mul64(a, b)
		if t.class == signed {
			if int64(a) < 0 {
				high -= b
			}
			if int64(b) < 0 {
				high -= a
			}
		}
		return high
	}
}

func intDiv(t scalar) fn2 {
	mask := t.mask()
	return func(a, b uint64) uint64 {
		switch {
		case b == 0:
			return mask
		case t.class == signed && t.extend(b) == -1:
			return -a & mask // Go's quotient of the least number would wrap for 64 bits only
		case t.class == signed:
			return uint64(t.extend(a)/t.extend(b)) & mask
		}
		return a / b
	}
}

func intRem(t scalar) fn2 {
	mask := t.mask()
	return func(a, b uint64) uint64 {
		switch {
		case b == 0:
			return a
		case t.class == signed && t.extend(b) == -1:
			return 0
		case t.class == signed:
			return uint64(t.extend(a)%t.extend(b)) & mask
		}
		return a % b
	}
}

func intLess(t scalar) func(a, b uint64) bool {
	if t.class == signed {
		return func(a, b uint64) bool { return t.extend(a) < t.extend(b) }
	}
	return func(a, b uint64) bool { return a < b }
}

func intMin(t scalar) fn2 {
	less := intLess(t)
	return func(a, b uint64) uint64 {
		if less(a, b) {
			return a
		}
		return b
	}
}

func intMax(t scalar) fn2 {
	less := intLess(t)
	return func(a, b uint64) uint64 {
		if less(a, b) {
			return b
		}
		return a
	}
}

func bitAnd(a, b uint64) uint64 { return a & b }
func bitOr(a, b uint64) uint64  { return a | b }
func bitXor(a, b uint64) uint64 { return a ^ b }

// The amount of a shift is an unsigned 32-bit number.

func shiftLeft(t scalar) fn2 {
	mask := t.mask()
	return func(a, b uint64) uint64 { return a << uint32(b) & mask }
}

func shiftRight(t scalar) fn2 {
	if t.class == signed {
		mask := t.mask()
		return func(a, b uint64) uint64 { return uint64(t.extend(a)>>uint32(b)) & mask }
	}
	return func(a, b uint64) uint64 { return a >> uint32(b) }
}

func bitNot(t scalar) fn1 {
	mask := t.mask()
	return func(a uint64) uint64 { return ^a & mask }
}

func intNeg(t scalar) fn1 {
	mask := t.mask()
	return func(a uint64) uint64 { return -a & mask }
}

func intAbs(t scalar) fn1 {
	mask := t.mask()
	return func(a uint64) uint64 {
		if t.extend(a) < 0 {
			return -a & mask
		}
		return a
	}
}
