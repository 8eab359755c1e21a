package photo

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// Colors is the name of an outcome's array: the colours of all pixels as the network has
// them.
const Colors = "colors"

// Task is the task.
type Task struct {
	Image  string  `json:"-"` // china, flower or a file
	SHA256 string  // of the photograph, set by Check
	Size   int     // pixels of each side
	Batch  int     // pixels per step
	Hidden int     // units of each of the two hidden layers
	Hold   float64 // part of the pixels that is kept out of the training

	photo *photo
}

// New returns the task with its defaults.
func New() *Task { return &Task{Image: "china", Size: 96, Batch: 512, Hidden: 64, Hold: 0.5} }

// Name implements task.Task.
func (t *Task) Name() string { return "photo" }

// Scores implements task.Task. Pixels that are held out, if there are such, are what
// activations are compared by.
func (t *Task) Scores() []sweep.Score {
	scores := []sweep.Score{{Name: "PSNR dB", Higher: true}, {Name: "SSIM", Higher: true}}
	if t.Hold > 0 {
		scores = append([]sweep.Score{{Name: "held-out PSNR dB", Higher: true}}, scores...)
	}
	return scores
}

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.StringVar(&t.Image, "image", t.Image, "`photograph`: china or flower, or a PNG or JPEG file")
	f.IntVar(&t.Size, "size", t.Size, "`pixels` of each side of the square that the middle of the photograph is scaled to")
	f.IntVar(&t.Batch, "batch", t.Batch, "`pixels` per step")
	f.IntVar(&t.Hidden, "hidden", t.Hidden, "`units` of each of the two hidden layers")
	f.Float64Var(&t.Hold, "hold", t.Hold, "`part` of the pixels that is kept out of the training, at least 0 and less than 1")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	minSize   = 11 // that of SSIM's window
	maxSize   = 4096
	maxBatch  = 1 << 20
	maxHidden = 1 << 13
)

// Check implements task.Task.
func (t *Task) Check() error {
	if err := cmp.Or(cli.Range("size", t.Size, minSize, maxSize), cli.Range("batch", t.Batch, 1, maxBatch), cli.Range("hidden", t.Hidden, 1, maxHidden)); err != nil {
		return err
	}
	if !(t.Hold >= 0) || float64(t.Size*t.Size)*(1-t.Hold) < 1 {
		return fmt.Errorf("-hold: %v, want at least 0 and less than 1", t.Hold)
	}
	var err error
	t.photo, t.SHA256, err = readPhoto(t.Image, t.Size)
	return err
}

// Train implements task.Task.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error) {
	network := func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewCoord(g, models.CoordConfig{
			Inputs: 2, Outputs: 3, Hidden: []int{t.Hidden, t.Hidden}, Octaves: activation.Octaves, Chebyshev: activation.Chebyshev,
			Activation: activation.Maker, Seed: r.Seed,
		})
	}
	all := t.photo.set()
	kept, held := t.photo.split(t.Hold, r.Seed)
	pixels, err := all.Subset(kept)
	if err != nil {
		return nil, err
	}
	result, err := train.Fit(ctx, train.Config{
		Network: network, Loss: models.MSE, Train: pixels, Batch: min(t.Batch, pixels.Len()), Steps: steps, EvalEvery: steps, Seed: r.Seed,
		LearnRate: r.Rate, ThetaRate: activation.Rate(r.Rate) / r.Rate, Schedule: models.Cosine, Penalty: activation.Penalty,
		Observers: []train.Observer{task.Counted(progress)},
	})
	if err != nil || result.Interrupted {
		return nil, err
	}
	colors, seconds, err := task.Predict(network, result.Network, all)
	if err != nil {
		return nil, err
	}
	similarity, err := t.photo.ssim(colors)
	if err != nil {
		return nil, err
	}
	fit := psnr(colors, t.photo.colors, kept)
	o := &sweep.Outcome{
		Scores: []float64{fit, similarity},
		Params: result.Network.NumParams(), TrainSeconds: result.Seconds, InferSeconds: seconds,
		Arrays: map[string][]float32{Colors: colors},
	}
	if t.Hold > 0 {
		o.Scores = append([]float64{psnr(colors, t.photo.colors, held)}, o.Scores...)
	}
	return o, nil
}

// psnr returns the peak signal-to-noise ratio −10·log₁₀(mean squared error) in dB of
// some pixels' colours, which lie between 0 and 1; NaN without pixels.
func psnr(got, want []float32, pixels []int) float64 {
	sum := 0.0
	for _, k := range pixels {
		for j := 3 * k; j < 3*k+3; j++ {
			d := float64(got[j]) - float64(want[j])
			sum += d * d
		}
	}
	return -10 * math.Log10(sum/float64(3*len(pixels)))
}

// Photograph returns the photograph, after Check.
func (t *Task) Photograph() image.Image { return t.photo.picture(t.photo.colors) }

// Picture returns what the network of an outcome makes of it.
func (t *Task) Picture(o *sweep.Outcome) image.Image { return t.photo.picture(o.Arrays[Colors]) }

// Seen returns the photograph with the pixels of a seed that are held out in white.
func (t *Task) Seen(seed uint64) image.Image {
	colors := slices.Clone(t.photo.colors)
	_, held := t.photo.split(t.Hold, seed)
	for _, k := range held {
		colors[3*k], colors[3*k+1], colors[3*k+2] = 1, 1, 1
	}
	return t.photo.picture(colors)
}
