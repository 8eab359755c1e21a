package figure

import (
	"math"

	"github.com/ditac-go/ditac/models/plots"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Samples are the scores of several runs that belong together.
type Samples struct {
	Name   string
	Values []float64 // those that are not finite are left out
}

// Strips returns a plot of samples side by side: each value as a dot, the mean as a bar.
func Strips(title, label string, samples []Samples) (*plot.Plot, error) {
	p := plots.NewPanel(title, "", label)
	names := make([]string, len(samples))
	for i, s := range samples {
		names[i] = s.Name
		var dots plotter.XYs
		mean := 0.0
		for _, v := range s.Values {
			if v-v == 0 {
				dots = append(dots, plotter.XY{X: float64(i), Y: v})
				mean += v
			}
		}
		if len(dots) == 0 {
			continue
		}
		mean /= float64(len(dots))
		bar, err := plotter.NewLine(plotter.XYs{{X: float64(i) - 0.3, Y: mean}, {X: float64(i) + 0.3, Y: mean}})
		if err != nil {
			return nil, err
		}
		bar.Color, bar.Width = Color(i), vg.Points(2)
		scatter, err := plotter.NewScatter(dots)
		if err != nil {
			return nil, err
		}
		scatter.GlyphStyle = draw.GlyphStyle{Color: Color(i), Radius: vg.Points(2.2), Shape: draw.RingGlyph{}}
		p.Add(bar, scatter)
	}
	p.NominalX(names...)
	if len(names) > 4 {
		p.X.Tick.Label.Rotation = math.Pi / 6
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
	}
	p.X.Min, p.X.Max = -0.6, float64(len(samples))-0.4
	widen(p)
	return p, nil
}

// Points is a line through points (x, y); those that are not finite are left out.
type Points struct {
	Name string
	X, Y []float64
}

// OverRates returns a plot of lines over learning rates.
func OverRates(title, label string, lines []Points) (*plot.Plot, error) {
	p := plots.NewPanel(title, "learning rate", label)
	p.Legend.Left, p.Legend.XOffs = false, 0
	drawn := false
	for i, l := range lines {
		var xys plotter.XYs
		for k, y := range l.Y {
			if y-y == 0 {
				xys = append(xys, plotter.XY{X: l.X[k], Y: y})
			}
		}
		if len(xys) == 0 {
			continue
		}
		line, points, err := plotter.NewLinePoints(xys)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = Color(i), vg.Points(1.4)
		points.GlyphStyle = draw.GlyphStyle{Color: Color(i), Radius: vg.Points(2.2), Shape: draw.CircleGlyph{}}
		p.Add(line, points)
		p.Legend.Add(l.Name, line)
		drawn = true
	}
	if !drawn { // an axis without data has no logarithm
		p.X.Min, p.X.Max = 0.001, 0.1
	}
	plots.LogX(p)
	widen(p)
	p.X.Max *= math.Pow(p.X.Max/p.X.Min, 0.45) // room for the legend
	return p, nil
}

// widen gives a vertical axis without extent one, which it cannot be drawn without.
func widen(p *plot.Plot) {
	if !(p.Y.Min < p.Y.Max) {
		middle := p.Y.Min
		if middle-middle != 0 {
			middle = 0
		}
		p.Y.Min, p.Y.Max = middle-0.5, middle+0.5
	}
}
