// Package mnist is the task of classifying the handwritten digits of MNIST, or images in
// files of the same format, by a small convolutional network.
package mnist

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/datasets"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// Task is the task.
type Task struct {
	Data    string  `json:"-"` // folder of idx files; empty for MNIST
	SHA256  string  // of the numbers, set by Check
	Images  int     // to train on; 0 for all
	Batch   int     // images per step
	Epochs  int     `json:"-"` // of the training; 0 for what -steps says
	Dropout float64 // before the linear layer
	Shift   int     // pixels by which images are moved at most
	Explain bool    `json:",omitempty"` // keep what contributed

	train, test *data.Set // scaled
}

// New returns the task with its defaults.
func New() *Task { return &Task{Batch: 64} }

// Name implements task.Task.
func (t *Task) Name() string { return "mnist" }

// Scores implements task.Task.
func (t *Task) Scores() []sweep.Score { return []sweep.Score{{Name: "accuracy %", Higher: true}} }

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.StringVar(&t.Data, "data", t.Data, "`folder` of four idx files named as those of MNIST, such as Fashion-MNIST's; empty for MNIST, which is fetched")
	f.IntVar(&t.Images, "train", t.Images, "number of `images` to train on, drawn at random from each class alike, the same for all runs; 0 for all")
	f.IntVar(&t.Batch, "batch", t.Batch, "`images` per step")
	f.IntVar(&t.Epochs, "epochs", t.Epochs, "times that a run sees all `images` to train on, instead of -steps")
	f.Float64Var(&t.Dropout, "dropout", t.Dropout, "`probability` with which an input of the linear layer is dropped")
	f.IntVar(&t.Shift, "shift", t.Shift, "move images at random by up to this number of `pixels` along both axes")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxImages = 1 << 24
	maxEpochs = 1 << 16
)

// Check implements task.Task.
func (t *Task) Check() error {
	err := cmp.Or(cli.Range("train", t.Images, 0, maxImages), cli.Range("batch", t.Batch, 1, maxImages),
		cli.Range("epochs", t.Epochs, 0, maxEpochs), cli.Range("shift", t.Shift, 0, 1<<10))
	if err != nil {
		return err
	}
	if !(t.Dropout >= 0 && t.Dropout < 1) {
		return fmt.Errorf("-dropout: %v, want at least 0 and less than 1", t.Dropout)
	}
	kept, test, err := t.read(context.Background())
	if err != nil {
		return err
	}
	return t.use(kept, test)
}

// read reads the images.
func (t *Task) read(ctx context.Context) (kept, test *data.Set, err error) {
	if t.Data != "" {
		if kept, test, err = data.MNIST(ctx, t.Data); err != nil {
			return nil, nil, fmt.Errorf("-data: %w", err)
		}
		return kept, test, nil
	}
	l, err := datasets.Load(ctx, "mnist", datasets.Options{})
	if err != nil {
		return nil, nil, err
	}
	return l.Train, l.Test, nil
}

// use takes sets for the images.
func (t *Task) use(kept, test *data.Set) error {
	if s := kept.XShape; len(s) != 3 || s[1]%4 != 0 || s[2]%4 != 0 || len(kept.Classes) < 2 {
		return fmt.Errorf("-data: images of shape %v of %d classes, want channels, a height and a width divisible by 4, and two classes or more", s, len(kept.Classes))
	}
	if t.Images >= kept.Len() {
		return fmt.Errorf("-train: %d images, want less than %d, or 0 for all", t.Images, kept.Len())
	}
	var err error
	if t.Images > 0 {
		if kept, _, err = kept.Split(float64(t.Images)/float64(kept.Len()), 0); err != nil {
			return fmt.Errorf("-train: %w", err)
		}
	}
	if t.Batch > kept.Len() {
		return fmt.Errorf("-batch: %d, want at most the %d images to train on", t.Batch, kept.Len())
	}
	scaler, err := data.FitScaler(kept)
	if err != nil {
		return err
	}
	if t.train, err = scaler.Apply(kept); err != nil {
		return err
	}
	if t.test, err = scaler.Apply(test); err != nil {
		return err
	}
	t.SHA256 = task.Hash(t.train, t.test)
	return nil
}

// PerEpoch returns the number of steps of an epoch, after Check.
func (t *Task) PerEpoch() int { return t.train.Len() / t.Batch }

// Steps implements task.Stepper.
func (t *Task) Steps() (int, error) { return t.Epochs * t.PerEpoch(), nil }

// Train implements task.Task.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error) {
	build := func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
		s := t.train.XShape
		return models.NewLeNet(g, models.LeNetConfig{
			Channels: s[0], Height: s[1], Width: s[2], Classes: len(t.train.Classes),
			Activation: activation.Maker, Seed: r.Seed, Dropout: t.Dropout, Mode: mode,
		})
	}
	batches, err := data.NewBatches(t.train, t.Batch, r.Seed)
	if err != nil {
		return nil, err
	}
	if t.Shift > 0 {
		background := t.background()
		batches.Augment = func(x []float32, shape []int, rng *rand.Rand) {
			dy, dx := rng.IntN(2*t.Shift+1)-t.Shift, rng.IntN(2*t.Shift+1)-t.Shift
			move(x, shape, dy, dx, background)
		}
	}
	result, err := train.Fit(ctx, train.Config{
		Network: build, Loss: models.CrossEntropy, Train: t.train, Source: batches, Batch: t.Batch, Steps: steps, EvalEvery: steps,
		LearnRate: r.Rate, ThetaRate: activation.Rate(r.Rate) / r.Rate, Schedule: models.Cosine, Penalty: activation.Penalty,
		Observers: []train.Observer{task.Counted(progress)},
	})
	if err != nil || result.Interrupted {
		return nil, err
	}
	return t.judge(build, result)
}

// background returns the number that a black pixel has after scaling, of each channel.
func (t *Task) background() []float32 {
	channels := t.train.XShape[0]
	n := t.train.XShape[1] * t.train.XShape[2]
	least := make([]float32, channels)
	for c := range least {
		least[c] = t.train.X[c*n]
	}
	for i, v := range t.train.X {
		c := i / n % channels
		least[c] = min(least[c], v)
	}
	return least
}

// move moves the image x of the shape (channels, height, width) down by dy and right by dx
// pixels, and fills what becomes free with a number for each channel.
func move(x []float32, shape []int, dy, dx int, fill []float32) {
	height, width := shape[1], shape[2]
	from := append([]float32(nil), x...)
	for c := range shape[0] {
		for i := range height {
			for j := range width {
				k := (c*height+i)*width + j
				if y, z := i-dy, j-dx; y >= 0 && y < height && z >= 0 && z < width {
					x[k] = from[(c*height+y)*width+z]
				} else {
					x[k] = fill[c]
				}
			}
		}
	}
}
