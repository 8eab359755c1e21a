package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// Series are the losses of trainings that belong together: one after each step, of one run or
// of several, as with different seeds.
type Series struct {
	Name string
	Runs [][]float64
}

// lossPoints is the number of points that a loss curve is averaged to.
const lossPoints = 150

// Losses returns the plot of losses over the steps: of each series the geometric mean over
// its runs, of means over equal stretches of steps. The axis is logarithmic; losses that are
// not positive are left out.
func Losses(title, label string, series []Series) (*Figure, error) {
	p, err := LossPlot(title, label, series)
	if err != nil {
		return nil, err
	}
	return one(title, p)
}

// LossPlot is [Losses] as a plot, for a [Grid].
func LossPlot(title, label string, series []Series) (*plot.Plot, error) {
	p := NewPanel(title, "step", label)
	p.Legend.Left, p.Legend.XOffs = false, 0
	for i, s := range series {
		if xys := s.points(); len(xys) > 0 {
			if err := addLine(p, s.Name, xys, Color(i), false); err != nil {
				return nil, err
			}
		}
	}
	if p.X.Min > p.X.Max { // nothing to draw
		p.X.Max = 1
	}
	p.X.Min = 0
	LogY(p)
	return p, nil
}

// points averages the runs.
func (s Series) points() plotter.XYs {
	steps := 0
	for _, r := range s.Runs {
		steps = max(steps, len(r))
	}
	stretch := max(1, (steps+lossPoints-1)/lossPoints)
	var xys plotter.XYs
	for from := 0; from < steps; from += stretch {
		logs, runs := 0.0, 0
		for _, r := range s.Runs {
			if from >= len(r) {
				continue
			}
			part := r[from:min(from+stretch, len(r))]
			sum := 0.0
			for _, l := range part {
				sum += l
			}
			logs += math.Log(sum / float64(len(part)))
			runs++
		}
		if y := math.Exp(logs / float64(runs)); y > 0 && !math.IsInf(y, 0) {
			xys = append(xys, plotter.XY{X: float64(from) + float64(stretch)/2, Y: y})
		}
	}
	return xys
}

// Line is a line through points.
type Line struct {
	Name   string
	X, Y   []float64
	Dashed bool
}

// Lines returns a plot of lines, as of an accuracy over epochs. Points that are not finite
// are left out.
func Lines(title, xLabel, yLabel string, lines []Line) (*Figure, error) {
	p, err := LinePlot(title, xLabel, yLabel, lines)
	if err != nil {
		return nil, err
	}
	return one(title, p)
}

// LinePlot is [Lines] as a plot, for a [Grid].
func LinePlot(title, xLabel, yLabel string, lines []Line) (*plot.Plot, error) {
	p := NewPanel(title, xLabel, yLabel)
	for i, l := range lines {
		if len(l.X) != len(l.Y) {
			return nil, fmt.Errorf("plots: Lines: %s: line %q has %d x and %d y", title, l.Name, len(l.X), len(l.Y))
		}
		var xys plotter.XYs
		for k, x := range l.X {
			if y := l.Y[k]; x-x == 0 && y-y == 0 {
				xys = append(xys, plotter.XY{X: x, Y: y})
			}
		}
		if len(xys) == 0 {
			continue
		}
		if err := addLine(p, l.Name, xys, Color(i), l.Dashed); err != nil {
			return nil, err
		}
	}
	if p.X.Min > p.X.Max {
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	}
	widenY(p)
	if len(lines) > 1 {
		headroom(p, 0.1*float64(len(lines)))
	}
	return p, nil
}
