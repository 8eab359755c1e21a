package table

import (
	"sync"

	"github.com/ditac-go/ditac/internal/kernel"
)

// For long slices a table has fine grids on top of its pieces, which elements evaluate
// in a fraction of the time: intervals of equal width, with straight lines for y and for
// y′, and with sums for the moments of ∂y/∂θ. A grid is made when a slice asks for it that
// is long enough to pay for it, and only if the grid keeps the tolerance with few
// intervals. The few that are too wide for the curve in them are left to the pieces.
type fine struct {
	*lookup
	lines, slopes grid[kernel.Lines]
	quads         grid[quadGrid]
}

// grid is a fine grid that is made on demand.
type grid[T any] struct {
	measured, made *sync.Once
	width          float64 // of an interval
	count          int     // of the intervals; 0: too many
	ready          bool    // it was made, and it pays
	data           T
}

const (
	minIntervals = 256
	maxIntervals = 1 << 15

	// How many elements pay for making an interval, and the length of slices from which it is
	// worth to look.
	elementsPerLine  = 16
	elementsPerSlope = 24
	elementsPerQuad  = 48
	fewest           = 1 << 13

	// fineShare is the part of the tolerance that a grid may use on top of what the
	// pieces do.
	fineShare = 0.6

	// maxOdd bounds the part of the intervals that are left to the pieces.
	maxOdd = 1. / 64
)

// reset forgets the grids, but not their memory.
func (f *fine) reset() {
	f.lines.reset()
	f.slopes.reset()
	f.quads.reset()
}

func (g *grid[T]) reset() { g.measured, g.made, g.ready = new(sync.Once), new(sync.Once), false }

// of returns the grid over a span if it pays for n elements, else nil, where making an
// interval takes the time of some elements. width says how wide intervals may be; produce
// makes them, and reports false if too many are left to the caller.
func (g *grid[T]) of(span float64, n, perInterval int, width func() float64, produce func(data *T, width float64, count int) bool) *T {
	if n < fewest {
		return nil
	}
	g.measured.Do(func() {
		g.width, g.count = powerOfTwo(width()), 0
		if count := span / g.width; count >= 1 && count <= maxIntervals {
			g.count = int(count)
		}
	})
	if g.count == 0 || n < perInterval*g.count {
		return nil
	}
	g.made.Do(func() { g.ready = produce(&g.data, g.width, g.count) })
	if !g.ready {
		return nil
	}
	return &g.data
}

// span is the width of the table.
func (f *fine) span() float64 { return float64(f.tab.Hi - f.tab.Lo) }

// widest is the width of the widest intervals.
func (f *fine) widest() float64 { return f.span() / minIntervals }

// fineTab returns the table with a grid of intervals of a width, which is a power of two.
func (f *fine) fineTab(width float64) kernel.Tab {
	tab := f.tab
	tab.Scale, tab.First = float32(1/width), int32(float64(f.tab.Lo)/width)-kernel.FirstInterval
	return tab
}

// walk calls visit for each interval with its start and the pieces first to last in it.
func (f *fine) walk(count int, width float64, visit func(interval int, start float64, first, last int)) {
	at, lo := 0, float64(f.tab.Lo)
	for k := range count {
		start := lo + float64(k)*width
		end := start + width
		for at+1 < len(f.list) && begins(f.list[at+1].first, float32(start), float32(end)) {
			at++
		}
		first := at
		for at+1 < len(f.list) && float64(f.list[at+1].first) < end {
			at++
		}
		visit(kernel.FirstInterval+k, start, first, at)
	}
}
