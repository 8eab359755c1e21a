// Package digits is a task on which activations hardly differ: a multilayer perceptron
// 64→64→10 classifies handwritten digits of 8×8 pixels.
package digits

import (
	"cmp"
	"context"
	"flag"
	"math/rand/v2"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
)

// Task is the task.
type Task struct {
	Batch  int // images per step
	Hidden int // units

	digits *digits
}

// New returns the task with its defaults.
func New() *Task { return &Task{Batch: 64, Hidden: 64} }

// Name implements task.Task.
func (t *Task) Name() string { return "digits" }

// Scores implements task.Task.
func (t *Task) Scores() []sweep.Score { return []sweep.Score{{Name: "accuracy %", Higher: true}} }

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.IntVar(&t.Batch, "batch", t.Batch, "`images` per step")
	f.IntVar(&t.Hidden, "hidden", t.Hidden, "hidden `units`")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxBatch  = 1 << 20
	maxHidden = 1 << 16
)

// Check implements task.Task.
func (t *Task) Check() error {
	err := cmp.Or(cli.Range("batch", t.Batch, 1, maxBatch), cli.Range("hidden", t.Hidden, 1, maxHidden))
	if err == nil {
		t.digits, err = readDigits()
	}
	return err
}

// Train implements task.Task.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error) {
	net, err := mlp.New(models.MLPConfig{Sizes: []int{pixels, t.Hidden, classes}, Activation: activation.Maker, Seed: r.Seed}, t.Batch)
	if err != nil {
		return nil, err
	}
	target, y := net.Target()
	cost, err := crossEntropy(net.Out, target)
	if err == nil && activation.Penalty {
		cost, err = net.Penalize(cost)
	}
	if err != nil {
		return nil, err
	}
	images, test := t.digits.split(r.Seed)
	rng := rand.New(rand.NewPCG(r.Seed, 1))
	batch := make([]int, t.Batch)
	result, err := net.Fit(ctx, cost, net.Groups(r.Rate, activation.Rate(r.Rate), models.Cosine), steps, func() {
		for i := range batch {
			batch[i] = images[rng.IntN(len(images))]
		}
		t.digits.pack(batch, net.Inputs(), y)
	}, progress)
	if err != nil || result.Interrupted {
		return nil, err
	}
	x, y := make([]float32, len(test)*pixels), make([]float32, len(test)*classes)
	t.digits.pack(test, x, y)
	e, err := net.Evaluate(x)
	if err != nil {
		return nil, err
	}
	return &sweep.Outcome{
		Scores: []float64{100 * accuracy(e.Out, t.digits, test)},
		Params: net.NumParams(), TrainSeconds: result.Elapsed.Seconds(), InferSeconds: e.Seconds,
	}, nil
}

// crossEntropy returns the mean over the rows of −Σ target·log softmax(logits).
func crossEntropy(logits, target *gorgonia.Node) (*gorgonia.Node, error) {
	logs, err := gorgonia.LogSoftMax(logits)
	if err == nil {
		logs, err = gorgonia.HadamardProd(logs, target)
	}
	if err == nil {
		logs, err = gorgonia.Mean(logs)
	}
	if err == nil { // the mean is over all classes, the sum over those of a row
		logs, err = gorgonia.Mul(logs, gorgonia.NewConstant(float32(-classes)))
	}
	return logs, err
}

// accuracy returns the share of images whose own class has the greatest logit.
func accuracy(logits []float32, d *digits, images []int) float64 {
	right := 0
	for i, k := range images {
		row := logits[i*classes : (i+1)*classes]
		best := 0
		for class := range row {
			if row[class] > row[best] {
				best = class
			}
		}
		if best == d.class[k] {
			right++
		}
	}
	return float64(right) / float64(len(images))
}
