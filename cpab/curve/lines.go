package curve

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/kernel"
)

// linesFor returns the lines of y if they pay for n elements, else nil.
func (t *Table) linesFor(n int) *kernel.Lines {
	return t.fine.lines.of(t, n, elementsPerLine, t.lineWidth, func(l *kernel.Lines, width float64, count int) bool {
		return t.makeLines(l, width, count, (*piece).y, t.straight)
	})
}

// slopesFor returns the lines of y′ if they pay for n elements, else nil.
func (t *Table) slopesFor(n int) *kernel.Lines {
	return t.fine.slopes.of(t, n, elementsPerSlope, t.slopeWidth, func(l *kernel.Lines, width float64, count int) bool {
		return t.makeLines(l, width, count, (*piece).slope, t.straightSlope)
	})
}

// lineWidth returns the width of the widest lines of y that keep the tolerance:
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

// negligible is the part of the tolerance that a jump may take.
const negligible = 0.1

// straight reports whether y goes on from p to q so smoothly that it may be one line. At
// the ends of the domain, y itself may jump.
func (t *Table) straight(p, q *piece, width float64) bool {
	return math.Abs(q.slopeAt(0)-p.slopeAt(1))*width < fineShare*t.tol && math.Abs(q.y(q.from)-p.y(q.from)) <= negligible*t.tol
}

// slopeWidth returns the width of the widest lines of y′ that keep the tolerance:
// |error| ≤ width²·max|y‴|/8; and of which few have a kink.
func (t *Table) slopeWidth() float64 {
	width := t.widest()
	for k := range t.pieces {
		if p := &t.pieces[k]; !p.wild {
			width = math.Min(width, math.Sqrt(8*fineShare*t.tol*p.steep()/p.maxThird()))
		}
	}
	kinks := 0
	for k := 1; k < len(t.pieces); k++ {
		if !t.straightSlope(&t.pieces[k-1], &t.pieces[k], width) {
			kinks++
		}
	}
	return math.Min(width, maxOdd*float64(t.tab.Hi-t.tab.Lo)/float64(2*kinks))
}

// straightSlope reports whether y′ goes on from p to q so smoothly that it may be one
// line.
func (t *Table) straightSlope(p, q *piece, width float64) bool {
	return math.Abs(q.slopeAt(0)-p.slopeAt(1))+math.Abs(q.secondAt(0)-p.secondAt(1))*width/4 <= negligible*t.tol
}

// makeLines makes the lines of a function of the pieces. Cells that are wild, or have
// pieces that are not straight in one line, are left to the caller. It reports false if
// these are too many.
func (t *Table) makeLines(l *kernel.Lines, width float64, count int, at func(p *piece, x float64) float64, straight func(p, q *piece, width float64) bool) bool {
	n := kernel.FirstInterval + count
	l.Tab = t.fineTab(width)
	l.Nodes = slices.Grow(l.Nodes[:0], n+1)[:n+1]
	clear(l.Nodes[:kernel.FirstInterval])
	odd, before := 0, 0
	t.walk(count, width, func(cell int, start float64, first, last int) {
		ok := !t.pieces[before].wild // before is where the cell before ends
		for k := before; ok && k < last; k++ {
			p, q := &t.pieces[k], &t.pieces[k+1]
			ok = !q.wild && straight(p, q, width)
		}
		node := math.NaN()
		if ok {
			node = at(&t.pieces[first], start)
		} else {
			odd += 2 // the cell before shares the node
		}
		l.Nodes[cell], before = float32(node), last
	})
	l.Nodes[n] = float32(at(&t.pieces[before], float64(t.tab.Hi)))
	return float64(odd) <= maxOdd*float64(count)
}

// forwardLines is forwardPieces with the lines of y.
func (t *Table) forwardLines(dst, x []float32, lines *kernel.Lines) {
	r := newRest(func(r *rest) {
		t.forwardPieces(r.y[:r.n], r.x[:r.n])
		r.scatter(dst)
	})
	blocks(dst, x, nil, func(at int, dst, x, _ []float32) {
		if lines.Forward(dst, x, &r.odd) {
			r.add(at, x, x)
		}
	})
	r.done()
}

// backwardXLines is backwardXPieces with the lines of y′.
func (t *Table) backwardXLines(dst, x, g []float32, slopes *kernel.Lines) {
	r := newRest(func(r *rest) {
		t.backwardXPieces(r.y[:r.n], r.x[:r.n], r.g[:r.n])
		r.scatter(dst)
	})
	blocks(dst, x, g, func(at int, dst, x, g []float32) {
		if slopes.BackwardX(dst, x, g, &r.odd) {
			r.add(at, x, g)
		}
	})
	r.done()
}
