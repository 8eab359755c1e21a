// Command mnist classifies the handwritten digits of MNIST by a small convolutional
// network, with several activations.
//
//	go run ./examples/mnist
//	go run ./examples/mnist -quick
//	go run ./examples/mnist -data DIR
//	go run ./examples/mnist -quick -explain
//	go run ./examples/mnist -h
//
// README.md says how to build it with OpenBLAS.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/mnist"
	"github.com/ditac-go/ditac/models/openblas" // does its work with -tags openblas
)

const usage = `Usage: go run ./examples/mnist [flags]

Trains a small convolutional network, LeNet, to classify the handwritten digits of
MNIST (60,000 images to train on, 10,000 for the test), with several activations,
learning rates and seeds; prints tables of the accuracy on the test images, and how
long an epoch takes. Ctrl-C ends the training and reports the runs that are done; the
same command goes on with the others.

MNIST is fetched once (12 MB), by the go command. -data DIR takes other images in files
of its format, such as those of Fashion-MNIST.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what the
flags say, trained by one Adam with everything else.

Flags:
`

// epochs and batch make the default number of steps, for 60,000 images.
const epochs, batch = 4, 64

func main() { cli.Main(run) }

// explainable is the task with the flag -explain.
type explainable struct{ *mnist.Task }

// Register implements task.Task.
func (t explainable) Register(f *flag.FlagSet) {
	t.Task.Register(f)
	f.BoolVar(&t.Explain, "explain", false, "also show what contributed: pixels by integrated gradients (explain.png), activations by setting them back to their start")
}

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	t := mnist.New()
	e := &task.Example{
		Name: "mnist", Usage: usage, Task: explainable{t},
		Activations: "relu,gelu,silu,prelu,pwl,ditac", Rates: "0.001,0.003,0.01", Seeds: "1-3", Steps: epochs * (60000 / batch),
	}
	var results *sweep.Results
	e.Files = []sweep.File{
		{Name: "activations.png", Write: func(path string, res *sweep.Results) error {
			results = res
			return saveActivations(path, e.DiTAC, res)
		}},
		{Name: "confusion.png", Write: func(path string, res *sweep.Results) error { return saveConfusion(path, t, res) }},
		{Name: "misclassified.png", Write: func(path string, res *sweep.Results) error { return saveWrong(path, t, res) }},
		{Name: "explain.png", Write: func(path string, res *sweep.Results) error { return saveExplained(path, t, res) }},
	}
	status := e.Run(ctx, args, out, messages)
	if results != nil {
		err := cmp.Or(printEpochs(out, t, results), task.PrintExplained(out, results, t.Shape()))
		if err != nil {
			fmt.Fprintf(messages, "mnist: %v\n", err)
			return max(status, 1)
		}
	}
	return status
}

// printEpochs prints how long an epoch takes.
func printEpochs(out io.Writer, t *mnist.Task, res *sweep.Results) error {
	if _, err := fmt.Fprintf(out, "\nseconds an epoch of %d steps, median (products of matrices by %s, %d runs at a time):\n", t.PerEpoch(), openblas.Name(), res.Grid.Workers); err != nil {
		return err
	}
	for _, a := range res.Grid.Activations {
		var seconds []float64
		for _, o := range res.Best(a) {
			seconds = append(seconds, o.TrainSeconds/float64(res.Grid.Steps)*float64(t.PerEpoch()))
		}
		if len(seconds) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(out, "  %-12s %.1f\n", a, cli.NewStats(seconds).Median); err != nil {
			return err
		}
	}
	return nil
}
