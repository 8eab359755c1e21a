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
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/figure1"
)

const usage = `Usage: go run ./examples/regression [flags]

Trains the network of the DiTAC paper's Figure 1, a multilayer perceptron
2→50→1 on a sum of six sine waves over [−1,1]², with several activations and
seeds; prints a table of R² scores (in %, on a 201×201 grid) and writes pictures
and the scores of all runs. Ctrl-C ends the training and reports the runs that
are done; the same command goes on with the others.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what
the flags say, trained by one Adam with everything else; tuned has the settings
of a search on this very task, authors those of the DiTAC authors' code. With
several rates, -lr 0.001,0.01, each activation is compared at its best one, and
a second table has the scores at all.

Flags:
`

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	return example().Run(ctx, args, out, messages)
}

// example describes the program.
func example() *task.Example {
	e := &task.Example{
		Name: "regression", Usage: usage, Task: figure1.New(),
		Activations: "relu,ditac,tuned", Rates: "0.005", Seeds: "1-8", Steps: 10000,
	}
	e.Files = []sweep.File{
		{Name: "fits.png", Write: saveFits},
		{Name: "activation.png", Write: func(path string, res *sweep.Results) error { return saveActivation(path, res, &e.DiTAC) }},
		{Name: "losses.png", Write: saveLosses},
	}
	return e
}
