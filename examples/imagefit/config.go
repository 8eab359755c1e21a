package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/models"
)

// config is what the command line says.
type config struct {
	cli.Grid
	photo  *photo
	hidden int
	batch  int
	hold   float64
	ditac  cli.DiTAC
}

const usage = `Usage: go run ./examples/imagefit [flags]

Trains a multilayer perceptron 2→64→64→3 that takes the place of a pixel to its
colour, with several activations and seeds; prints a table of PSNR scores (in dB,
larger is better) and writes the fits side by side. With -hold, a part of the
pixels is kept out of the training and scored apart. Ctrl-C ends the training and
reports the runs that are done.

The activation ditac is the plain swap, ditacop.DiTAC with its defaults or what
the flags say, trained by one Adam with everything else.

Flags:
`

// parse reads the command line; see cli.Parse.
func parse(args []string, messages io.Writer) (c *config, status int, ok bool) {
	c = &config{Grid: cli.Grid{Steps: 3000, Out: "out/imagefit"}}
	f := flag.NewFlagSet("imagefit", flag.ContinueOnError)
	c.Register(f, cli.Activations(), "relu,gelu,ditac", "0.005", "1-4")
	image := f.String("image", "", "PNG or JPEG `file`; empty for the photograph that comes with the program")
	size := f.Int("size", 96, "`pixels` of each side of the square that the middle of the photograph is scaled to")
	f.IntVar(&c.batch, "batch", 512, "`pixels` per step")
	f.IntVar(&c.hidden, "hidden", 64, "`units` of each of the two hidden layers")
	f.Float64Var(&c.hold, "hold", 0, "`part` of the pixels that is kept out of the training, at least 0 and less than 1")
	c.ditac.Register(f)
	status, ok = cli.Parse(f, usage, args, messages, func() (err error) {
		if err = c.Parse(); err == nil {
			err = c.check(*size)
		}
		if err == nil {
			c.photo, err = readPhoto(*image, *size)
		}
		return err
	})
	return c, status, ok
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxSize   = 4096
	maxBatch  = 1 << 20
	maxHidden = 1 << 13
)

func (c *config) check(size int) error {
	if err := cmp.Or(cli.Range("size", size, 4, maxSize), cli.Range("batch", c.batch, 1, maxBatch), cli.Range("hidden", c.hidden, 1, maxHidden)); err != nil {
		return err
	}
	if !(c.hold >= 0) || float64(size*size)*(1-c.hold) < 1 {
		return fmt.Errorf("-hold: %v, want at least 0 and less than 1", c.hold)
	}
	return c.ditac.Try(c.Activations, func(m models.Maker) error {
		_, err := mlp.New(c.network(m, 0), 1)
		return err
	})
}
