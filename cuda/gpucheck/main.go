// Command gpucheck checks DiTAC on the GPU of this machine and prints a report: the
// activation and its gradients against the exact evaluation on the CPU, that two runs
// give the same bits, that a network trains, and speed beside the CPU.
//
//	go run -tags cuda ./cuda/gpucheck
//
// The exit status is 1 if a check fails. Without a GPU it runs on the bench (slowly):
//
//	cuda/bench.sh run ./cuda/gpucheck -largest 4096
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// config are the flags.
type config struct {
	largest int // elements of the largest tensor
	repeats int
}

func main() {
	c, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(c, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gpucheck:", err)
		os.Exit(1)
	}
}

func parse(args []string, out io.Writer) (config, error) {
	f := flag.NewFlagSet("gpucheck", flag.ContinueOnError)
	f.SetOutput(out)
	f.Usage = func() {
		fmt.Fprint(out, `Usage: go run -tags cuda ./cuda/gpucheck [flags]

Checks DiTAC on this machine's GPU against the CPU and prints a report. Please send
it with your bug reports.

Flags:
`)
		f.PrintDefaults()
	}
	c := config{}
	f.IntVar(&c.largest, "largest", 1<<24, "`elements` of the largest tensor whose speed is measured")
	f.IntVar(&c.repeats, "repeats", 20, "`launches` per measurement")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	switch {
	case f.NArg() > 0:
		return c, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case c.largest < 1024 || c.largest > 1<<28:
		return c, fmt.Errorf("-largest is %d, want 1024 to %d", c.largest, 1<<28)
	case c.repeats < 1:
		return c, fmt.Errorf("-repeats is %d, want at least 1", c.repeats)
	}
	return c, nil
}
