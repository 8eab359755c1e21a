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
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	c, err := parse(args, messages)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	status := 0
	complain := func(err error) {
		fmt.Fprintf(messages, "regression: %v\n", err)
		status = 1
	}
	res, err := experiment(ctx, c)
	if err != nil {
		complain(err)
	}
	if ctx.Err() != nil {
		fmt.Fprintln(messages, "interrupted: reporting the runs that are done")
		status = 130 // as a shell reports SIGINT
	}
	finished := 0
	for _, a := range c.activations {
		finished += len(res.done(a))
	}
	if finished == 0 {
		fmt.Fprintln(messages, "no run is done: nothing to report")
		return max(status, 1)
	}
	if err := printTable(out, c, res); err != nil {
		complain(err)
	}
	files, err := save(c, res)
	if len(files) > 0 {
		fmt.Fprintf(out, "wrote %s\n", strings.Join(files, ", "))
	}
	if err != nil {
		complain(err)
	}
	return status
}
