package plots

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colorBar is a plotter that says which colour of a heat map is which number. It is drawn at
// the right of the plot, as high as that; the plot makes room for it because of its
// GlyphBoxes.
type colorBar struct {
	lo, hi float64
	colors []color.Color
	label  string
}

// Sizes of a colour bar: its distance from the plot, its width, and that of its labels.
const (
	barGap    = 8
	barWidth  = 10
	barLabels = 36
)

// Plot implements plot.Plotter.
func (b colorBar) Plot(c draw.Canvas, p *plot.Plot) {
	left := c.Max.X + vg.Points(barGap)
	right := left + vg.Points(barWidth)
	height := c.Max.Y - c.Min.Y
	y := func(part float64) vg.Length { return c.Min.Y + vg.Length(part)*height }
	n := float64(len(b.colors))
	for i, shade := range b.colors {
		// a little higher than its share, so that no seams show between shades
		bottom, top := y(float64(i)/n), y(min(1, (float64(i)+1.5)/n))
		c.FillPolygon(shade, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
	}
	style := draw.LineStyle{Color: color.Gray{Y: 0x60}, Width: vg.Points(0.5)}
	c.StrokeLines(style, []vg.Point{{X: left, Y: c.Min.Y}, {X: right, Y: c.Min.Y}, {X: right, Y: c.Max.Y}, {X: left, Y: c.Max.Y}, {X: left, Y: c.Min.Y}})
	text := p.Y.Tick.Label
	text.XAlign, text.YAlign, text.Rotation = draw.XLeft, draw.YCenter, 0
	for _, tick := range (roundTicks{}).Ticks(b.lo, b.hi) {
		if tick.IsMinor() {
			continue
		}
		at := y((tick.Value - b.lo) / (b.hi - b.lo))
		c.StrokeLine2(style, right, at, right+vg.Points(3), at)
		c.FillText(text, vg.Point{X: right + vg.Points(5), Y: at}, tick.Label)
	}
	if b.label != "" {
		text := p.X.Label.TextStyle
		text.XAlign, text.YAlign, text.Rotation = draw.XCenter, draw.YBottom, 0
		text.Font.Size = vg.Points(9)
		c.FillText(text, vg.Point{X: (left + right) / 2, Y: c.Max.Y + vg.Points(4)}, b.label)
	}
}

// GlyphBoxes implements plot.GlyphBoxer.
func (b colorBar) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	return []plot.GlyphBox{{X: 1, Rectangle: vg.Rectangle{Max: vg.Point{X: vg.Points(barGap + barWidth + barLabels)}}}}
}
