// Command generation trains a generator of images and a discriminator in turn (DCGAN),
// with several activations in both.
//
//	go run ./examples/generation
//	go run ./examples/generation -quick
//	go run ./examples/generation -data emoji -steps 3000
//	go run ./examples/generation -h
package main

import (
	"context"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/generation"
	_ "github.com/ditac-go/ditac/models/openblas" // with the tag openblas
)

const usage = `Usage: go run ./examples/generation [flags]

Trains a DCGAN, a generator of images and a discriminator that tells them from real
ones, on handwritten digits (MNIST), with several activations, each in both
networks. A classifier, which is trained once, says how good the images are: the
score is the Fréchet distance between its features of generated images and those
of images that were held out; smaller is better. Effective classes and confidence
show a generator that makes but a few kinds of images (mode collapse), or images
of no kind. Writes pictures of the images, at the end and over time. Ctrl-C ends
the training and reports the runs that are done; the same command goes on where it
was, in the midst of a run too.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what
the flags say, trained by one Adam with everything else.

Flags:
`

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	t := generation.New()
	e := &task.Example{
		Name: "generation", Usage: usage, Task: t,
		Activations: "relu,leakyrelu,gelu,silu,prelu,ditac", Rates: "0.001,0.003,0.01", Seeds: "1-5", Steps: 800,
		Files: []sweep.File{
			{Name: "samples.png", Write: func(path string, res *sweep.Results) error { return saveSamples(path, t, res) }},
			{Name: "time.png", Write: func(path string, res *sweep.Results) error { return saveTime(path, t, res) }},
			{Name: "time.gif", Write: func(path string, res *sweep.Results) error { return saveAnimation(path, t, res) }},
			{Name: "judge.md", Write: func(path string, res *sweep.Results) error { return saveJudge(path, t, res) }},
		},
	}
	return e.Run(ctx, args, out, messages)
}
