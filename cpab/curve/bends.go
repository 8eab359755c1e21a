package curve

import (
	"math"
	"slices"

	"github.com/ditac-go/ditac/cpab/curve/internal/kernel"
)

// bendsFor returns the lines of y′ if they pay for n elements, else nil.
func (t *Table) bendsFor(n int) *kernel.Bends {
	return t.fine.bends.of(t, n, elementsPerBend, t.bendWidth, t.makeBends)
}

// bendWidth returns the width of the widest lines of y′ that keep the tolerance.
func (t *Table) bendWidth() float64 {
	width := t.widest()
	for k := range t.pieces {
		if p := &t.pieces[k]; !p.wild {
			width = math.Min(width, t.bendWidthOf(p))
		}
	}
	return width
}

// bendWidthOf returns the width that a piece asks for: |error| ≤ width²·max|y‴|/8.
func (t *Table) bendWidthOf(p *piece) float64 {
	steep := math.Max(1, math.Min(math.Abs(p.slopeAt(0)), math.Abs(p.slopeAt(1))))
	return math.Sqrt(8 * fineShare * t.tol * steep / p.maxThird())
}

// makeBends makes the lines of y′. A cell has room for one kink of y′; a cell with two
// of them, or where y′ jumps, is NaN.
func (t *Table) makeBends(b *kernel.Bends, width float64, count int) bool {
	b.Tab = t.fineTab(width)
	b.Cells = slices.Grow(b.Cells[:0], 1+count)[:1+count]
	b.Cells[0] = kernel.Bend{}
	odd, last0, d1 := 0, -1, 0.0
	t.walk(count, width, func(k int, start float64, first, last int) {
		kink, ok := t.oneKink(first, last, width)
		switch {
		case !ok:
			b.Cells[k] = kernel.Bend{float32(math.NaN())}
			odd++
		case kink < 0:
			d0 := d1 // the end of the cell before
			if last0 != first {
				d0 = t.pieces[first].slope(start)
			}
			d1 = t.pieces[last].slope(start + width)
			b.Cells[k] = kernel.Bend{float32(d0), float32(d1 - d0), float32(math.Inf(1)), 0}
		default:
			b.Cells[k] = t.bendAt(kink, start, width, first, last)
		}
		if last0 = last; !ok || kink >= 0 {
			last0 = -1
		}
	})
	return float64(odd) <= maxOdd*float64(count)
}

// bendAt returns the lines of a cell with a kink where a piece starts: on the wider
// side of it a chord, on the other the tangent.
func (t *Table) bendAt(kink int, start, width float64, first, last int) kernel.Bend {
	left, right := &t.pieces[kink-1], &t.pieces[kink]
	place, at := (float64(right.first)-start)/width, right.slopeAt(0)
	before, after := width*left.secondAt(1), width*right.secondAt(0)
	if place > 0.5 {
		before = (at - t.pieces[first].slope(start)) / place
	} else {
		after = (t.pieces[last].slope(start+width) - at) / (1 - place)
	}
	return kernel.Bend{float32(at - before*place), float32(before), float32(place), float32(after - before)}
}

// oneKink returns the piece that starts with the one kink of y′ among the pieces first
// to last, −1 if there is none. It reports false if there is more than a line with a
// bend can do.
func (t *Table) oneKink(first, last int, width float64) (kink int, ok bool) {
	kink = -1
	if t.pieces[first].wild {
		return kink, false
	}
	for k := first + 1; k <= last; k++ {
		p, q := &t.pieces[k-1], &t.pieces[k]
		const negligible = 0.1
		switch {
		case q.wild, math.Abs(q.slopeAt(0)-p.slopeAt(1)) > negligible*t.tol:
			return kink, false
		case math.Abs(q.secondAt(0)-p.secondAt(1))*width/4 <= negligible*t.tol:
		case kink >= 0:
			return kink, false
		default:
			kink = k
		}
	}
	return kink, true
}
