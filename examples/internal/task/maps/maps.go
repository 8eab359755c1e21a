// Package maps is the task of learning a map or a series from places or times alone: few
// inputs, and a wiggly target.
package maps

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/datasets"
	"github.com/ditac-go/ditac/models/metric"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// Values is the name of an outcome's array: what the network predicts at all places, in the
// units of the map.
const Values = "values"

// Theta is the name of an outcome's array: the parameters of the first activation, if it
// is a DiTAC.
const Theta = "theta"

// Task is the task.
type Task struct {
	Map    string  // name of a data set of package datasets
	SHA256 string  // of its numbers, set by Check
	Hidden int     // units of each of the two hidden layers
	Batch  int     // places per step
	Hold   float64 // part of the places that is kept out of the training

	set *data.Set
}

// New returns the task of a map with its defaults.
func New(name string) *Task { return &Task{Map: name, Hidden: 64, Batch: 256, Hold: 0.2} }

// Names returns the names of all maps.
func Names() []string { return datasets.NamesOf(datasets.Map) }

// Name implements task.Task.
func (t *Task) Name() string { return "maps" }

// Scores implements task.Task.
func (t *Task) Scores() []sweep.Score {
	return []sweep.Score{{Name: "held-out R² %", Higher: true}, {Name: "training R² %", Higher: true}}
}

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.StringVar(&t.Map, "map", t.Map, "`name` of a map: "+strings.Join(Names(), ", "))
	t.RegisterNetwork(f)
}

// RegisterNetwork adds the flags to f but that of the map.
func (t *Task) RegisterNetwork(f *flag.FlagSet) {
	f.IntVar(&t.Hidden, "hidden", t.Hidden, "`units` of each of the two hidden layers")
	f.IntVar(&t.Batch, "batch", t.Batch, "`places` per step")
	f.Float64Var(&t.Hold, "hold", t.Hold, "`part` of the places that is kept out of the training, other ones for each seed")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxBatch  = 1 << 20
	maxHidden = 1 << 13
)

// Check implements task.Task.
func (t *Task) Check() error {
	if err := cmp.Or(cli.Range("batch", t.Batch, 1, maxBatch), cli.Range("hidden", t.Hidden, 1, maxHidden)); err != nil {
		return err
	}
	if !(t.Hold > 0 && t.Hold < 1) {
		return fmt.Errorf("-hold: %v, want a part between 0 and 1", t.Hold)
	}
	l, err := datasets.Load(context.Background(), t.Map, datasets.Options{})
	if err != nil {
		return fmt.Errorf("-map: %w", err)
	}
	if l.Kind != datasets.Map {
		return fmt.Errorf("-map: %q is no map but a %v", t.Map, l.Kind)
	}
	return t.Use(l.Set)
}

// Use takes a set for the map: coordinates in, values out.
func (t *Task) Use(s *data.Set) error {
	t.set = s.Clone()
	if len(t.set.YShape) == 0 {
		t.set.YShape = []int{1} // as the network has its outputs
	}
	if _, _, err := t.set.Split(1-t.Hold, 0); err != nil {
		return fmt.Errorf("-hold: %w", err)
	}
	t.SHA256 = task.Hash(t.set)
	return nil
}

// Set returns the places and values of the map, after Check.
func (t *Task) Set() *data.Set { return t.set }

// Train implements task.Task.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error) {
	scaler, kept, held, err := t.split(r.Seed)
	if err != nil {
		return nil, err
	}
	network := func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewCoord(g, models.CoordConfig{
			Inputs: t.set.XShape[0], Outputs: t.set.YShape[0], Hidden: []int{t.Hidden, t.Hidden}, Octaves: activation.Octaves,
			Chebyshev: activation.Chebyshev, Activation: activation.Maker, Seed: r.Seed,
		})
	}
	result, err := train.Fit(ctx, train.Config{
		Network: network, Loss: models.MSE, Train: kept, Batch: min(t.Batch, kept.Len()), Steps: steps, EvalEvery: steps, Seed: r.Seed,
		LearnRate: r.Rate, ThetaRate: activation.Rate(r.Rate) / r.Rate, Schedule: models.Cosine, Penalty: activation.Penalty,
		Observers: []train.Observer{task.Counted(progress)},
	})
	if err != nil || result.Interrupted {
		return nil, err
	}
	o := &sweep.Outcome{Params: result.Network.NumParams(), TrainSeconds: result.Seconds, Arrays: map[string][]float32{}}
	for _, s := range []*data.Set{held, kept} {
		out, seconds, err := task.Predict(network, result.Network, s)
		if err != nil {
			return nil, err
		}
		score, err := r2(out, s)
		if err != nil {
			return nil, err
		}
		o.Scores, o.InferSeconds = append(o.Scores, 100*score), seconds
	}
	return o, t.picture(o, scaler, network, result.Network)
}

// split returns the places to train on and those that are held out, scaled by those to
// train on: coordinates to [−1,1], values to mean 0 and standard deviation 1.
func (t *Task) split(seed uint64) (scaler *data.Scaler, kept, held *data.Set, err error) {
	if kept, held, err = t.set.Split(1-t.Hold, seed); err != nil {
		return nil, nil, nil, err
	}
	if scaler, err = data.FitRange(kept); err != nil {
		return nil, nil, nil, err
	}
	if kept, err = scaler.Apply(kept); err != nil {
		return nil, nil, nil, err
	}
	held, err = scaler.Apply(held)
	return scaler, kept, held, err
}

// picture adds what the pictures need.
func (t *Task) picture(o *sweep.Outcome, scaler *data.Scaler, build train.Builder, network models.Network) error {
	all, err := scaler.Apply(t.set)
	if err != nil {
		return err
	}
	values, _, err := task.Predict(build, network, all)
	if err != nil {
		return err
	}
	if err := scaler.InvertY(values); err != nil {
		return err
	}
	o.Arrays[Values] = values
	if theta := cli.Theta(network); theta != nil {
		o.Arrays[Theta] = theta
	}
	return nil
}

// r2 is the mean over the outputs of the coefficient of determination.
func r2(out []float32, s *data.Set) (float64, error) {
	outputs := s.YShape[0]
	sum := 0.
	for k := range outputs {
		var pred, want []float64
		for i := range s.Len() {
			pred, want = append(pred, float64(out[outputs*i+k])), append(want, float64(s.Y[outputs*i+k]))
		}
		r, err := metric.R2(pred, want)
		if err != nil {
			return 0, err
		}
		sum += r / float64(outputs)
	}
	return sum, nil
}
