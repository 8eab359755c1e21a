package plots

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion returns the plot of a confusion matrix as metric.Confusion gives it: row i are the
// examples of class i, column j what is said to be class j. Fields have their numbers, and as
// colours the share of their row, so that classes of different sizes can be compared.
func Confusion(title string, classes []string, counts [][]int) (*Figure, error) {
	n := len(classes)
	if n < 2 || len(counts) != n {
		return nil, fmt.Errorf("plots: Confusion: %s: %d classes and %d rows, want as many, at least 2", title, n, len(counts))
	}
	s := &Surface{Title: title, N: n, Lo: 0, Hi: float64(n - 1), XLabel: "said", YLabel: "true", Values: make([]float64, n*n)}
	for i, row := range counts {
		total := 0
		if len(row) != n {
			return nil, fmt.Errorf("plots: Confusion: %s: row %d has %d numbers, want %d", title, i, len(row), n)
		}
		for j, c := range row {
			if c < 0 {
				return nil, fmt.Errorf("plots: Confusion: %s: %d in row %d, column %d", title, c, i, j)
			}
			total += c
		}
		for j, c := range row { // the first class on top
			s.Values[(n-1-i)*n+j] = float64(c) / float64(max(total, 1))
		}
	}
	colors := sequential()
	p := heatMap(s, colors, 0, 1, false)
	p.Add(numbers{counts}, colorBar{lo: 0, hi: 1, colors: colors.Colors(), label: "share"})
	p.X.Tick.Marker, p.Y.Tick.Marker = classTicks(classes, false), classTicks(classes, true)
	p.X.Tick.Length, p.X.Tick.Width = vg.Points(5), 0 // room for slanted names
	p.Y.Tick.Length = 0
	for _, c := range classes {
		if len(c) > 2 {
			p.X.Tick.Label.Rotation = math.Pi / 4
			p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
		}
	}
	side := vg.Length(max(10, n)) * 0.36 * vg.Inch
	return Grid(title, side+1.6*vg.Inch, side+1.0*vg.Inch, [][]*plot.Plot{{p}})
}

// classTicks are ticks at 0, 1, …, with names.
func classTicks(classes []string, reversed bool) plot.ConstantTicks {
	ticks := make(plot.ConstantTicks, len(classes))
	for i, c := range classes {
		at := i
		if reversed {
			at = len(classes) - 1 - i
		}
		ticks[i] = plot.Tick{Value: float64(at), Label: c}
	}
	return ticks
}

// numbers is a plotter of the counts in the fields of a matrix.
type numbers struct{ counts [][]int }

// Plot implements plot.Plotter. Zeros are left out: the others stand out.
func (m numbers) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := p.X.Tick.Label
	style.XAlign, style.YAlign, style.Rotation = draw.XCenter, draw.YCenter, 0
	style.Font.Size = vg.Points(8)
	n := len(m.counts)
	for i, row := range m.counts {
		total := 0
		for _, v := range row {
			total += v
		}
		for j, v := range row {
			if v == 0 {
				continue
			}
			style.Color = color.Black
			if 2*v > total { // the field is dark
				style.Color = color.White
			}
			c.FillText(style, vg.Point{X: x(float64(j)), Y: y(float64(n - 1 - i))}, strconv.Itoa(v))
		}
	}
}

var _ plot.Plotter = numbers{}
var _ plotter.GridXYZ = grid{}
