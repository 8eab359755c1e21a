package segmentation

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/metric"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// Task is the task.
type Task struct {
	Emoji   string  `json:"-"` // folder; empty for the emoji
	SHA256  string  // of the pictures, set by Check
	Classes string  // categories of emoji, or folders in Emoji, separated by commas
	Size    int     // pixels of each side of a scene
	Batch   int     // scenes per step
	Width   int     // channels of the network's first level
	Depth   int     // levels at which the network halves the scene
	Dice    float64 // weight of the Dice loss
	Test    int     // scenes

	train *stage // of seed 0
	test  *data.Set
}

// New returns the task with its defaults.
func New() *Task {
	return &Task{
		Classes: "Smileys & Emotion,Animals & Nature,Food & Drink,Flags",
		Size:    32, Batch: 16, Width: 8, Depth: 2, Test: 256,
	}
}

// Name implements task.Task.
func (t *Task) Name() string { return "segmentation" }

// Scores implements task.Task.
func (t *Task) Scores() []sweep.Score {
	return []sweep.Score{{Name: "mean IoU %", Higher: true}, {Name: "pixel accuracy %", Higher: true}}
}

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.StringVar(&t.Emoji, "emoji", t.Emoji, "`folder` of PNG pictures with opacity, in a folder for each class; empty for the emoji")
	f.StringVar(&t.Classes, "classes", t.Classes, "`list` of categories of emoji, each a class beside the background; not heeded with -emoji")
	f.IntVar(&t.Size, "size", t.Size, "`pixels` of each side of a scene, a multiple of 2 to the power of -depth")
	f.IntVar(&t.Batch, "batch", t.Batch, "`scenes` per step")
	f.IntVar(&t.Width, "width", t.Width, "`channels` of the network's first level; each next one has twice as many")
	f.IntVar(&t.Depth, "depth", t.Depth, "`levels` at which the network halves the scene")
	f.Float64Var(&t.Dice, "dice", t.Dice, "`weight` of the Dice loss that is added to the cross-entropy")
	f.IntVar(&t.Test, "test", t.Test, "`scenes` of the test")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	minSize   = 8 // for which a sprite has some pixels
	maxSize   = 1024
	maxBatch  = 1 << 16
	maxWidth  = 1 << 10
	maxDepth  = 8
	maxScenes = 1 << 16
)

// shown is the number of the test's scenes that outcomes keep for the pictures.
const shown = 6

// testSeed is the seed of the test's scenes, the same for all trainings.
const testSeed = 1

// Check implements task.Task.
func (t *Task) Check() error {
	err := cmp.Or(
		cli.Range("size", t.Size, minSize, maxSize), cli.Range("batch", t.Batch, 1, maxBatch),
		cli.Range("width", t.Width, 1, maxWidth), cli.Range("depth", t.Depth, 1, maxDepth),
		cli.Range("test", t.Test, shown, maxScenes),
	)
	if err != nil {
		return err
	}
	if t.Size%(1<<t.Depth) != 0 {
		return fmt.Errorf("-size: %d, want a multiple of %d, as the network halves it %d times", t.Size, 1<<t.Depth, t.Depth)
	}
	if !(t.Dice >= 0) || math.IsInf(t.Dice, 0) {
		return fmt.Errorf("-dice: %v, want at least 0", t.Dice)
	}
	all, err := read(context.Background(), t.Emoji, t.Classes)
	if err != nil {
		return err
	}
	t.Classes, t.SHA256 = strings.Join(all.classes, ","), all.hash()
	kept, held, err := all.divide()
	if err != nil {
		return fmt.Errorf("-emoji: %w", err)
	}
	t.train = &stage{cast: kept, size: t.Size}
	t.test, err = (&stage{cast: held, size: t.Size, seed: testSeed}).set(t.Test, "test")
	return err
}

// ClassNames returns the names of the classes, of which the background is the first,
// after Check.
func (t *Task) ClassNames() []string { return t.test.Classes }

// network makes the network in a graph.
func (t *Task) network(g *gorgonia.ExprGraph, maker models.Maker, seed uint64, mode models.Mode) (models.Network, error) {
	return models.NewUNet(g, models.UNetConfig{
		Channels: 3, Height: t.Size, Width: t.Size, Width0: t.Width, Depth: t.Depth, Classes: len(t.test.Classes),
		Activation: maker, Seed: seed, Mode: mode,
	})
}

// loss is the cross-entropy, with the Dice loss if that has a weight.
func (t *Task) loss(out, target *gorgonia.Node) (*gorgonia.Node, error) {
	loss, err := models.CrossEntropy(out, target)
	if err != nil || t.Dice == 0 {
		return loss, err
	}
	dice, err := models.Dice(out, target)
	if err == nil {
		dice, err = gorgonia.Mul(dice, gorgonia.NewConstant(float32(t.Dice)))
	}
	if err == nil {
		loss, err = gorgonia.Add(loss, dice)
	}
	return loss, err
}

// trainingSeeds is added to a run's seed for its scenes: none has those of the test.
const trainingSeeds = 1 << 32

// Train implements task.Task.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error) {
	build := func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
		return t.network(g, activation.Maker, r.Seed, mode)
	}
	source := *t.train
	source.seed = trainingSeeds + r.Seed
	result, err := train.Fit(ctx, train.Config{
		Network: build, Loss: t.loss,
		Source: &source, XShape: t.test.XShape, YShape: t.test.YShape, Batch: t.Batch, Steps: steps,
		LearnRate: r.Rate, ThetaRate: activation.Rate(r.Rate) / r.Rate, Schedule: models.Cosine, Penalty: activation.Penalty,
		Observers: []train.Observer{task.Counted(progress)},
	})
	if err != nil || result.Interrupted {
		return nil, err
	}
	return t.judge(build, result)
}

// judge tests a trained network.
func (t *Task) judge(build train.Builder, result *train.Result) (*sweep.Outcome, error) {
	out, seconds, err := task.PredictBatches(build, result.Network, t.test, t.Batch)
	if err != nil {
		return nil, err
	}
	classes := len(t.test.Classes)
	said, err := metric.Argmax(out, classes, t.Size*t.Size)
	if err != nil {
		return nil, err
	}
	iou, err := metric.MeanIoU(said, t.test.Y, classes)
	if err != nil {
		return nil, err
	}
	accuracy, err := metric.Agreement(said, t.test.Y, classes)
	if err != nil {
		return nil, err
	}
	o := &sweep.Outcome{
		Scores: []float64{100 * iou, 100 * accuracy},
		Params: result.Network.NumParams(), TrainSeconds: result.Seconds, InferSeconds: seconds,
		Arrays: map[string][]float32{saidArray: said[:shown*t.Size*t.Size]},
	}
	return o, task.KeepCurves(o, result)
}
