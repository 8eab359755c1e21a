package figure

import (
	"cmp"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
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

// y returns the second coordinate of a row.
func (s *Surface) y(r int) float64 {
	lo, hi := s.YLo, s.YHi
	if lo == hi {
		lo, hi = s.Lo, s.Hi
	}
	return lo + (hi-lo)*float64(r)/float64(s.rows()-1)
}

// grid is a Surface as gonum/plot takes it.
type grid struct{ *Surface }

func (g grid) Dims() (c, r int)   { return g.N, g.rows() }
func (g grid) X(c int) float64    { return g.Lo + (g.Hi-g.Lo)*float64(c)/float64(g.N-1) }
func (g grid) Y(r int) float64    { return g.y(r) }
func (g grid) Z(c, r int) float64 { return g.Values[r*g.N+c] }

// Surfaces returns a row of heat maps with the colour scale of the first, from
// blue at its least to red at its greatest value; what the others have beyond is
// cut off.
func Surfaces(surfaces []*Surface) ([]*plot.Plot, error) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, z := range surfaces[0].Values {
		if z == z {
			lo, hi = min(lo, z), max(hi, z)
		}
	}
	if !(lo < hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return nil, fmt.Errorf("figure: surface %q has values from %v to %v, want a finite range", surfaces[0].Title, lo, hi)
	}
	colors := moreland.SmoothBlueRed()
	colors.SetMin(lo)
	colors.SetMax(hi)
	shades := colors.Palette(255)
	plots := make([]*plot.Plot, len(surfaces))
	for i, s := range surfaces {
		if s.N < 2 || s.rows() < 2 || len(s.Values) != s.N*s.rows() {
			return nil, fmt.Errorf("figure: surface %q has %d values, want %d·%d", s.Title, len(s.Values), s.N, s.rows())
		}
		plots[i] = heatMap(s, shades, lo, hi)
	}
	return plots, nil
}

func heatMap(s *Surface, shades palette.Palette, lo, hi float64) *plot.Plot {
	h := plotter.NewHeatMap(grid{s}, shades)
	h.Min, h.Max = lo, hi
	h.Rasterized = true
	h.NaN = color.Black
	h.Underflow, h.Overflow = shades.Colors()[0], shades.Colors()[len(shades.Colors())-1]
	p := plot.New()
	p.Title.Text = s.Title
	p.X.Label.Text, p.Y.Label.Text = cmp.Or(s.XLabel, "x₁"), cmp.Or(s.YLabel, "x₂")
	p.Add(h)
	return p
}
