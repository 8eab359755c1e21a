//go:build amd64 && !noasm

package kernel

// Each of the following does what fills vectors of the path in use, and returns how many
// elements that are, and what its name without Vectors returns.

func (t *Tab) forwardVectors(dst, x []float32) (n int, any bool) {
	var odd uint64
	switch n = whole(len(x)); {
	case n == 0:
	case path == AVX512:
		odd = forwardAVX512(&dst[0], &x[0], n, &t.Scale)
	default:
		odd = forwardAVX2(&dst[0], &x[0], n, &t.Scale)
	}
	return n, odd != 0
}

func (t *Tab) backwardXVectors(dst, x, g []float32) (n int, any bool) {
	var odd uint64
	switch n = whole(len(x)); {
	case n == 0:
	case path == AVX512:
		odd = backwardXAVX512(&dst[0], &x[0], &g[0], n, &t.Scale)
	default:
		odd = backwardXAVX2(&dst[0], &x[0], &g[0], n, &t.Scale)
	}
	return n, odd != 0
}

func (t *Tab) momentsVectors(sums []Sums, x, g []float32) (n int, any bool) {
	var odd uint64
	switch n = whole(len(x)); {
	case n == 0:
	case path == AVX512:
		odd = momentsAVX512(&sums[0][0][0], &x[0], &g[0], n, &t.Scale)
	default:
		odd = momentsAVX2(&sums[0][0][0], &x[0], &g[0], n, &t.Scale)
	}
	return n, odd != 0
}

func (l *Lines) forwardVectors(dst, x []float32, note *Odd) (n int, any bool) {
	var odd uint64
	switch n = whole(len(x)); {
	case n == 0:
	case path == AVX512:
		odd = linesAVX512(&dst[0], &x[0], n, &l.Scale, &l.Nodes[0], note.start())
	default:
		odd = linesAVX2(&dst[0], &x[0], n, &l.Scale, &l.Nodes[0], note.start())
	}
	return n, odd != 0
}

func (l *Lines) backwardXVectors(dst, x, g []float32, note *Odd) (n int, any bool) {
	var odd uint64
	switch n = whole(len(x)); {
	case n == 0:
	case path == AVX512:
		odd = slopesAVX512(&dst[0], &x[0], &g[0], n, &l.Scale, &l.Nodes[0], note.start())
	default:
		odd = slopesAVX2(&dst[0], &x[0], &g[0], n, &l.Scale, &l.Nodes[0], note.start())
	}
	return n, odd != 0
}

func (q *Quads) momentsVectors(sums []Quad, x, g []float32, note *Odd) (n int, any bool) {
	var odd uint64
	switch n = whole(len(x)); {
	case n == 0:
	case path == AVX512:
		odd = quadsAVX512(&sums[0][0], &x[0], &g[0], n, &q.Scale, &q.Kinks[0], len(q.Kinks), note.start())
	default:
		odd = quadsAVX2(&sums[0][0], &x[0], &g[0], n, &q.Scale, &q.Kinks[0], len(q.Kinks), note.start())
	}
	return n, odd != 0
}

// pourVectors is for AVX2 and up.
func pourVectors(sums []Sum, from []Quad) (n int) {
	if path == Portable || len(from) == 0 {
		return 0
	}
	pourAVX2(&sums[0][0], &from[0][0], len(from))
	return len(from)
}

// whole returns how many of n elements fill vectors of the path in use.
func whole(n int) int {
	switch path {
	case AVX512:
		return n &^ 15
	case AVX2:
		return n &^ 7
	}
	return 0
}
