package curve

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/cpab/curve/internal/kernel"
)

// linesFor returns the lines if they pay for n elements, else nil.
func (t *Table) linesFor(n int) *kernel.Lines {
	return t.fine.lines.of(t, n, elementsPerLine, t.lineWidth, t.makeLines)
}

// lineWidth returns the width of the widest lines that keep the tolerance:
// |error| ≤ width²·max|y″|/8.
func (t *Table) lineWidth() float64 {
	bend := 0.0 // max|y″|
	for k := range t.pieces {
		if p := &t.pieces[k]; !p.wild {
			bend = math.Max(bend, p.maxSecond())
		}
	}
	return math.Min(math.Sqrt(8*fineShare*t.tol/bend), t.widest())
}

// makeLines makes the lines, NaN where the curve jumps in slope within a cell or is wild.
func (t *Table) makeLines(l *kernel.Lines, width float64, count int) bool {
	l.Tab = t.fineTab(width)
	l.Cells = slices.Grow(l.Cells[:0], 1+count)[:1+count]
	odd, last0, y1 := 0, -1, 0.0
	l.Cells[0] = kernel.Line{}
	t.walk(count, width, func(k int, start float64, first, last int) {
		for first < last && t.pieces[first+1].from == start {
			first++ // y is the same on both sides
		}
		smooth := !t.pieces[first].wild
		for j := first; j < last; j++ {
			p, q := &t.pieces[j], &t.pieces[j+1]
			smooth = smooth && !q.wild && math.Abs(q.slopeAt(0)-p.slopeAt(1))*width < fineShare*t.tol
		}
		y0 := y1
		if first != last0 {
			y0 = t.pieces[first].y(start)
		}
		y1, last0 = t.pieces[last].y(start+width), last
		l.Cells[k] = kernel.Line{float32(y0), float32(y1 - y0)}
		if !smooth {
			l.Cells[k] = kernel.Line{float32(math.NaN()), float32(math.NaN())}
			odd++
		}
	})
	return float64(odd) <= maxOdd*float64(count)
}
