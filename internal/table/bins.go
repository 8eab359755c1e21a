package table

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/kernel"
)

const (
	maxBins = 2048 // 32 KiB, the size of a first-level cache
	minBins = 32

	// hard is the index in Tab.Pieces of all bins that have too many breakpoints for
	// the kernels: a NaN piece.
	hard = 0
)

// chooseBins picks the widest bins, a power of two, that no four breakpoints
// share. lo and hi are multiples of widest, and so of all that are narrower: every
// element between them has a bin.
func (l *lookup) chooseBins(lo, hi, widest float64) {
	width := widest
	for i := kernel.MaxKinks; i < len(l.list); i++ {
		width = math.Min(width, l.list[i].from-l.list[i-kernel.MaxKinks].from)
	}
	width = powerOfTwo(math.Max(width, math.SmallestNonzeroFloat64))
	for width < widest && (hi-lo)/width > maxBins {
		width *= 2
	}
	l.tab.Scale, l.tab.First = float32(1/width), int32(lo/width)
	l.tab.Bins = slices.Grow(l.tab.Bins[:0], int((hi-lo)/width))[:int((hi-lo)/width)]
}

// fill makes the bins and the polynomials that the kernels use.
func (l *lookup) fill() {
	n := 1 + len(l.list)
	l.tab.Pieces = slices.Grow(l.tab.Pieces[:0], n)[:n]
	l.tab.Pieces[hard] = kernel.NaNPiece
	for k := range l.list {
		l.tab.Pieces[k+1] = l.list[k].polynomial()
	}
	l.fillBins()
}

// fillBins makes the bins, breakpoint by breakpoint: most bins have none.
func (l *lookup) fillBins() {
	bins, scale, first := l.tab.Bins, l.tab.Scale, l.tab.First
	at := 0 // the piece in which the next bin starts
	for next := 0; next < len(bins); next++ {
		kink := len(bins) // the next bin with a breakpoint
		if at+1 < len(l.list) {
			kink = int(int32(math.Floor(float64(l.list[at+1].first*scale))) - first)
		}
		for same := (kernel.Bin{Kink: noKinks, Piece: uint32(1 + at)}); next < kink; next++ {
			bins[next] = same
		}
		if next < len(bins) {
			at = l.fillBin(&bins[next], at, float32(first+int32(next))/scale, float32(first+int32(next)+1)/scale)
		}
	}
}

// fillBin fills the bin start..end, which starts in piece at or the one after it. It
// returns the piece in which it ends.
func (l *lookup) fillBin(b *kernel.Bin, at int, start, end float32) int {
	if at+1 < len(l.list) && begins(l.list[at+1].first, start, end) {
		at++
	}
	*b = kernel.Bin{Kink: noKinks, Piece: uint32(1 + at)}
	for used := 0; at+1 < len(l.list) && l.list[at+1].first < end; used++ {
		at++
		if used < kernel.MaxKinks {
			b.Kink[used] = l.list[at].first
		} else {
			*b = kernel.Bin{Kink: noKinks, Piece: hard}
		}
	}
	return at
}

// begins reports whether a bin, or an interval of a fine grid, start..end has nothing to
// the left of the piece whose first number is given. A wide one that starts at 0 has: the negative numbers so
// small that their place in bins underflows to −0.
func begins(first, start, end float32) bool {
	return first < start || first == start && !(start == 0 && end > 1)
}

var noKinks = [kernel.MaxKinks]float32{float32(math.Inf(1)), float32(math.Inf(1)), float32(math.Inf(1))}
