package main

import (
	"cmp"
	"flag"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/models"
)

// config is what the command line says.
type config struct {
	cli.Grid
	digits *digits
	hidden int
	batch  int
	ditac  cli.DiTAC
}

const usage = `Usage: go run ./examples/digits [flags]

Trains a multilayer perceptron 64→64→10 to classify handwritten digits of 8×8
pixels (1,797 images, of which a fifth, another one for each seed, is for the test),
with several activations and seeds; prints a table of the accuracy on the test
images. Activations hardly differ here: differences below half a percentage point
are noise. Ctrl-C ends the training and reports the runs that are done.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what
the flags say, trained by one Adam with everything else; authors has the settings
of the DiTAC authors' code.

Flags:
`

// parse reads the command line; see cli.Parse.
func parse(args []string, messages io.Writer) (c *config, status int, ok bool) {
	c = &config{Grid: cli.Grid{Steps: 1000, Out: "out/digits"}}
	f := flag.NewFlagSet("digits", flag.ContinueOnError)
	c.Register(f, cli.Activations(), "relu,gelu,ditac,authors", "0.003", "1-16")
	f.IntVar(&c.batch, "batch", 64, "`images` per step")
	f.IntVar(&c.hidden, "hidden", 64, "hidden `units`")
	c.ditac.Register(f)
	status, ok = cli.Parse(f, usage, args, messages, func() (err error) {
		if err = c.Parse(); err == nil {
			err = c.check()
		}
		if err == nil {
			c.digits, err = readDigits()
		}
		return err
	})
	return c, status, ok
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxBatch  = 1 << 20
	maxHidden = 1 << 16
)

func (c *config) check() error {
	if err := cmp.Or(cli.Range("batch", c.batch, 1, maxBatch), cli.Range("hidden", c.hidden, 1, maxHidden)); err != nil {
		return err
	}
	return c.ditac.Try(c.Activations, func(m models.Maker) error {
		_, err := mlp.New(c.network(m, 0), 1)
		return err
	})
}
