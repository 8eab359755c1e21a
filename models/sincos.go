package models

import "math"

// sincosReach is up to where sincos reduces its argument by one product.
const sincosReach = 1 << 20

// sincos returns the sine and cosine of x to 2·10⁻⁹, for float32 results, in a third of
// the time of math.Sincos (BenchmarkSincos).
func sincos(x float64) (sin, cos float64) {
	if !(x > -sincosReach && x < sincosReach) {
		return math.Sincos(x) // NaN and ±Inf too
	}
	// The nearest multiple n·π/2, by a number whose last bit counts ones. The rest r is in
	// ±π/4, where Taylor's series of these degrees err by r¹¹/11! and r¹²/12!.
	const ones = 0x1.8p52
	shifted := x*(2/math.Pi) + ones
	quadrant := math.Float64bits(shifted) & 3
	r := x - (shifted-ones)*(math.Pi/2)
	r2 := r * r
	s := r + r*r2*(-1./6+r2*(1./120+r2*(-1./5040+r2*(1./362880))))
	c := 1 + r2*(-1./2+r2*(1./24+r2*(-1./720+r2*(1./40320+r2*(-1./3628800)))))
	// By quadrant the pair is s c, c −s, −s −c, −c s: without branches, which many x would
	// mislead.
	sb, cb := math.Float64bits(s), math.Float64bits(c)
	swap := (sb ^ cb) & -(quadrant & 1)
	sb ^= swap ^ (quadrant&2)<<62
	cb ^= swap ^ ((quadrant+1)&2)<<62
	return math.Float64frombits(sb), math.Float64frombits(cb)
}
