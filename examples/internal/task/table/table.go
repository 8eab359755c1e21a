// Package table is the task of a table: a multilayer perceptron learns a column of numbers
// or of classes from the other columns.
package table

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/datasets"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// Task is the task.
type Task struct {
	File    string `json:"-"` // of comma-separated values or ARFF
	Target  string // column of File; empty for the last
	Classes bool   // take a column of numbers for classes
	Drop    string // list of columns of File to leave out
	Text    string // list of columns of numbers of File that are codes
	Times   string // list of columns of dates of File
	Comma   string // between the cells of File; empty for what its name says
	Missing string // what to do with missing values of File
	Dataset string // or the name of a data set of package datasets
	SHA256  string // of the numbers, set by Check

	Hidden string  // units of the hidden layers
	Batch  int     // rows per step
	Test   float64 // part of the rows for the test

	Spoil    // what makes the data worse than they are
	Restrain // what keeps the network from learning the rows by heart

	Explain bool `json:",omitempty"` // keep what contributed

	own    bool         // the task of a file
	report *data.Report // of the file
	set    *data.Set
	hidden []int
}

func newTask() *Task { return &Task{Hidden: "64,64", Batch: 32, Test: 0.2} }

// New returns the task of a file of the user's own, which flags name.
func New() *Task {
	t := newTask()
	t.own = true
	return t
}

// NewDataset returns the task of a data set of package datasets, which a flag names.
func NewDataset() *Task { return newTask() }

// Name implements task.Task.
func (t *Task) Name() string {
	if t.own {
		return "csv"
	}
	return "dataset"
}

// Scores implements task.Task, after Check: the test's first.
func (t *Task) Scores() []sweep.Score {
	if t.set.Classes != nil {
		return []sweep.Score{{Name: "accuracy %", Higher: true}, {Name: "balanced accuracy %", Higher: true}, {Name: "training accuracy %", Higher: true}}
	}
	return []sweep.Score{{Name: "R² %", Higher: true}, {Name: "training R² %", Higher: true}}
}

// missing are what to do with missing values, by the words of the flag.
var missing = map[string]data.Missing{"refuse": data.RefuseMissing, "mean": data.ImputeMean, "drop": data.DropMissing, "zero": data.ZeroMissing}

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	if t.own {
		f.StringVar(&t.File, "csv", "", "`file` of comma-separated values with the names of the columns in the first line, or of ARFF")
		f.StringVar(&t.Target, "target", "", "`column` to learn; empty for the last")
		f.BoolVar(&t.Classes, "classes", false, "take the target's numbers for classes")
		f.StringVar(&t.Drop, "drop", "", "`list` of columns to leave out: identifiers, and what would give the target away")
		f.StringVar(&t.Times, "times", "", "`list` of columns of dates or times, such as 2024-05-31 18:30: they become the day and the phases of year, week and day")
		f.StringVar(&t.Text, "text", "", "`list` of columns whose numbers are codes: each number becomes an input of its own")
		f.StringVar(&t.Comma, "separator", "", "`character` between the cells, such as ; (empty: a comma, or a tab in .tsv)")
		f.StringVar(&t.Missing, "missing", "refuse", "`what` to do with missing values: refuse, mean (of the column), drop (the row) or zero")
	} else {
		f.StringVar(&t.Dataset, "dataset", "", "`name` of a data set: "+strings.Join(datasets.NamesOf(datasets.Table), ", "))
	}
	t.RegisterTraining(f)
}

// RegisterTraining adds the flags to f but those that name the table.
func (t *Task) RegisterTraining(f *flag.FlagSet) {
	f.StringVar(&t.Hidden, "hidden", t.Hidden, "`units` of each hidden layer")
	f.IntVar(&t.Batch, "batch", t.Batch, "`rows` per step")
	f.Float64Var(&t.Test, "test", t.Test, "`part` of the rows that is kept for the test, another one for each seed")
	t.Spoil.register(f)
	t.Restrain.register(f)
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxBatch  = 1 << 20
	maxHidden = 1 << 13
)

// Check implements task.Task.
func (t *Task) Check() error {
	if err := cli.Range("batch", t.Batch, 1, maxBatch); err != nil {
		return err
	}
	if !(t.Test > 0 && t.Test < 1) {
		return fmt.Errorf("-test: %v, want a part between 0 and 1", t.Test)
	}
	t.hidden = nil
	for _, word := range strings.Split(t.Hidden, ",") {
		units, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || units < 1 || units > maxHidden {
			return fmt.Errorf("-hidden: %q, want a list of numbers from 1 to %d such as 64,64", t.Hidden, maxHidden)
		}
		t.hidden = append(t.hidden, units)
	}
	if err := t.read(); err != nil {
		return err
	}
	if err := t.set.Check(); err != nil {
		return err
	}
	if len(t.set.XShape) != 1 {
		return fmt.Errorf("%s: examples of shape %v, want a row of numbers", t.set.Name, t.set.XShape)
	}
	if err := t.checkTarget(); err != nil {
		return err
	}
	if t.set.Classes == nil && len(t.set.YShape) == 0 {
		t.set.YShape = []int{1} // as the network has its outputs
	}
	if _, _, err := t.set.Split(1-t.Test, 0); err != nil {
		return fmt.Errorf("-test: %w", err)
	}
	if err := cmp.Or(t.Spoil.check(t.set, t.Test), t.Restrain.check()); err != nil {
		return err
	}
	t.SHA256 = task.Hash(t.set)
	return nil
}

