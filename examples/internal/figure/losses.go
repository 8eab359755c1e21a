package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Losses is the loss curve of several runs.
type Losses struct {
	Name string
	Runs [][]float64 // one loss per step and run
}

// lossPoints is the number of points that a loss curve is averaged to.
const lossPoints = 150

// LossCurves returns the plot of the losses over the steps: for each curve the
// geometric mean over its runs, of means over equal stretches of steps.
func LossCurves(curves []Losses) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = "training loss (geometric mean over seeds)"
	p.X.Label.Text, p.Y.Label.Text = "step", "mean squared error"
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	for i, c := range curves {
		xys := c.points()
		if len(xys) == 0 {
			continue
		}
		l, err := plotter.NewLine(xys)
		if err != nil {
			return nil, fmt.Errorf("figure: losses of %s: %w", c.Name, err)
		}
		l.Color, l.Width = Color(i), vg.Points(1.4)
		p.Add(l)
		p.Legend.Add(c.Name, l)
	}
	if !(p.Y.Min < p.Y.Max) { // one loss, or none: gonum/plot would widen the axis beyond 0
		if p.Y.Min-p.Y.Min != 0 {
			p.Y.Min = 1
		}
		p.Y.Min, p.Y.Max = p.Y.Min/2, p.Y.Min*2
	}
	return p, nil
}

// points averages the runs. Stretches that are not positive, which a logarithmic
// axis cannot show, are left out.
func (c Losses) points() plotter.XYs {
	steps := 0
	for _, r := range c.Runs {
		steps = max(steps, len(r))
	}
	stretch := max(1, (steps+lossPoints-1)/lossPoints)
	var xys plotter.XYs
	for from := 0; from < steps; from += stretch {
		logs, runs := 0.0, 0
		for _, r := range c.Runs {
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
