package figure

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Key returns a plot that says which colour is what: the i-th name has the i-th colour of
// [Color].
func Key(names []string) *plot.Plot {
	p := plot.New()
	p.HideAxes()
	p.Legend.Left, p.Legend.Top = true, true
	p.Legend.YOffs = -vg.Centimeter
	p.Legend.Padding = 2 * vg.Millimeter
	for i, name := range names {
		p.Legend.Add(name, swatch{Color(i)})
	}
	return p
}

// swatch is a thumbnail of one colour.
type swatch struct{ color color.Color }

// Thumbnail implements plot.Thumbnailer.
func (s swatch) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(s.color, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
}
