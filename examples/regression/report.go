package main

import (
	"fmt"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task/figure1"
	"gonum.org/v1/plot"
)

// saveFits draws the target and each activation's fit of median score.
func saveFits(path string, res *sweep.Results) error {
	_, want := figure1.Grid()
	surface := func(title string, z []float64) *figure.Surface {
		return &figure.Surface{Title: title, N: figure1.GridSize, Lo: -1, Hi: 1, Values: z}
	}
	surfaces := []*figure.Surface{surface("target", want)}
	for _, a := range res.Grid.Activations {
		if o := res.Typical(a); o != nil {
			surfaces = append(surfaces, surface(fmt.Sprintf("%s: R² = %.1f %%", a, o.Scores[0]), float64s(o.Arrays[figure1.Values])))
		}
	}
	if len(surfaces) == 1 {
		return sweep.ErrNothing
	}
	row, err := figure.Surfaces(surfaces)
	if err != nil {
		return err
	}
	return figure.Save(path, figure.Height, figure.Height, wrap(row, 4))
}

// wrap breaks a row of plots into rows of at most n.
func wrap(row []*plot.Plot, n int) [][]*plot.Plot {
	var rows [][]*plot.Plot
	for ; len(row) > n; row = row[n:] {
		rows = append(rows, row[:n])
	}
	if len(rows) > 0 {
		row = append(row[:len(row):len(row)], make([]*plot.Plot, n-len(row))...)
	}
	return append(rows, row)
}

// saveActivation draws what the first DiTAC of the grid learned in its run of median
// score.
func saveActivation(path string, res *sweep.Results, d *cli.DiTAC) error {
	for _, a := range res.Grid.Activations {
		o := res.Typical(a)
		if o == nil || o.Arrays[figure1.Theta] == nil {
			continue
		}
		learned, err := d.Learned(a, o.Run.Seed, o.Arrays[figure1.Theta])
		if err != nil {
			return err
		}
		inputs := float64s(o.Arrays[figure1.Inputs])
		row, err := figure.Activation(fmt.Sprintf("%s, seed %d", a, o.Run.Seed), learned, &figure.Histogram{Lo: inputs[0], Hi: inputs[1], Counts: inputs[2:]})
		if err != nil {
			return err
		}
		return figure.Save(path, figure.Width, figure.Height, wrap(row, 2))
	}
	return sweep.ErrNothing
}

func saveLosses(path string, res *sweep.Results) error {
	var curves []figure.Losses
	for _, a := range res.Grid.Activations {
		l := figure.Losses{Name: a}
		for _, o := range res.Best(a) {
			l.Runs = append(l.Runs, float64s(o.Arrays[figure1.Losses]))
		}
		if len(l.Runs) > 0 {
			curves = append(curves, l)
		}
	}
	if len(curves) == 0 {
		return sweep.ErrNothing
	}
	p, err := figure.LossCurves(curves)
	if err != nil {
		return err
	}
	return figure.Save(path, 1.6*figure.Width, 1.2*figure.Height, [][]*plot.Plot{{p}})
}

// float64s returns numbers as float64, which figures are drawn in.
func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
