// Command speed measures what a DiTAC activation costs, against copying the
// tensor, against Gorgonia's own activations, and in training steps.
//
//	go run ./examples/speed
//	go run ./examples/speed -h
//	CGO_LDFLAGS=-lopenblas go run -tags openblas ./examples/speed -only steps
//
// It is how the tables of docs/performance.md are made. Everything that a ratio
// compares is measured in turn, and the ratio is the median over the rounds.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ditac-go/ditac/internal/table"
	"github.com/ditac-go/ditac/models/openblas" // does its work with -tags openblas
)

// parts are what the program measures, in order.
var parts = []struct {
	name    string
	measure func(*config, io.Writer) error
}{{"elements", elements}, {"doubles", doubles}, {"channels", channels}, {"graph", graph}, {"steps", steps}, {"setup", setup}, {"growth", growth}}

// partNames names the parts, as "a, b or c".
func partNames() string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// config is what the command line says.
type config struct {
	rounds  int
	atLeast time.Duration
	large   bool
	only    string
	out     string
}

const usage = `Usage: go run ./examples/speed [flags]

Measures what DiTAC activations cost on this machine and prints tables of times
and ratios, medians over the rounds. Let nothing else run meanwhile.

Flags:
`

func main() { os.Exit(mainStatus(os.Args[1:], os.Stdout, os.Stderr)) }

func mainStatus(args []string, out, messages io.Writer) int {
	var c config
	f := flag.NewFlagSet("speed", flag.ContinueOnError)
	f.SetOutput(messages)
	f.Usage = func() { fmt.Fprint(messages, usage); f.PrintDefaults() }
	f.IntVar(&c.rounds, "rounds", 15, "`rounds` of measurements")
	f.DurationVar(&c.atLeast, "time", 20*time.Millisecond, "least `time` that a function runs in a round")
	f.BoolVar(&c.large, "large", true, "with tensors of 16 Mi elements, too")
	f.StringVar(&c.only, "only", "", "`part` to measure: "+partNames()+"; empty for all")
	f.StringVar(&c.out, "out", "out/speed", "`folder` for the picture of growth")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if c.rounds < 1 || f.NArg() > 0 {
		fmt.Fprintf(messages, "speed: rounds = %d, arguments %q: want at least one round and no arguments\n", c.rounds, f.Args())
		return 2
	}
	fmt.Fprintf(out, "%s %s/%s, %d processors, kernels: %s, products of matrices by %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), table.Kernels(), openblas.Name())
	known := false
	for _, p := range parts {
		if c.only != "" && c.only != p.name {
			continue
		}
		known = true
		if err := p.measure(&c, out); err != nil {
			fmt.Fprintf(messages, "speed: %s: %v\n", p.name, err)
			return 1
		}
	}
	if !known {
		fmt.Fprintf(messages, "speed: -only: %q, want %s\n", c.only, partNames())
		return 2
	}
	return 0
}

// printTable prints rows of cells under a title.
func printTable(w io.Writer, title string, rows [][]string) error {
	fmt.Fprintf(w, "\n%s\n", title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t")+"\t")
	}
	return t.Flush()
}

// sizes returns the numbers of elements to measure.
func (c *config) sizes() []int {
	if c.large {
		return []int{1 << 20, 1 << 24}
	}
	return []int{1 << 20}
}

func ns(seconds float64, n int) string { return fmt.Sprintf("%.2f", seconds*1e9/float64(n)) }

func mi(n int) string {
	if n < 1<<20 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d Mi", n>>20)
}
