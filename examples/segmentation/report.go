package main

import (
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task/segmentation"
	"gonum.org/v1/plot"
)

// saveScenes draws scenes of the test, each in a row: as it is, with the true classes, and
// with those that the networks of median score say, of the first activation and of ditac.
func saveScenes(path string, t *segmentation.Task, res *sweep.Results) error {
	var typical []*sweep.Outcome
	for _, a := range compared(res.Grid.Activations) {
		if o := res.Typical(a); o != nil {
			typical = append(typical, o)
		}
	}
	if len(typical) == 0 {
		return sweep.ErrNothing
	}
	var rows [][]*plot.Plot
	for i := range t.Shown() {
		row := []figure.Photo{{Image: t.Scene(i)}, {Image: t.Truth(i)}}
		for _, o := range typical {
			row = append(row, figure.Photo{Image: t.Said(i, o)})
		}
		if i == 0 {
			row[0].Title, row[1].Title = "scene", "truth"
			for k, o := range typical {
				row[2+k].Title = fmt.Sprintf("%s: mean IoU %.1f %%", o.Run.Activation, o.Scores[0])
			}
		}
		plots := make([]*plot.Plot, len(row)+1)
		for k, photo := range row {
			plots[k] = photo.Plot()
		}
		if i == 0 {
			plots[len(row)] = figure.Key(t.ClassNames()[1:])
		}
		rows = append(rows, plots)
	}
	return figure.Save(path, figure.PhotoSize, figure.PhotoSize, rows)
}

// compared are the activations whose networks are drawn: the reference and ditac.
func compared(activations []string) []string {
	list := []string{activations[0]}
	if activations[0] != cli.Plain && slices.Contains(activations, cli.Plain) {
		list = append(list, cli.Plain)
	}
	return list
}

// columns of the figure of the activations.
const columns = 4

// saveActivations draws what the activations of the network of median score of ditac have
// learned, from the input to the output.
func saveActivations(path string, t *segmentation.Task, settings cli.DiTAC, res *sweep.Results) error {
	o := res.Typical(cli.Plain)
	if o == nil {
		return sweep.ErrNothing
	}
	curves, err := t.Curves(o, settings)
	if err != nil {
		return err
	}
	if len(curves) == 0 {
		return sweep.ErrNothing
	}
	var rows [][]*plot.Plot
	for k, c := range curves {
		if k%columns == 0 {
			rows = append(rows, make([]*plot.Plot, columns))
		}
		p, err := figure.Curve(fmt.Sprintf("%s: %.0f %% inside", c.Name, 100*c.Inside), c.Exact)
		if err != nil {
			return err
		}
		rows[k/columns][k%columns] = p
	}
	return figure.Save(path, figure.Width, figure.Height, rows)
}
