// Command imagefit fits a photograph by a small network from pixel coordinates to
// colours, with several activations: what a trainable activation is good for, few inputs
// and a wiggly target.
//
//	go run ./examples/imagefit
//	go run ./examples/imagefit -hold 0
//	go run ./examples/imagefit -image photo.jpg -activations all
//	go run ./examples/imagefit -h
package main

import (
	"context"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/photo"
	_ "github.com/ditac-go/ditac/models/openblas" // with -tags openblas
)

const usage = `Usage: go run ./examples/imagefit [flags]

Trains a multilayer perceptron 2→64→64→3 that takes the place of a pixel to its
colour, from half of the pixels, with several activations, learning rates and seeds;
prints tables of the PSNR in dB (larger is better), first on the pixels that training
has not seen, and of the SSIM, and writes the fits side by side. -hold 0 trains on
all pixels. Ctrl-C ends the training and reports the runs that are done; the same
command goes on with the others.

` + cli.FeaturesHelp + `
The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what
the flags say, trained by one Adam with everything else.

Flags:
`

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	t := photo.New()
	e := &task.Example{
		Name: "imagefit", Usage: usage, Task: t,
		Coordinates: true,
		Activations: "relu,gelu,tanh,pwl,ditac,amplified,sine10,sine,relu+fourier4", Rates: "0.002,0.005,0.02", Seeds: "1-5", Steps: 2000,
		Files: []sweep.File{{Name: "fits.png", Write: func(path string, res *sweep.Results) error { return saveFits(path, t, res) }}},
	}
	return e.Run(ctx, args, out, messages)
}
