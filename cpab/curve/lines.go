package curve

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/cpab/curve/internal/kernel"
)

// Straight lines on a fine grid give y as exactly as the pieces, for half the time
// per element. To make them costs a few ns each, which pays for long slices only.
// They do not do for y′, which has kinks where y has none.
const (
	maxLines        = 1 << 15 // 256 KiB: a second-level cache
	elementsPerLine = 8       // from which on lines pay
)

// linesFor returns the lines if they pay for n elements, else nil.
func (t *Table) linesFor(n int) *kernel.Lines {
	if n < elementsPerLine*minLines {
		return nil
	}
	width := t.lineWidth()
	lo, hi := float64(t.tab.Lo), float64(t.tab.Hi)
	if count := (hi - lo) / width; !(count <= maxLines) || n < elementsPerLine*int(count) {
		return nil
	}
	t.linesOnce.Do(func() { t.makeLines(width) })
	return &t.lines
}

const minLines = 256

// lineWidth returns the width of the widest lines that keep the tolerance:
// |error| ≤ width²·max|y″|/8.
func (t *Table) lineWidth() float64 {
	bend := 0.0 // max|y″|
	for k := range t.pieces {
		if p := &t.pieces[k]; !p.wild {
			bend = math.Max(bend, p.bend())
		}
	}
	return powerOfTwo(math.Min(math.Sqrt(8*t.tol/bend), float64(t.tab.Hi-t.tab.Lo)/minLines))
}

// makeLines makes the lines.
func (t *Table) makeLines(width float64) {
	lo, hi := float64(t.tab.Lo), float64(t.tab.Hi)
	count := int((hi - lo) / width)
	l := &t.lines
	l.Tab = t.tab // for its range and tails
	l.Scale, l.First = float32(1/width), int32(lo/width)
	l.Line = slices.Grow(l.Line[:0], count)[:count]
	at := 0
	for i := range l.Line {
		start := lo + float64(i)*width
		at = t.line(&l.Line[i], at, start, start+width)
	}
}

// line makes the line from start to end, or NaN where the curve jumps in slope in
// between or is wild. at is a piece not right of start; the one of end is returned.
func (t *Table) line(l *kernel.Line, at int, start, end float64) int {
	for at+1 < len(t.pieces) && t.pieces[at+1].from <= start {
		at++
	}
	p := &t.pieces[at]
	smooth := !p.wild
	y0 := p.y(start)
	for at+1 < len(t.pieces) && t.pieces[at+1].from < end {
		next := &t.pieces[at+1]
		smooth = smooth && !next.wild && math.Abs(next.slopeAtStart()-p.slopeAtEnd())*(end-start) < t.tol
		p = next
		at++
	}
	y1 := p.y(end)
	*l = kernel.Line{float32(y0), float32(y1 - y0)}
	if !smooth {
		*l = kernel.Line{float32(math.NaN()), float32(math.NaN())}
	}
	return at
}

// y returns the interpolant's value.
func (p *piece) y(x float64) float64 {
	s := (x - p.from) / (p.to - p.from)
	c := &p.value
	return c[0] + s*(c[1]+s*(c[2]+s*(c[3]+s*(c[4]+s*c[5]))))
}

func (p *piece) slopeAtStart() float64 { return p.value[1] / (p.to - p.from) }

func (p *piece) slopeAtEnd() float64 {
	c := &p.value
	return (c[1] + 2*c[2] + 3*c[3] + 4*c[4] + 5*c[5]) / (p.to - p.from)
}

// bend returns a bound of |y″|.
func (p *piece) bend() float64 {
	c, l := &p.value, p.to-p.from
	return (2*math.Abs(c[2]) + 6*math.Abs(c[3]) + 12*math.Abs(c[4]) + 20*math.Abs(c[5])) / (l * l)
}
