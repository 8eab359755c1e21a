package nb

import (
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/plots"
)

// Contributions returns a row for plots.HeatGrid, with the name of a network: the attributions
// of the pixels of a set's images. Captions are the classes that the network says, red where
// they are wrong.
func Contributions(name string, a *explain.Attributions, s *data.Set) plots.HeatRow {
	row := plots.HeatRow{Name: name}
	labels := s.Labels()
	for i, said := range a.Output {
		row.Tiles = append(row.Tiles, plots.HeatTile{Values: a.Pixels(i), Caption: s.Classes[said], Marked: said != labels[i]})
	}
	return row
}

// Ablation returns the table of what activations contribute to a loss.
func Ablation(a *explain.Ablation) *Table {
	t := NewTable("activation", "parameters", "‖θ − θ₀‖", "loss, θ set back", "loss, θ kept alone")
	for _, x := range a.Activations {
		t.Row(x.Name, x.Params, x.Moved, x.Reset, x.Kept)
	}
	return t.Row("none set back", "", "", a.Loss, "").Row("all set back", "", "", a.Start, "")
}
