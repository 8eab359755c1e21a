package ptxsim

import "math"

// Floating-point instructions, as functions of bit patterns. Go's operations on
// float32 and float64 are those of IEEE 754, rounded to nearest; the conversion to
// bits after each keeps the compiler from fusing two of them.

func addF32(a, b uint64) uint64 { return bits32(f32(a) + f32(b)) }
func subF32(a, b uint64) uint64 { return bits32(f32(a) - f32(b)) }
func mulF32(a, b uint64) uint64 { return bits32(f32(a) * f32(b)) }
func divF32(a, b uint64) uint64 { return bits32(f32(a) / f32(b)) }
func addF64(a, b uint64) uint64 { return bits64(f64(a) + f64(b)) }
func subF64(a, b uint64) uint64 { return bits64(f64(a) - f64(b)) }
func mulF64(a, b uint64) uint64 { return bits64(f64(a) * f64(b)) }
func divF64(a, b uint64) uint64 { return bits64(f64(a) / f64(b)) }

func rcpF32(a uint64) uint64 { return bits32(1 / f32(a)) }
func rcpF64(a uint64) uint64 { return bits64(1 / f64(a)) }

// sqrtF32 rounds twice, which for square roots is as good as once: float64 has more
// than twice the digits.
func sqrtF32(a uint64) uint64 { return bits32(float32(math.Sqrt(float64(f32(a))))) }
func sqrtF64(a uint64) uint64 { return bits64(math.Sqrt(f64(a))) }

func negF32(a uint64) uint64 { return a ^ 1<<31 }
func negF64(a uint64) uint64 { return a ^ 1<<63 }
func absF32(a uint64) uint64 { return a &^ (1 << 31) }
func absF64(a uint64) uint64 { return a &^ (1 << 63) }

// fmaF32 is a·b + c, rounded once. The product is exact in float64, the sum there is
// rounded. Rounding that to float32 is correct but where the rounded sum is half way
// between two float32 that are not subnormal, which its lower digits show.
func fmaF32(a, b, c uint64) uint64 {
	const digits, half, leastNormal = 1<<29 - 1, 1 << 28, 0x1p-126
	p, z := float64(f32(a))*float64(f32(b)), float64(f32(c))
	sum := p + z
	if math.Float64bits(sum)&digits == half || math.Abs(sum) < leastNormal {
		sum = roundToOdd(p, z, sum)
	}
	return bits32(float32(sum))
}

// roundToOdd is p + z, of which sum is the nearest float64, rounded to the neighbour
// with an odd last digit if it is not exact: it is never half way between two
// float32 by rounding, so that rounding it again is correct.
func roundToOdd(p, z, sum float64) float64 {
	pp := sum - z
	zz := sum - pp
	lost := (p - pp) + (z - zz) // exact (Knuth), or NaN if sum is not finite
	s := math.Float64bits(sum)
	switch {
	case lost == 0 || lost != lost || s&1 == 1:
		return sum
	case (lost > 0) == (sum > 0):
		return math.Float64frombits(s + 1)
	}
	return math.Float64frombits(s - 1)
}

func fmaF64(a, b, c uint64) uint64 { return bits64(math.FMA(f64(a), f64(b), f64(c))) }

// minimum is PTX's min: a number wins over NaN, and -0 is less than +0.
func minimum(a, b float64) float64 {
	switch {
	case a != a:
		return b
	case b != b:
		return a
	}
	return math.Min(a, b)
}

// maximum is PTX's max: a number wins over NaN, and +0 is more than -0.
func maximum(a, b float64) float64 {
	switch {
	case a != a:
		return b
	case b != b:
		return a
	}
	return math.Max(a, b)
}

func minF32(a, b uint64) uint64 { return bits32(float32(minimum(float64(f32(a)), float64(f32(b))))) }
func maxF32(a, b uint64) uint64 { return bits32(float32(maximum(float64(f32(a)), float64(f32(b))))) }
func minF64(a, b uint64) uint64 { return bits64(minimum(f64(a), f64(b))) }
func maxF64(a, b uint64) uint64 { return bits64(maximum(f64(a), f64(b))) }

// copySignF32 gives b the sign of a, as PTX orders the operands.
func copySignF32(a, b uint64) uint64 { return b&^(1<<31) | a&(1<<31) }
func copySignF64(a, b uint64) uint64 { return b&^(1<<63) | a&(1<<63) }
