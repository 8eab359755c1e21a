package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// BarSeries are numbers to compare, such as what the columns of a table contribute to a
// network's outputs.
type BarSeries struct {
	Name   string
	Values []float64
}

// barThickness is that of a bar, in points.
const barThickness = 8

// Bars returns horizontal bars: a group for each name, the first on top, with a bar for each
// series.
func Bars(title, label string, names []string, series []BarSeries) (*Figure, error) {
	if len(names) == 0 || len(series) == 0 {
		return nil, fmt.Errorf("plots: Bars: %s: %d names and %d series, want at least one", title, len(names), len(series))
	}
	p := NewPanel(title, label, "")
	down := make([]string, len(names)) // gonum/plot has the first at the bottom
	for i, name := range names {
		down[len(names)-1-i] = name
	}
	for k, s := range series {
		if len(s.Values) != len(names) {
			return nil, fmt.Errorf("plots: Bars: %s: series %q has %d values for %d names", title, s.Name, len(s.Values), len(names))
		}
		values := make(plotter.Values, len(names))
		for i, v := range s.Values {
			if v-v != 0 {
				return nil, fmt.Errorf("plots: Bars: %s: value %d of %q is %v", title, i, s.Name, v)
			}
			values[len(names)-1-i] = v
		}
		bars, err := plotter.NewBarChart(values, vg.Points(barThickness))
		if err != nil {
			return nil, fmt.Errorf("plots: Bars: %s: %w", title, err)
		}
		bars.Horizontal, bars.Color = true, Color(k)
		bars.LineStyle.Width = 0
		bars.Offset = vg.Points(barThickness * (float64(len(series)-1)/2 - float64(k)))
		p.Add(bars)
		p.Legend.Add(" "+s.Name, bars)
	}
	p.NominalY(down...)
	p.Legend.Left, p.Legend.Top = false, false // where the bars of sorted numbers are short
	p.X.Min = min(0, p.X.Min)
	if p.X.Min == p.X.Max {
		p.X.Max = p.X.Min + 1
	}
	each := vg.Points(barThickness) * vg.Length(len(series)+1)
	height := max(Height, each*vg.Length(len(names))+1.1*vg.Inch)
	return Grid(title, 1.3*Width, height, [][]*plot.Plot{{p}})
}
