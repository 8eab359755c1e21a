package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"math"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/models"
)

// config is what the command line says.
type config struct {
	cli.Grid
	batch   int
	hidden  int
	thetaLR float64 // 0: as the activation's setting says
	cosine  bool
	ditac   cli.DiTAC
}

const usage = `Usage: go run ./examples/regression [flags]

Trains the network of the DiTAC paper's Figure 1, a multilayer perceptron
2→50→1 on a sum of six sine waves over [−1,1]², with several activations and
seeds; prints a table of R² scores (in %, on a 201×201 grid) and writes pictures
and the scores of all runs. Ctrl-C ends the training and reports the runs that
are done.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what
the flags say, trained by one Adam with everything else; tuned has the settings
of a search on this very task, authors those of the DiTAC authors' code. With
several rates, -lr 0.001,0.01, the table has the median and the lowest score for
each.

Flags:
`

// parse reads the command line; see cli.Parse.
func parse(args []string, messages io.Writer) (c *config, status int, ok bool) {
	c = &config{Grid: cli.Grid{Steps: 10000, Out: "out/regression"}}
	f := flag.NewFlagSet("regression", flag.ContinueOnError)
	c.Register(f, cli.Activations(), "relu,ditac,tuned", "0.005", "1-8")
	schedule := f.String("schedule", "constant", "`schedule` of all learning rates: constant or cosine")
	f.IntVar(&c.batch, "batch", 98, "fresh `points` per step")
	f.IntVar(&c.hidden, "hidden", 50, "hidden `units`")
	f.Float64Var(&c.thetaLR, "theta-lr", 0, "learning `rate` of Adam for the parameters of activations; 0 for that of -lr (a quarter of it for tuned)")
	c.ditac.Register(f)
	status, ok = cli.Parse(f, usage, args, messages, func() error {
		if err := c.Parse(); err != nil {
			return err
		}
		return c.check(*schedule)
	})
	return c, status, ok
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxBatch  = 1 << 20
	maxHidden = 1 << 16
)

func (c *config) check(schedule string) error {
	if err := cmp.Or(cli.Range("batch", c.batch, 1, maxBatch), cli.Range("hidden", c.hidden, 1, maxHidden)); err != nil {
		return err
	}
	if c.cosine = schedule == "cosine"; !c.cosine && schedule != "constant" {
		return fmt.Errorf("-schedule: %q, want constant or cosine", schedule)
	}
	if !(c.thetaLR >= 0) || math.IsInf(c.thetaLR, 0) {
		return fmt.Errorf("-theta-lr: %v, want a positive number, or 0 for that of -lr", c.thetaLR)
	}
	return c.ditac.Try(c.Activations, func(m models.Maker) error {
		_, err := mlp.New(c.network(m, 0), 1)
		return err
	})
}

// activationRate returns the learning rate of the activation's parameters.
func (c *config) activationRate(s cli.Setting, rate float64) float64 {
	if c.thetaLR != 0 {
		return c.thetaLR
	}
	return rate * s.ThetaRate
}

func (c *config) schedule() models.Schedule {
	if c.cosine {
		return models.Cosine
	}
	return models.Constant
}
