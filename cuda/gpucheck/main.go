// Command gpucheck checks DiTAC on the GPU of this machine and prints a report: what the
// GPU is and how fast it copies and launches; cuBLAS and each elementwise kernel; the
// activation and its gradients against the exact evaluation on the CPU, for all variants,
// large, unaligned, with long tables and with many θ; that two runs give the same bits,
// that networks train, and that machines give back what they took; and speed beside the
// CPU.
//
//	go run -tags cuda ./cuda/gpucheck
//
// Each section of the report is a process of its own, as after a fault on a GPU a process
// can do no more there, and is ended after -limit. The exit status is 1 if a check fails.
// Without a GPU it runs on the bench (slowly):
//
//	cuda/bench.sh run ./cuda/gpucheck -largest 4096 -repeats 1
//
// A build without the tag has the section steps only, with the CPU's times.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// config are the flags.
type config struct {
	largest int // elements of the largest tensor
	repeats int
	section string        // "" for all
	limit   time.Duration // of a section
}

func main() {
	c, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil && c.section == "" {
		err = runAll(c, os.Stdout)
	} else if err == nil {
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
	f.StringVar(&c.section, "section", "", "the `section` of the report to make, all by default: "+strings.Join(sectionNames(), ", "))
	f.DurationVar(&c.limit, "limit", 5*time.Minute, "`time` after which a section is ended")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	switch {
	case f.NArg() > 0:
		return c, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case c.largest < 1024 || c.largest > 1<<28:
		return c, fmt.Errorf("-largest is %d, want 1024 to %d", c.largest, 1<<28)
	case c.section != "" && !slices.Contains(sectionNames(), c.section):
		return c, fmt.Errorf("-section is %q, want one of %s", c.section, strings.Join(sectionNames(), ", "))
	case c.limit <= 0:
		return c, fmt.Errorf("-limit is %v, want a positive time", c.limit)
	case c.repeats < 1:
		return c, fmt.Errorf("-repeats is %d, want at least 1", c.repeats)
	}
	return c, nil
}