// checkTarget reports a target that is the same in all rows: no score is defined of it.
func (t *Task) checkTarget() error {
	first := t.set.Y[0]
	if slices.ContainsFunc(t.set.Y, func(y float32) bool { return y != first }) {
		return nil
	}
	value, flag := strconv.FormatFloat(float64(first), 'g', -1, 32), "dataset"
	if t.set.Classes != nil {
		value = strconv.Quote(t.set.Classes[int(first)])
	}
	if t.own {
		flag = "target"
	}
	return fmt.Errorf("-%s: %s in all %d rows: there is nothing to learn", flag, value, t.set.Len())
}

// read reads the table.
func (t *Task) read() error {
	ctx := context.Background()
	if !t.own {
		if t.Dataset == "" {
			return errors.New("-dataset: none is named")
		}
		l, err := datasets.Load(ctx, t.Dataset, datasets.Options{})
		if err != nil {
			return fmt.Errorf("-dataset: %w", err)
		}
		t.set = l.Set
		return nil
	}
	if t.File == "" {
		return errors.New("-csv: no file is named")
	}
	opts := data.TableOptions{Target: t.Target, Drop: columns(t.Drop), Text: columns(t.Text), Times: columns(t.Times)}
	for _, r := range t.Comma {
		if opts.Comma = r; string(r) != t.Comma {
			return fmt.Errorf("-separator: %q, want one character", t.Comma)
		}
	}
	if t.Classes {
		opts.Task = data.Classification
	}
	var ok bool
	if opts.Missing, ok = missing[t.Missing]; !ok {
		return fmt.Errorf("-missing: %q, want refuse, mean, drop or zero", t.Missing)
	}
	var err error
	if t.set, t.report, err = data.ReadTable(ctx, t.File, opts); err != nil {
		return fmt.Errorf("-csv: %w%s", err, hint(err))
	}
	return nil
}

// Describe implements task.Describer: what of a file is learned from how much of it.
func (t *Task) Describe() string {
	if t.report == nil {
		return ""
	}
	what := "numbers"
	if n := len(t.set.Classes); n > 0 {
		what = fmt.Sprintf("%d classes", n)
	}
	return fmt.Sprintf("learning %q (%s) from %d inputs; %v", t.report.Target, what, len(t.set.Inputs), t.report)
}

// columns returns the names in a list, nil for none.
func columns(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// hint says which flag cures an error of a file.
func hint(err error) string {
	switch {
	case errors.Is(err, data.ErrMissing):
		return "; -missing mean fills such, -missing drop leaves out their rows"
	case errors.Is(err, data.ErrWords):
		return "; -drop leaves out columns of identifiers, -times reads columns of dates"
	case errors.Is(err, data.ErrMixed):
		return "; -text takes all of the column for words"
	}
	return ""
}

// Train implements task.Task.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error) {
	rows, err := t.split(r.Seed)
	if err != nil {
		return nil, err
	}
	outputs, loss := 1, train.Loss(models.MSE)
	if rows.kept.Classes != nil {
		outputs, loss = len(rows.kept.Classes), models.CrossEntropy
	}
	sizes := slices.Concat(rows.kept.XShape, t.hidden, []int{outputs})
	network := func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: sizes, Activation: activation.Maker, Seed: r.Seed, Dropout: t.Dropout, Mode: mode})
	}
	result, err := train.Fit(ctx, train.Config{
		Network: network, Loss: loss, Train: rows.kept, Batch: min(t.Batch, rows.kept.Len()), Steps: steps, Seed: r.Seed,
		Valid: rows.valid, EvalEvery: max(1, steps/evaluations), Patience: t.Patience,
		LearnRate: r.Rate, ThetaRate: activation.Rate(r.Rate) / r.Rate, Schedule: models.Cosine, Penalty: activation.Penalty,
		Observers: []train.Observer{task.Counted(progress)},
	})
	if err != nil || result.Interrupted {
		return nil, err
	}
	o := &sweep.Outcome{Params: result.Network.NumParams(), TrainSeconds: result.Seconds}
	if err := judge(o, network, result.Network, rows); err != nil || !t.Explain {
		return o, err
	}
	o.Arrays = map[string][]float32{}
	which := make([]int, min(rows.test.Len(), explained))
	for i := range which {
		which[i] = i
	}
	return o, task.KeepExplained(o, network, result.Network, rows.test, loss, which, explain.Options{})
}

// explained is the greatest number of the test's rows whose columns are explained.
const explained = 256

// Inputs returns the names of the inputs, after Check.
func (t *Task) Inputs() []string {
	names := slices.Clone(t.set.Inputs)
	for i := len(names); i < data.Size(t.set.XShape); i++ {
		names = append(names, fmt.Sprintf("input %d", i))
	}
	return names
}

// rows are those of a seed, all scaled by those to train on.
type rows struct {
	kept  *data.Set // to train on
	valid *data.Set // to stop the training by; nil without that
	test  *data.Set
}

// validPart is the part of the rows to train on that early stopping keeps out of the
// training.
const validPart = 0.2

// split returns the rows of a seed. What spoils the data spoils those to train on, with
// those to stop by, before anything is learned from them, and the test's inputs where the
// flags say so: the labels of the test are true.
func (t *Task) split(seed uint64) (r rows, err error) {
	if r.kept, r.test, err = t.set.Split(1-t.Test, seed); err != nil {
		return r, err
	}
	if r.kept, err = t.Spoil.thin(r.kept, seed); err != nil {
		return r, err
	}
	scaler, err := data.FitScaler(r.kept)
	if err != nil {
		return r, err
	}
	if r.kept, err = scaler.Apply(r.kept); err != nil {
		return r, err
	}
	if r.test, err = scaler.Apply(r.test); err != nil {
		return r, err
	}
	if r.kept, r.test, err = t.Spoil.blur(r.kept, r.test, seed); err != nil {
		return r, err
	}
	if t.Patience > 0 {
		r.kept, r.valid, err = r.kept.Split(1-validPart, seed)
	}
	return r, err
}
