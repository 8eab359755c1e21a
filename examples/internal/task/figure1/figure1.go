// Package figure1 is the task of the DiTAC paper's Figure 1 (arXiv 2407.07564): a
// multilayer perceptron 2→50→1 learns a sum of six sine waves over [−1,1]².
package figure1

import (
	"cmp"
	"context"
	"flag"
	"fmt"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/metric"
)

// Names of an outcome's arrays.
const (
	Losses = "losses" // one per step
	Values = "values" // of the network on the grid, as Grid has its points
	// Of a DiTAC activation: θ, and the histogram of its inputs on the grid, which is
	// its lower end, its upper end and its counts.
	Theta  = "theta"
	Inputs = "inputs"
)

// Task is the task.
type Task struct {
	Batch    int    // fresh points per step
	Hidden   int    // units
	Schedule string // of all learning rates, constant or cosine
}

// New returns the task with the paper's settings.
func New() *Task { return &Task{Batch: 98, Hidden: 50, Schedule: "constant"} }

// Name implements task.Task.
func (t *Task) Name() string { return "figure1" }

// Scores implements task.Task.
func (t *Task) Scores() []sweep.Score { return []sweep.Score{{Name: "R² %", Higher: true}} }

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.StringVar(&t.Schedule, "schedule", t.Schedule, "`schedule` of all learning rates: constant or cosine")
	f.IntVar(&t.Batch, "batch", t.Batch, "fresh `points` per step")
	f.IntVar(&t.Hidden, "hidden", t.Hidden, "hidden `units`")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxBatch  = 1 << 20
	maxHidden = 1 << 16
)

// Check implements task.Task.
func (t *Task) Check() error {
	if t.Schedule != "cosine" && t.Schedule != "constant" {
		return fmt.Errorf("-schedule: %q, want constant or cosine", t.Schedule)
	}
	return cmp.Or(cli.Range("batch", t.Batch, 1, maxBatch), cli.Range("hidden", t.Hidden, 1, maxHidden))
}

// Train implements task.Task.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error) {
	net, err := mlp.New(models.MLPConfig{Sizes: []int{2, t.Hidden, 1}, Activation: activation.Maker, Seed: r.Seed}, t.Batch)
	if err != nil {
		return nil, err
	}
	target, y := net.Target()
	cost, err := models.MSE(net.Out, target)
	if err == nil && activation.Penalty {
		cost, err = net.Penalize(cost)
	}
	if err != nil {
		return nil, err
	}
	schedule := models.Constant
	if t.Schedule == "cosine" {
		schedule = models.Cosine
	}
	points := newSampler(r.Seed)
	result, err := net.Fit(ctx, cost, net.Groups(r.Rate, activation.Rate(r.Rate), schedule), steps, func() {
		points.fill(net.Inputs(), y)
	}, progress)
	if err != nil || result.Interrupted {
		return nil, err
	}
	o := &sweep.Outcome{Params: net.NumParams(), TrainSeconds: result.Elapsed.Seconds(), Arrays: map[string][]float32{}}
	for _, loss := range result.Losses {
		o.Arrays[Losses] = append(o.Arrays[Losses], float32(loss)) // float32 is what the network computes in
	}
	return o, t.evaluate(net, o)
}

// evaluate adds to an outcome what the trained network does on the grid.
func (t *Task) evaluate(net *mlp.Net, o *sweep.Outcome) error {
	points, want := Grid()
	e, err := net.Evaluate(points)
	if err != nil {
		return err
	}
	o.Arrays[Values], o.InferSeconds = e.Out, e.Seconds
	got := make([]float64, len(e.Out))
	for i, y := range e.Out {
		got[i] = float64(y)
	}
	r2, err := metric.R2(got, want)
	if err != nil {
		return err
	}
	o.Scores = []float64{100 * r2}
	if a, ok := net.Activations()[0].(*ditacop.Activation); ok {
		theta, err := a.ThetaValues(0)
		if err != nil {
			return err
		}
		for _, x := range theta {
			o.Arrays[Theta] = append(o.Arrays[Theta], float32(x))
		}
		h := figure.NewHistogram(e.First, 60)
		o.Arrays[Inputs] = []float32{float32(h.Lo), float32(h.Hi)}
		for _, n := range h.Counts {
			o.Arrays[Inputs] = append(o.Arrays[Inputs], float32(n))
		}
	}
	return nil
}
