package main

import (
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/mnist"
	"github.com/ditac-go/ditac/models/plots"
)

// saveExplained draws an image of each class, and below it, for the network of median score
// of each activation, what its pixels contribute to the logit of the class that the network
// says.
func saveExplained(path string, t *mnist.Task, res *sweep.Results) error {
	var images []plots.Tile
	var rows []plots.HeatRow
	for _, name := range res.Grid.Activations {
		e := task.ExplainedOf(res.Typical(name), t.Shape())
		if e == nil {
			continue
		}
		if rows == nil {
			for _, i := range e.Examples {
				img, class := t.Image(i)
				images = append(images, plots.Tile{Image: img, Caption: class})
			}
		}
		row := plots.HeatRow{Name: name}
		for k := range e.Examples {
			said := t.Classes()[e.Attributions.Output[k]]
			row.Tiles = append(row.Tiles, plots.HeatTile{Values: e.Attributions.Pixels(k), Caption: said, Marked: said != images[k].Caption})
		}
		rows = append(rows, row)
	}
	if rows == nil {
		return sweep.ErrNothing
	}
	f, err := plots.HeatGrid("red: for, blue: against what the network says", images, rows)
	if err != nil {
		return err
	}
	return f.Save(path)
}
