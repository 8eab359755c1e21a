package table

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/kernel"
)

// linesFor returns the lines of y if they pay for n elements, else nil.
func (f *fine) linesFor(n int) *kernel.Lines {
	return f.lines.of(f.span(), n, elementsPerLine, f.lineWidth, func(l *kernel.Lines, width float64, count int) bool {
		return f.makeLines(l, width, count, (*piece).y, f.straight)
	})
}

// slopesFor returns the lines of y′ if they pay for n elements, else nil.
func (f *fine) slopesFor(n int) *kernel.Lines {
	return f.slopes.of(f.span(), n, elementsPerSlope, f.slopeWidth, func(l *kernel.Lines, width float64, count int) bool {
		return f.makeLines(l, width, count, (*piece).slope, f.straightSlope)
	})
}

// lineWidth returns the width of the widest lines of y that keep the tolerance:
// |error| ≤ width²·max|y″|/8.
func (f *fine) lineWidth() float64 {
	bend := 0.0 // max|y″|
	for k := range f.list {
		if p := &f.list[k]; !p.wild {
			bend = math.Max(bend, p.maxSecond())
		}
	}
	return math.Min(math.Sqrt(8*fineShare*f.tol/bend), f.widest())
}

// negligible is the part of the tolerance that a jump may take.
const negligible = 0.1

// straight reports whether y goes on from p to q so smoothly that it may be one line. At
// the ends of the domain, y itself may jump.
func (f *fine) straight(p, q *piece, width float64) bool {
	return math.Abs(q.slopeAt(0)-p.slopeAt(1))*width < fineShare*f.tol && math.Abs(q.y(q.from)-p.y(q.from)) <= negligible*f.tol
}

// slopeWidth returns the width of the widest lines of y′ that keep the tolerance:
// |error| ≤ width²·max|y‴|/8; and of which few have a kink.
func (f *fine) slopeWidth() float64 {
	width := f.widest()
	for k := range f.list {
		if p := &f.list[k]; !p.wild {
			width = math.Min(width, math.Sqrt(8*fineShare*f.tol*p.steep()/p.maxThird()))
		}
	}
	kinks := 0
	for k := 1; k < len(f.list); k++ {
		if !f.straightSlope(&f.list[k-1], &f.list[k], width) {
			kinks++
		}
	}
	return math.Min(width, maxOdd*f.span()/float64(2*kinks))
}

// straightSlope reports whether y′ goes on from p to q so smoothly that it may be one
// line.
func (f *fine) straightSlope(p, q *piece, width float64) bool {
	return math.Abs(q.slopeAt(0)-p.slopeAt(1))+math.Abs(q.secondAt(0)-p.secondAt(1))*width/4 <= negligible*f.tol
}

// makeLines makes the lines of a function of the pieces. Intervals that are wild, or have
// pieces that are not straight in one line, are left to the caller. It reports false if
// these are too many.
func (f *fine) makeLines(l *kernel.Lines, width float64, count int, at func(p *piece, x float64) float64, straight func(p, q *piece, width float64) bool) bool {
	n := kernel.FirstInterval + count
	l.Tab = f.fineTab(width)
	l.Nodes = slices.Grow(l.Nodes[:0], n+1)[:n+1]
	clear(l.Nodes[:kernel.FirstInterval])
	odd, before := 0, 0
	f.walk(count, width, func(interval int, start float64, first, last int) {
		ok := !f.list[before].wild // before is where the interval before ends
		for k := before; ok && k < last; k++ {
			p, q := &f.list[k], &f.list[k+1]
			ok = !q.wild && straight(p, q, width)
		}
		node := math.NaN()
		if ok {
			node = at(&f.list[first], start)
		} else {
			odd += 2 // the interval before shares the node
		}
		l.Nodes[interval], before = float32(node), last
	})
	l.Nodes[n] = float32(at(&f.list[before], float64(f.tab.Hi)))
	return float64(odd) <= maxOdd*float64(count)
}

// forwardLines is forwardPieces with the lines of y.
func (l *lookup) forwardLines(dst, x []float32, lines *kernel.Lines) {
	r := newRest(func(r *rest) {
		l.forwardPieces(r.y[:r.n], r.x[:r.n])
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
func (l *lookup) backwardXLines(dst, x, g []float32, slopes *kernel.Lines) {
	r := newRest(func(r *rest) {
		l.backwardXPieces(r.y[:r.n], r.x[:r.n], r.g[:r.n])
		r.scatter(dst)
	})
	blocks(dst, x, g, func(at int, dst, x, g []float32) {
		if slopes.BackwardX(dst, x, g, &r.odd) {
			r.add(at, x, g)
		}
	})
	r.done()
}
