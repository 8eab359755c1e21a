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
	"github.com/ditac-go/ditac/examples/internal/sweep"
)

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	c, status, ok := parse(args, messages)
	if !ok {
		return status
	}
	return sweep.Program[struct{}]{
		Name: "digits", Grid: &c.Grid, Scores: []string{"accuracy %"},
		Train: func(ctx context.Context, r sweep.Run, progress func()) (*outcome, error) {
			return train(ctx, c, r, progress)
		},
	}.Run(ctx, out, messages)
}
