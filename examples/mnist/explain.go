package main

import (
	"fmt"

	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/mnist"
	"github.com/ditac-go/ditac/models/plots"
)

// saveExplained draws an image of each class, and below it, for the network of median score
// of each activation, what its pixels contribute to the logit of the class that the network
// says.
func saveExplained(path string, t *mnist.Task, res *sweep.Results) error {
	var tiles []plots.Tile
	columns := 0
	for _, name := range res.Grid.Activations {
		e := task.ExplainedOf(res.Typical(name), t.Shape())
		if e == nil {
			continue
		}
		if tiles == nil {
			columns = len(e.Examples)
			for _, i := range e.Examples {
				img, class := t.Image(i)
				tiles = append(tiles, plots.Tile{Image: img, Caption: class})
			}
		}
		for k, i := range e.Examples {
			heat, scale, err := plots.Heat(e.Attributions.Pixels(k), t.Shape()[1], t.Shape()[2], 0)
			if err != nil {
				return fmt.Errorf("%s, image %d: %w", name, i, err)
			}
			said := t.Classes()[e.Attributions.Output[k]]
			_, class := t.Image(i)
			tiles = append(tiles, plots.Tile{Image: heat, Caption: fmt.Sprintf("%s ±%.2g", name, scale), Marked: said != class})
		}
	}
	if tiles == nil {
		return sweep.ErrNothing
	}
	f, err := plots.Heats("red: for, blue: against what the network says", tiles, columns, "−±", "+±")
	if err != nil {
		return err
	}
	return f.Save(path)
}
