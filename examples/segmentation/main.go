// Command segmentation says for each pixel of a picture which kind of emoji it belongs
// to, by a small U-Net with several activations, tested on emoji that training never saw.
//
//	go run ./examples/segmentation
//	go run ./examples/segmentation -quick
//	go run ./examples/segmentation -emoji DIR
//	go run ./examples/segmentation -h
package main

import (
	"context"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/segmentation"
	_ "github.com/ditac-go/ditac/models/openblas" // with -tags openblas
)

const usage = `Usage: go run ./examples/segmentation [flags]

Trains a small U-Net to say for each pixel of a scene of 32×32 pixels which class it
belongs to: background, or one of four kinds of emoji, of which one to three lie on a
random texture. It does so with several activations, learning rates and seeds, and
prints tables of the mean intersection over union (IoU) and of the pixel accuracy on
scenes of emoji that training never saw. Ctrl-C ends the training and reports the
runs that are done; the same command goes on with the others.

The emoji are fetched by npm once, or come from a folder of your own: -emoji DIR,
in which each folder is a class and holds PNG pictures with transparent pixels around
the thing.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what the
flags say, trained by one Adam with everything else.

Flags:
`

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	t := segmentation.New()
	e := &task.Example{
		Name: "segmentation", Usage: usage, Task: t,
		Activations: "relu,gelu,silu,prelu,pwl,ditac", Rates: "0.003,0.01,0.03", Seeds: "1-3", Steps: 600,
	}
	e.Files = []sweep.File{
		{Name: "scenes.png", Write: func(path string, res *sweep.Results) error { return saveScenes(path, t, res) }},
		{Name: "activations.png", Write: func(path string, res *sweep.Results) error { return saveActivations(path, t, e.DiTAC, res) }},
	}
	return e.Run(ctx, args, out, messages)
}
