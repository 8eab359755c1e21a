package ptx

import (
	"math"
	"math/rand/v2"
)

// limits are inputs at which functions have their special values.
func limits[T real]() []T {
	inf := T(math.Inf(1))
	x := []T{0, T(math.Copysign(0, -1)), 1, -1, 2, -2, 0.5, -0.5, 3, -3, inf, -inf, T(math.NaN())}
	if suffix[T]() == "_f32" {
		least, most := float32(math.SmallestNonzeroFloat32), float32(math.MaxFloat32)
		return append(x, T(least), -T(least), T(most), -T(most))
	}
	least, most := math.SmallestNonzeroFloat64, math.MaxFloat64
	return append(x, T(least), -T(least), T(most), -T(most))
}

// inputs are n numbers: limits, then numbers of all sizes up to most, and of those
// between -10 and 10 as many, as networks mostly have.
func inputs[T real](n int, seed uint64, most float64) []T {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]T, n)
	copied := copy(x, limits[T]())
	for i := copied; i < n; i++ {
		v := 20*r.Float64() - 10
		if i%2 == 0 {
			v = math.Copysign(math.Exp(math.Log(most)*(2*r.Float64()-1)), v)
		}
		x[i] = T(v)
	}
	return x
}
