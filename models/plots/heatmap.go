package plots

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/plotter"
)

// Surface is a function of two variables on a grid.
type Surface struct {
	Title string
	// N is the number of grid points along each axis, or along the first if there are Rows
	// along the second; at least 2.
	N, Rows int
	// Lo and Hi are the ends of both axes, or of the first if YLo and YHi are those of the
	// second.
	Lo, Hi, YLo, YHi float64
	// XLabel and YLabel are the labels of the axes; x₁ and x₂ if empty.
	XLabel, YLabel string
	// Values holds the value at (x_i, y_j) at j·N+i, NaN for none.
	Values []float64
}

// rows returns the number of grid points along the second axis.
func (s *Surface) rows() int {
	if s.Rows != 0 {
		return s.Rows
	}
	return s.N
}

// ends returns those of the second axis.
func (s *Surface) ends() (lo, hi float64) {
	if s.YLo == s.YHi {
		return s.Lo, s.Hi
	}
	return s.YLo, s.YHi
}

// check reports what cannot be drawn.
func (s *Surface) check() error {
	if s.N < 2 || s.rows() < 2 || len(s.Values) != s.N*s.rows() {
		return fmt.Errorf("plots: surface %q has %d values, want %d·%d", s.Title, len(s.Values), s.N, s.rows())
	}
	if lo, hi := s.ends(); !(s.Lo < s.Hi) || !(lo < hi) {
		return fmt.Errorf("plots: surface %q: axes from %v to %v and from %v to %v, want growing ones", s.Title, s.Lo, s.Hi, lo, hi)
	}
	return nil
}

// grid is a Surface as gonum/plot takes it.
type grid struct{ *Surface }

func (g grid) Dims() (c, r int)   { return g.N, g.rows() }
func (g grid) X(c int) float64    { return g.Lo + (g.Hi-g.Lo)*float64(c)/float64(g.N-1) }
func (g grid) Z(c, r int) float64 { return g.Values[r*g.N+c] }
func (g grid) Y(r int) float64 {
	lo, hi := g.ends()
	return lo + (hi-lo)*float64(r)/float64(g.rows()-1)
}

// HeatMap returns the figure of [Surfaces] in a row.
func HeatMap(title string, surfaces ...*Surface) (*Figure, error) {
	plots, err := Surfaces(surfaces)
	if err != nil {
		return nil, err
	}
	return one(title, plots...)
}

// Surfaces returns a heat map of each surface, all with the colour scale of the first: from
// blue at its least to red at its greatest value, as the bar at the right of the last says;
// what the others have beyond is cut off.
func Surfaces(surfaces []*Surface) ([]*plot.Plot, error) {
	if len(surfaces) == 0 {
		return nil, fmt.Errorf("plots: no surfaces")
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, z := range surfaces[0].Values {
		if z == z {
			lo, hi = min(lo, z), max(hi, z)
		}
	}
	if !(lo < hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return nil, fmt.Errorf("plots: surface %q has values from %v to %v, want a finite range", surfaces[0].Title, lo, hi)
	}
	colors := diverging()
	plots := make([]*plot.Plot, len(surfaces))
	for i, s := range surfaces {
		if err := s.check(); err != nil {
			return nil, err
		}
		plots[i] = heatMap(s, colors, lo, hi, true)
	}
	plots[len(plots)-1].Add(colorBar{lo: lo, hi: hi, colors: colors.Colors()})
	return plots, nil
}

// heatMap draws a surface, smooth between its points or as fields of one colour.
func heatMap(s *Surface, colors palette.Palette, lo, hi float64, smooth bool) *plot.Plot {
	h := plotter.NewHeatMap(grid{s}, colors)
	h.Min, h.Max = lo, hi
	h.Rasterized = smooth
	h.NaN = nothing
	all := colors.Colors()
	h.Underflow, h.Overflow = all[0], all[len(all)-1]
	p := NewPanel(s.Title, cmp.Or(s.XLabel, "x₁"), cmp.Or(s.YLabel, "x₂"))
	p.Add(h)
	return p
}
