package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/models"
)

// config is what the command line says.
type config struct {
	activations []string
	seeds       []uint64
	steps       int
	batch       int
	hidden      int
	lr, thetaLR float64
	cosine      bool
	ditac       cli.DiTAC
	workers     int
	out         string
	quiet       bool
}

// defaultDiTAC are the settings that README.md explains.
var defaultDiTAC = cli.DiTAC{
	Variant: "ditac", Cells: 30, Domain: "-2,2", Basis: "nodal",
	Init: "identity", PriorLengthScale: 3, PriorScale: 2, Lambda: 0, Tolerance: curve.DefaultTolerance,
}

const usage = `Usage: go run ./examples/regression [flags]

Trains the network of the DiTAC paper's Figure 1, a multilayer perceptron
2→50→1 on a sum of six sine waves over [−1,1]², with several activations and
seeds; prints a table of R² scores (in %, on a 201×201 grid) and writes pictures
and the scores of all runs. Ctrl-C ends the training and reports the runs that
are done.

Flags:
`

// parse reads the command line.
func parse(args []string, messages io.Writer) (*config, error) {
	c := &config{ditac: defaultDiTAC}
	f := flag.NewFlagSet("regression", flag.ContinueOnError)
	f.SetOutput(messages)
	f.Usage = func() {
		fmt.Fprint(messages, usage)
		f.PrintDefaults()
	}
	activations := f.String("activations", "relu,ditac", "`list` of activations, or all: "+strings.Join(known(), ", "))
	seeds := f.String("seeds", "1-8", "`list` of seeds, such as 1-8 or 1,5")
	schedule := f.String("schedule", "constant", "`schedule` of all learning rates: constant or cosine")
	f.IntVar(&c.steps, "steps", 10000, "training `steps` of each run")
	f.IntVar(&c.batch, "batch", 98, "fresh `points` per step")
	f.IntVar(&c.hidden, "hidden", 50, "hidden `units`")
	f.Float64Var(&c.lr, "lr", 0.005, "learning `rate` of Adam for the weights, and for the parameters of prelu and swish")
	f.Float64Var(&c.thetaLR, "theta-lr", 0.00125, "learning `rate` of Adam for θ of DiTAC")
	c.ditac.Register(f)
	f.IntVar(&c.workers, "workers", runtime.GOMAXPROCS(0), "`runs` at a time; the results do not depend on it, but seconds do")
	f.StringVar(&c.out, "out", "out/regression", "`folder` for pictures and scores")
	f.BoolVar(&c.quiet, "quiet", false, "show no progress bar")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	fail := func(err error) (*config, error) {
		fmt.Fprintf(messages, "regression: %v\nTry -h for help.\n", err)
		return nil, err
	}
	if f.NArg() > 0 {
		return fail(fmt.Errorf("unexpected argument %q", f.Arg(0)))
	}
	var err error
	if c.activations, err = parseActivations(*activations); err != nil {
		return fail(fmt.Errorf("-activations: %w", err))
	}
	if c.seeds, err = cli.ParseSeeds(*seeds); err != nil {
		return fail(fmt.Errorf("-seeds: %w", err))
	}
	if *schedule != "constant" && *schedule != "cosine" {
		return fail(fmt.Errorf("-schedule: %q, want constant or cosine", *schedule))
	}
	c.cosine = *schedule == "cosine"
	if err := c.check(); err != nil {
		return fail(err)
	}
	return c, nil
}

func (c *config) check() error {
	for _, n := range []struct {
		flag  string
		value int
	}{{"steps", c.steps}, {"batch", c.batch}, {"hidden", c.hidden}, {"workers", c.workers}} {
		if n.value < 1 {
			return fmt.Errorf("-%s: %d, want at least 1", n.flag, n.value)
		}
	}
	if !(c.lr > 0) || !(c.thetaLR > 0) {
		return fmt.Errorf("-lr and -theta-lr: %v and %v, want positive numbers", c.lr, c.thetaLR)
	}
	if c.out == "" {
		return errors.New("-out: no folder")
	}
	_, err := c.ditac.Options(0)
	return err
}

// known returns the names of all activations.
func known() []string { return append(models.Baselines(), "ditac") }

func parseActivations(list string) ([]string, error) {
	if list == "all" {
		return known(), nil
	}
	var names []string
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(known(), name) {
			return nil, fmt.Errorf("unknown activation %q, want some of %s", name, strings.Join(known(), ", "))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// maker returns the maker of the named activation.
func (c *config) maker(activation string, seed uint64) (models.Maker, error) {
	if activation == "ditac" {
		return c.ditac.Maker(seed)
	}
	return models.Baseline(activation)
}

// activationRate returns the learning rate of the named activation's parameters.
func (c *config) activationRate(activation string) float64 {
	if activation == "ditac" {
		return c.thetaLR
	}
	return c.lr
}

func (c *config) schedule() models.Schedule {
	if c.cosine {
		return models.Cosine
	}
	return models.Constant
}
