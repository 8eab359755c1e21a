package kernel

// Forward sets dst[i] = y(x[i]) and reports whether one of them is NaN: because
// x[i] is NaN, or because the curve there is left to the caller. dst may be x.
func (t *Tab) Forward(dst, x []float32) (odd bool) {
	dst = dst[:len(x)]
	n := len(x) &^ (lanes - 1)
	if !useAVX2 || n == 0 {
		return t.forwardGeneric(dst, x)
	}
	odd = forwardAVX2(&dst[0], &x[0], n, &t.Scale) != 0
	return t.forwardGeneric(dst[n:], x[n:]) || odd
}

// BackwardX sets dst[i] = g[i]·y′(x[i]) and reports whether one y′ is NaN, as Forward
// does. dst may be x or g.
func (t *Tab) BackwardX(dst, x, g []float32) (odd bool) {
	dst, g = dst[:len(x)], g[:len(x)]
	n := len(x) &^ (lanes - 1)
	if !useAVX2 || n == 0 {
		return t.backwardXGeneric(dst, x, g)
	}
	odd = backwardXAVX2(&dst[0], &x[0], &g[0], n, &t.Scale) != 0
	return t.backwardXGeneric(dst[n:], x[n:], g[n:]) || odd
}

// Sums are the moments Σ g·τ^j, j = 0 … 5, of the elements of one piece: those of
// elements number 0 to 3, 8 to 11 and so on in the first half, the others' in the
// second. Two halves halve the time that an addition waits for the one before.
type Sums [2][8]float32

// Moments adds the elements' moments to sums, which has as many entries as there
// are pieces. Those of elements outside and of pieces that are left to the caller
// go to entries that mean nothing: 0, and the pieces' own. It reports whether there
// are any, but elements outside only as OddBelow and OddAbove say.
func (t *Tab) Moments(sums []Sums, x, g []float32) (odd bool) {
	sums, g = sums[:len(t.Pieces)], g[:len(x)]
	n := len(x) &^ (lanes - 1)
	if !useAVX2 || n == 0 {
		return t.momentsGeneric(sums, x, g)
	}
	odd = momentsAVX2(&sums[0][0][0], &x[0], &g[0], n, &t.Scale) != 0
	return t.momentsGeneric(sums, x[n:], g[n:]) || odd
}

// lanes is the number of float32 in a vector register.
const lanes = 8

// Accelerated reports whether the assembly is in use.
func Accelerated() bool { return useAVX2 }
