package photo

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"math"
	"math/rand/v2"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models"
)

// Colors is the name of an outcome's array: the colours of all pixels as the network has
// them.
const Colors = "colors"

// Task is the task.
type Task struct {
	Image  string  `json:"-"` // file; empty for the photograph that comes with the program
	SHA256 string  // of the photograph, set by Check
	Size   int     // pixels of each side
	Batch  int     // pixels per step
	Hidden int     // units of each of the two hidden layers
	Hold   float64 // part of the pixels that is kept out of the training

	photo *photo
}

// New returns the task with its defaults.
func New() *Task { return &Task{Size: 96, Batch: 512, Hidden: 64} }

// Name implements task.Task.
func (t *Task) Name() string { return "photo" }

// Scores implements task.Task.
func (t *Task) Scores() []sweep.Score {
	return []sweep.Score{{Name: "PSNR dB", Higher: true}, {Name: "held-out PSNR dB", Higher: true}}
}

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.StringVar(&t.Image, "image", t.Image, "PNG or JPEG `file`; empty for the photograph that comes with the program")
	f.IntVar(&t.Size, "size", t.Size, "`pixels` of each side of the square that the middle of the photograph is scaled to")
	f.IntVar(&t.Batch, "batch", t.Batch, "`pixels` per step")
	f.IntVar(&t.Hidden, "hidden", t.Hidden, "`units` of each of the two hidden layers")
	f.Float64Var(&t.Hold, "hold", t.Hold, "`part` of the pixels that is kept out of the training, at least 0 and less than 1")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxSize   = 4096
	maxBatch  = 1 << 20
	maxHidden = 1 << 13
)

// Check implements task.Task.
func (t *Task) Check() error {
	if err := cmp.Or(cli.Range("size", t.Size, 4, maxSize), cli.Range("batch", t.Batch, 1, maxBatch), cli.Range("hidden", t.Hidden, 1, maxHidden)); err != nil {
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
	net, err := mlp.New(models.MLPConfig{Sizes: []int{2, t.Hidden, t.Hidden, 3}, Activation: activation.Maker, Seed: r.Seed}, t.Batch)
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
	kept, held := t.photo.split(t.Hold, r.Seed)
	pixels := sampler{photo: t.photo, from: kept, rng: rand.New(rand.NewPCG(r.Seed, 1))}
	result, err := net.Fit(ctx, cost, net.Groups(r.Rate, activation.Rate(r.Rate), models.Cosine), steps, func() {
		pixels.fill(net.Inputs(), y)
	}, progress)
	if err != nil || result.Interrupted {
		return nil, err
	}
	e, err := net.Evaluate(t.photo.places)
	if err != nil {
		return nil, err
	}
	return &sweep.Outcome{
		Scores: []float64{psnr(e.Out, t.photo.colors, kept), psnr(e.Out, t.photo.colors, held)},
		Params: net.NumParams(), TrainSeconds: result.Elapsed.Seconds(), InferSeconds: e.Seconds,
		Arrays: map[string][]float32{Colors: e.Out},
	}, nil
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
