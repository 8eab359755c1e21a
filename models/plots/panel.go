package plots

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// curvePoints is the number of points of a drawn function.
const curvePoints = 601

// lineWidth is that of the lines that a plot is about.
var lineWidth = vg.Points(1.5)

var dashes = []vg.Length{vg.Points(4), vg.Points(3)}

// NewPanel returns an empty plot in the style of this package: round ticks, a light grid, a
// legend at the top left.
func NewPanel(title, xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, xLabel, yLabel
	p.Title.Padding = vg.Points(4)
	p.X.Tick.Marker, p.Y.Tick.Marker = roundTicks{}, roundTicks{}
	p.Legend.Left, p.Legend.Top = true, true
	p.Legend.XOffs, p.Legend.Padding = vg.Points(4), vg.Millimeter
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = gridColor, gridColor
	p.Add(grid)
	return p
}

// LogY makes the vertical axis of a plot logarithmic. Call it when all is added: an axis
// whose numbers are not positive becomes one from 1 to 10.
func LogY(p *plot.Plot) { logarithmic(&p.Y) }

// LogX is [LogY] for the horizontal axis.
func LogX(p *plot.Plot) { logarithmic(&p.X) }

func logarithmic(a *plot.Axis) {
	a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{}
	switch {
	case !(a.Min > 0) || math.IsInf(a.Max, 0):
		a.Min, a.Max = 1, 10
	case !(a.Min < a.Max): // gonum/plot would widen the axis beyond 0
		a.Min, a.Max = a.Min/2, a.Min*2
	}
}

// function is a function to draw.
type function struct {
	name   string
	f      func(x float64) float64
	color  color.Color
	dashed bool
}

// addTo draws the function between lo and hi; a value that is not finite is an error.
func (l function) addTo(p *plot.Plot, lo, hi float64) error {
	xys := make(plotter.XYs, curvePoints)
	for i := range xys {
		x := lo + (hi-lo)*float64(i)/(curvePoints-1)
		xys[i] = plotter.XY{X: x, Y: l.f(x)}
	}
	return addLine(p, l.name, xys, l.color, l.dashed)
}

// AddFunction draws a function between lo and hi, with its name in the legend unless it is
// empty. A value that is not finite is an error.
func AddFunction(p *plot.Plot, name string, f func(x float64) float64, lo, hi float64, c color.Color, dashed bool) error {
	return function{name, f, c, dashed}.addTo(p, lo, hi)
}

// AddDomain marks the ends of a domain [a,b] by dotted lines, over the height that the plot
// has: call it last.
func AddDomain(p *plot.Plot, a, b float64) { addEnds(p, a, b) }

// addLine draws a line through points, with its name in the legend if it has one.
func addLine(p *plot.Plot, name string, xys plotter.XYs, c color.Color, dashed bool) error {
	line, err := plotter.NewLine(xys)
	if err != nil {
		return fmt.Errorf("plots: %s: line %q: %w", p.Title.Text, name, err)
	}
	line.Color, line.Width = c, lineWidth
	if dashed {
		line.Dashes, line.Width = dashes, vg.Points(1.2)
	}
	p.Add(line)
	if name != "" {
		p.Legend.Add(" "+name, line) // a space from the line of the legend
	}
	return nil
}

// addEnds marks the ends of the domain over the height that the plot has.
func addEnds(p *plot.Plot, a, b float64) {
	lo, hi := p.Y.Min, p.Y.Max
	for _, x := range []float64{a, b} {
		end := &plotter.Line{XYs: plotter.XYs{{X: x, Y: lo}, {X: x, Y: hi}}, LineStyle: plotter.DefaultLineStyle}
		end.Color, end.Dashes = domainColor, []vg.Length{vg.Points(2), vg.Points(2)}
		p.Add(end)
	}
	p.Y.Min, p.Y.Max = lo, hi
}

// headroom widens the vertical axis upwards by a part of its height, for the legend.
func headroom(p *plot.Plot, part float64) { p.Y.Max += part * (p.Y.Max - p.Y.Min) }
