package kernel

// Forward sets dst[i] = y(x[i]) and reports whether one of them is NaN: because
// x[i] is NaN, or because the curve there is left to the caller. dst may be x.
func (t *Tab) Forward(dst, x []float32) (odd bool) {
	dst = dst[:len(x)]
	p := inUse()
	n := p.whole(len(x))
	if n > 0 {
		odd = p.forward(&dst[0], &x[0], n, &t.Scale) != 0
	}
	return t.forwardGeneric(dst[n:], x[n:]) || odd
}

// BackwardX sets dst[i] = g[i]·y′(x[i]), NaN if g[i] is infinite, and reports whether one
// y′ is NaN, as Forward does. dst may be x or g.
func (t *Tab) BackwardX(dst, x, g []float32) (odd bool) {
	dst, g = dst[:len(x)], g[:len(x)]
	p := inUse()
	n := p.whole(len(x))
	if n > 0 {
		odd = p.backwardX(&dst[0], &x[0], &g[0], n, &t.Scale) != 0
	}
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
	p := inUse()
	n := p.whole(len(x))
	if n > 0 {
		odd = p.moments(&sums[0][0][0], &x[0], &g[0], n, &t.Scale) != 0
	}
	return t.momentsGeneric(sums, x[n:], g[n:]) || odd
}
