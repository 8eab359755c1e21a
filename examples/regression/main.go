// Command regression is the project's main job: the experiment of Figure 1 of the
// DiTAC paper (arXiv 2407.07564), in which a small network with a trainable
// activation fits a function that the same network with a fixed one does not.
//
//	go run ./examples/regression
//	go run ./examples/regression -activations all
//	go run ./examples/regression -h
//
// README.md beside it explains the settings and how they were found.
package main

import (
	"context"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
)

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	c, status, ok := parse(args, messages)
	if !ok {
		return status
	}
	return sweep.Program[fit]{
		Name: "regression", Grid: &c.Grid, Scores: []string{"R² %"},
		Train: func(ctx context.Context, r sweep.Run, progress func()) (*outcome, error) {
			return train(ctx, c, r, progress)
		},
		Files: []sweep.File[fit]{{Name: "fits.png", Write: saveFits}, {Name: "activation.png", Write: saveActivation}, {Name: "losses.png", Write: saveLosses}},
	}.Run(ctx, out, messages)
}
