// Command imagefit fits a photograph by a small network from pixel coordinates to
// colours, with several activations: what a trainable activation is good for, few inputs
// and a wiggly target.
//
//	go run ./examples/imagefit
//	go run ./examples/imagefit -hold 0.5
//	go run ./examples/imagefit -image photo.jpg -activations all
//	go run ./examples/imagefit -h
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
	return sweep.Program[colors]{
		Name: "imagefit", Grid: &c.Grid, Scores: []string{"PSNR dB", "held-out PSNR dB"},
		Train: func(ctx context.Context, r sweep.Run, progress func()) (*outcome, error) {
			return train(ctx, c, r, progress)
		},
		Files: []sweep.File[colors]{{Name: "fits.png", Write: func(path string, res *results) error { return saveFits(path, c.photo, res) }}},
	}.Run(ctx, out, messages)
}
