package table

import (
	"sort"

	"github.com/ditac-go/ditac/internal/kernel"
)

// lookup is a table but for its fine grids: pieces, and bins by which the kernels find
// that of an element. Where they do not, because a bin has too many breakpoints, a piece
// is wild or the element lies beside the table, value, slope and addOdd do: they search
// for the piece, and leave what has none to the exact evaluation.
type lookup struct {
	pieces
	exact *Exact
	tab   kernel.Tab // tab.Pieces[k+1] is that of list[k]

	loExact, hiExact bool // beyond the table, the curve is left to the exact evaluation
}

func (l *lookup) forwardPieces(dst, x []float32) {
	blocks(dst, x, nil, func(_ int, dst, x, _ []float32) {
		if !l.tab.Forward(dst, x) {
			return
		}
		for i, y := range dst {
			if y != y {
				dst[i] = l.value(x[i])
			}
		}
	})
}

func (l *lookup) backwardXPieces(dst, x, g []float32) {
	blocks(dst, x, g, func(_ int, dst, x, g []float32) {
		if !l.tab.BackwardX(dst, x, g) {
			return
		}
		for i, d := range dst {
			if d != d && !(g[i] != g[i]) {
				dst[i] = float32(scaled(float64(g[i]), l.slope(x[i]))) // y′ may be beyond float32
			}
		}
	})
}

// value returns y(x) where a kernel has left it to the caller.
func (l *lookup) value(x float32) float32 {
	if k := l.find(x); k >= 0 {
		if y := l.tab.Pieces[k+1].Value(x); y == y {
			return y
		}
	}
	return float32(l.exact.Value(float64(x)))
}

// slope is value for y′(x).
func (l *lookup) slope(x float32) float64 {
	if k := l.find(x); k >= 0 {
		if dy := l.tab.Pieces[k+1].Slope(x); dy == dy {
			return float64(dy)
		}
	}
	_, dy := l.exact.Jet(float64(x))
	return dy
}

// find returns the piece of x, or −1 if there is none. Where a bin has too many
// breakpoints for the kernels, it finds what they cannot.
func (l *lookup) find(x float32) int {
	if !(x >= l.tab.Lo && x < l.tab.Hi) {
		return -1
	}
	// The number of pieces that begin at or left of x, less one.
	return sort.Search(len(l.list), func(k int) bool { return l.list[k].first > x }) - 1
}

// addSlice adds the moments of a slice of the elements.
func (l *lookup) addSlice(w *scratch, x, g []float32) {
	for from := 0; from < len(x); from += momentBlock {
		to := min(from+momentBlock, len(x))
		clear(w.block)
		for at := from; at < to; at += blockLen {
			end := min(at+blockLen, to)
			if l.tab.Moments(w.block, x[at:end], g[at:end]) {
				l.addOdd(w, x[at:end], g[at:end])
			}
		}
		for k := range w.block {
			for j := range w.sums[k] {
				w.sums[k][j] += float64(w.block[k][0][j]) + float64(w.block[k][1][j])
			}
		}
	}
}

// addOdd adds the elements that the kernel has left out.
func (l *lookup) addOdd(w *scratch, x, g []float32) {
	for i, v := range x {
		if !(v >= l.tab.Lo && v < l.tab.Hi) {
			l.tailMoments(w, v, g[i])
			continue
		}
		if p := &l.tab.Pieces[l.tab.Locate(v)]; p[0] != p[0] {
			l.addFound(w, v, g[i])
		}
	}
}

// addFound adds an element in the table after a search for its piece.
func (l *lookup) addFound(w *scratch, x, g float32) {
	if k := l.find(x); k < 0 || l.list[k].wild {
		l.exact.AddGradV(w.dv, float64(x), float64(g))
	} else {
		w.sums[k+1].addElement(float64(l.tab.Pieces[k+1].Tau(x)), float64(g))
	}
}

// tailMoments collects Σ g·(x−hi)^j, j = 0, 1, above the table, where φ may
// still depend on θ, and there it is affine in x. NaN elements go in, too, for finite.
// Below the table y is no function of θ, or the gate has made it one in name only.
func (l *lookup) tailMoments(w *scratch, x, g float32) {
	switch {
	case x < l.tab.Lo && l.loExact, x >= l.tab.Hi && l.hiExact:
		l.exact.AddGradV(w.dv, float64(x), float64(g))
	case x < l.tab.Lo:
	case x != x, l.last().Seg != nil:
		w.tail[0] += float64(g)
		w.tail[1] += float64(g) * (float64(x) - float64(l.tab.Hi))
	}
}
