// Command digits classifies handwritten digits of 8×8 pixels by a small network, with
// several activations: the control, a task on which activations hardly differ.
//
//	go run ./examples/digits
//	go run ./examples/digits -lr 0.001,0.003,0.01
//	go run ./examples/digits -h
package main

import (
	"context"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/digits"
)

const usage = `Usage: go run ./examples/digits [flags]

Trains a multilayer perceptron 64→64→10 to classify handwritten digits of 8×8
pixels (1,797 images, of which a fifth, another one for each seed, is for the test),
with several activations and seeds; prints a table of the accuracy on the test
images. Activations hardly differ here: differences below half a percentage point
are noise. Ctrl-C ends the training and reports the runs that are done; the same
command goes on with the others.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what
the flags say, trained by one Adam with everything else; authors has the settings
of the DiTAC authors' code.

Flags:
`

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	e := &task.Example{
		Name: "digits", Usage: usage, Task: digits.New(),
		Activations: "relu,gelu,ditac,authors", Rates: "0.003", Seeds: "1-16", Steps: 1000,
	}
	return e.Run(ctx, args, out, messages)
}
