package main

import (
	"fmt"
	"image/color"
	"strconv"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/mnist"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// drawn returns the outcome that pictures show: ditac's of median score, or the first
// activation's without it.
func drawn(res *sweep.Results) *sweep.Outcome {
	if o := res.Typical(cli.Plain); o != nil {
		return o
	}
	return res.Typical(res.Grid.Activations[0])
}

// saveActivations draws what the activations of ditac's network of median score have
// learned.
func saveActivations(path string, settings cli.DiTAC, res *sweep.Results) error {
	o := res.Typical(cli.Plain)
	if o == nil {
		return sweep.ErrNothing
	}
	curves, err := task.Curves(o, settings)
	if err != nil {
		return err
	}
	if len(curves) == 0 {
		return sweep.ErrNothing
	}
	var row []*plot.Plot
	for k, c := range curves {
		p, err := figure.Curve(fmt.Sprintf("after convolution %d: %.0f %% inside", k+1, 100*c.Inside), c.Exact)
		if err != nil {
			return err
		}
		row = append(row, p)
	}
	return figure.Save(path, figure.Width, figure.Height, [][]*plot.Plot{row})
}

// saveConfusion draws the confusion matrix: the shade of an element tells its share of its
// class among the mistakes, as those of the diagonal would drown all others.
func saveConfusion(path string, t *mnist.Task, res *sweep.Results) error {
	o := drawn(res)
	if o == nil {
		return sweep.ErrNothing
	}
	m, names := t.Confusion(o), t.Classes()
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s: %.2f %% right", o.Run.Activation, o.Scores[0])
	p.X.Label.Text, p.Y.Label.Text = "the network says", "it is"
	var most float32 = 1
	for i, row := range m {
		for j, n := range row {
			if i != j {
				most = max(most, n)
			}
		}
	}
	labels := plotter.XYLabels{}
	for i, row := range m {
		for j, n := range row {
			shade := uint8(255 - 150*n/most)
			fill := color.RGBA{R: 255, G: shade, B: shade, A: 255}
			if i == j {
				fill = color.RGBA{R: 0xd0, G: 0xe4, B: 0xf2, A: 255}
			}
			x, y := float64(j), float64(len(m)-1-i)
			square, err := plotter.NewPolygon(plotter.XYs{{X: x - 0.5, Y: y - 0.5}, {X: x + 0.5, Y: y - 0.5}, {X: x + 0.5, Y: y + 0.5}, {X: x - 0.5, Y: y + 0.5}})
			if err != nil {
				return err
			}
			square.Color, square.LineStyle.Width = fill, 0.2
			p.Add(square)
			if n > 0 {
				labels.XYs = append(labels.XYs, plotter.XY{X: x, Y: y})
				labels.Labels = append(labels.Labels, strconv.Itoa(int(n)))
			}
		}
	}
	numbers, err := plotter.NewLabels(labels)
	if err != nil {
		return err
	}
	for i := range numbers.TextStyle {
		numbers.TextStyle[i].XAlign, numbers.TextStyle[i].YAlign = text.XCenter, text.YCenter
		numbers.TextStyle[i].Font.Size = 8
	}
	p.Add(numbers)
	ticks := func(at func(i int) int) plot.ConstantTicks {
		var list plot.ConstantTicks
		for i, name := range names {
			list = append(list, plot.Tick{Value: float64(at(i)), Label: name})
		}
		return list
	}
	p.X.Tick.Marker = ticks(func(i int) int { return i })
	p.Y.Tick.Marker = ticks(func(i int) int { return len(names) - 1 - i })
	return figure.Save(path, 1.4*figure.Height, 1.4*figure.Height, [][]*plot.Plot{{p}})
}

// The figure of misclassified images: columns, and what their titles take.
const (
	columns     = 8
	titleHeight = 0.21 * vg.Inch
)

// saveWrong draws the images that the network is most sure and wrong about.
func saveWrong(path string, t *mnist.Task, res *sweep.Results) error {
	o := drawn(res)
	if o == nil {
		return sweep.ErrNothing
	}
	wrongs := t.Wrongs(o)
	if len(wrongs) == 0 {
		return sweep.ErrNothing
	}
	var rows [][]*plot.Plot
	for k, w := range wrongs {
		if k%columns == 0 {
			rows = append(rows, make([]*plot.Plot, columns))
		}
		rows[k/columns][k%columns] = figure.Photo{Title: fmt.Sprintf("%s, not %s", w.Is, w.Called), Image: w.Image}.Plot()
	}
	return figure.Save(path, figure.PhotoSize/2, figure.PhotoSize/2+titleHeight, rows)
}
