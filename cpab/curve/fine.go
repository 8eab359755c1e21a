package curve

import (
	"sync"

	"github.com/ditac-go/ditac/internal/kernel"
)

// For long slices a table has fine grids on top of its pieces, which elements evaluate
// in a fraction of the time: of straight lines for y and for y′, and of cells for the
// moments of ∂y/∂θ. A grid is made when a slice asks for it that is long enough to pay
// for it, and only if the grid keeps the tolerance with few cells. The few cells that
// are too wide for the curve in them are left to the pieces.
type fine struct {
	lines, slopes grid[kernel.Lines]
	quads         grid[quadGrid]
}

// grid is a fine grid that is made on demand.
type grid[T any] struct {
	measured, made *sync.Once
	width          float64 // of a cell
	count          int     // of the cells; 0: too many
	ready          bool    // it was made, and it pays
	data           T
}

const (
	minCells = 256
	maxCells = 1 << 15

	// How many elements pay for making a cell, and the length of slices from which it is
	// worth to look.
	elementsPerLine  = 16
	elementsPerSlope = 24
	elementsPerQuad  = 48
	fewest           = 1 << 13

	// fineShare is the part of the tolerance that a grid may use on top of what the
	// pieces do.
	fineShare = 0.6

	// maxOdd bounds the part of the cells that are left to the pieces.
	maxOdd = 1. / 64
)

// reset forgets the grids, but not their memory.
func (f *fine) reset() {
	f.lines.reset()
	f.slopes.reset()
	f.quads.reset()
}

func (g *grid[T]) reset() { g.measured, g.made, g.ready = new(sync.Once), new(sync.Once), false }

// of returns the grid of t if it pays for n elements, else nil, where a cell takes
// perCell elements. width says how wide cells may be; produce makes them, and reports
// false if too many are left to the caller.
func (g *grid[T]) of(t *Table, n, perCell int, width func() float64, produce func(data *T, width float64, count int) bool) *T {
	if n < fewest {
		return nil
	}
	g.measured.Do(func() {
		g.width, g.count = powerOfTwo(width()), 0
		if count := float64(t.tab.Hi-t.tab.Lo) / g.width; count >= 1 && count <= maxCells {
			g.count = int(count)
		}
	})
	if g.count == 0 || n < perCell*g.count {
		return nil
	}
	g.made.Do(func() { g.ready = produce(&g.data, g.width, g.count) })
	if !g.ready {
		return nil
	}
	return &g.data
}

// widest is the width of the widest cells.
func (t *Table) widest() float64 { return float64(t.tab.Hi-t.tab.Lo) / minCells }

// fineTab returns the table with a grid of cells of a width, which is a power of two.
func (t *Table) fineTab(width float64) kernel.Tab {
	tab := t.tab
	tab.Scale, tab.First = float32(1/width), int32(float64(t.tab.Lo)/width)-kernel.FirstInterval
	return tab
}

// walk calls f for each cell with its start and the pieces first to last in it.
func (t *Table) walk(count int, width float64, f func(cell int, start float64, first, last int)) {
	at, lo := 0, float64(t.tab.Lo)
	for k := range count {
		start := lo + float64(k)*width
		end := start + width
		for at+1 < len(t.pieces) && begins(t.pieces[at+1].first, float32(start), float32(end)) {
			at++
		}
		first := at
		for at+1 < len(t.pieces) && float64(t.pieces[at+1].first) < end {
			at++
		}
		f(kernel.FirstInterval+k, start, first, at)
	}
}
