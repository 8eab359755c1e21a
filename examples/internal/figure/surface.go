package figure

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
)

// Surface is a function of two variables on a square grid.
type Surface struct {
	Title string
	// N is the number of grid points along each axis, at least 2.
	N int
	// Lo and Hi are the ends of both axes.
	Lo, Hi float64
	// Values holds the value at (x_i, y_j) at j·N+i.
	Values []float64
}

// grid is a Surface as gonum/plot takes it.
type grid struct{ *Surface }

func (g grid) Dims() (c, r int)   { return g.N, g.N }
func (g grid) X(c int) float64    { return g.Lo + (g.Hi-g.Lo)*float64(c)/float64(g.N-1) }
func (g grid) Y(r int) float64    { return g.X(r) }
func (g grid) Z(c, r int) float64 { return g.Values[r*g.N+c] }

// Surfaces returns a row of heat maps with the colour scale of the first, from
// blue at its least to red at its greatest value; what the others have beyond is
// cut off.
func Surfaces(surfaces []*Surface) ([]*plot.Plot, error) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, z := range surfaces[0].Values {
		lo, hi = min(lo, z), max(hi, z)
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
		if s.N < 2 || len(s.Values) != s.N*s.N {
			return nil, fmt.Errorf("figure: surface %q has %d values, want %d²", s.Title, len(s.Values), s.N)
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
	p.X.Label.Text, p.Y.Label.Text = "x₁", "x₂"
	p.Add(h)
	return p
}
