// Package generation is the task of generating images: a generator and a discriminator
// (DCGAN) trained in turn, both with the activation that is compared.
package generation

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models/train"
)

// Names of an outcome's arrays.
const (
	samplesArray = "samples" // generated images, for a look at them
	framesArray  = "frames"  // fewer, the same inputs at each of frameSteps
	judgeArray   = "judge"   // what the judge makes of real images: a reference
)

const (
	samplesShown = 64
	samplesRow   = 8
	frames       = 10
	frameImages  = 16
	frameRow     = 4
)

// Task is the task.
type Task struct {
	Data          string `json:"-"` // a data set, or a folder of the reader's own
	SHA256        string // of its numbers, set by Check
	Gray          bool   // read a folder's pictures in grey
	Images        int    // to train on, at most
	Samples       int    // generated and held out, that the distance is between
	Size          int    // pixels of each side
	Batch         int    // images per step
	Latent        int    // inputs of the generator
	Width         int    // channels of the widest images
	Discriminator string // activations of the discriminator: same or dcgan
	JudgeSteps    int    // that the judge is trained for

	folder string // for checkpoints and the judge; empty for none
	judge  *judge
}

// New returns the task with its defaults.
func New() *Task {
	return &Task{Data: "mnist", Images: 20000, Samples: 2000, Size: 32, Batch: 32, Latent: 32, Width: 8, Discriminator: same, JudgeSteps: 1000}
}

// Name implements task.Task.
func (t *Task) Name() string { return "generation" }

// Scores implements task.Task.
func (t *Task) Scores() []sweep.Score {
	return []sweep.Score{{Name: "Fréchet distance"}, {Name: "effective classes", Higher: true}, {Name: "confidence %", Higher: true}}
}

// Register implements task.Task.
func (t *Task) Register(f *flag.FlagSet) {
	f.StringVar(&t.Data, "data", t.Data, "`data` set, mnist or emoji, or a folder with a folder of PNG or JPEG pictures for each class")
	f.BoolVar(&t.Gray, "gray", t.Gray, "read the pictures of a folder in grey")
	f.IntVar(&t.Images, "images", t.Images, "`number` of images to train on, drawn at random if there are more")
	f.IntVar(&t.Samples, "samples", t.Samples, "`number` of generated images that are compared with as many held-out ones")
	f.IntVar(&t.Size, "size", t.Size, "`pixels` of each side of the images, 16, 32 or 64: larger images are halved until they fit, smaller ones get a border")
	f.IntVar(&t.Batch, "batch", t.Batch, "`images` per step")
	f.IntVar(&t.Latent, "latent", t.Latent, "`inputs` of the generator, normally distributed")
	f.IntVar(&t.Width, "width", t.Width, "`channels` of the widest images in both networks; smaller ones have more")
	f.StringVar(&t.Discriminator, "discriminator", t.Discriminator, "`activations` of the discriminator: same as the generator's, or dcgan, leaky ReLU of slope 0.2")
	f.IntVar(&t.JudgeSteps, "judge-steps", t.JudgeSteps, "training `steps` of the classifier that judges the images")
}

// Bounds of the flags, far beyond what can be waited for.
const (
	maxImages = 1 << 24
	maxBatch  = 1 << 12
	maxLatent = 1 << 12
	maxWidth  = 1 << 9

	maxJudgeSteps = 1_000_000
)

// minSamples is the least number of images whose covariance matrix can have full rank, and
// enough for the pictures.
const minSamples = max(features+1, samplesShown)

// Keep implements task.Keeper.
func (t *Task) Keep(folder string) { t.folder = folder }

// Check implements task.Task.
func (t *Task) Check() error {
	err := cmp.Or(
		cli.Range("images", t.Images, minSamples, maxImages), cli.Range("samples", t.Samples, minSamples, maxImages),
		cli.Range("batch", t.Batch, 2, maxBatch), cli.Range("latent", t.Latent, 1, maxLatent), cli.Range("width", t.Width, 1, maxWidth), cli.Range("judge-steps", t.JudgeSteps, 1, maxJudgeSteps),
	)
	if err != nil {
		return err
	}
	if t.Size != 16 && t.Size != 32 && t.Size != 64 {
		return fmt.Errorf("-size: %d, want 16, 32 or 64", t.Size)
	}
	if _, err := discriminatorMaker(t.Discriminator, cli.Setting{}); err != nil {
		return err
	}
	im, err := load(context.Background(), t.Data, t.Size, t.Images, t.Samples, t.Gray)
	if err != nil {
		return fmt.Errorf("-data: %w", err)
	}
	if n := im.train.Len(); n < t.Batch {
		return fmt.Errorf("-batch: %d, but %s has %d images to train on", t.Batch, t.Data, n)
	}
	t.judge, t.SHA256 = &judge{images: im, folder: t.folder, steps: t.JudgeSteps}, im.hash
	return nil
}

// channels returns those of the images.
func (t *Task) channels() int { return t.judge.images.train.XShape[0] }

// Train implements task.Task. A training that the end of ctx cuts short, or that is
// killed, goes on where it was when it is asked for again.
func (t *Task) Train(ctx context.Context, r sweep.Run, activation cli.Setting, steps int, progress func()) (o *sweep.Outcome, err error) {
	c := config{
		Latent: t.Latent, Size: t.Size, Channels: t.channels(), Width: t.Width, Batch: t.Batch,
		Generator: activation.Maker, Rate: r.Rate, GeneratorRate: activation.Rate(r.Rate), DiscriminatorRate: r.Rate, Seed: r.Seed,
	}
	if c.Discriminator, err = discriminatorMaker(t.Discriminator, activation); err != nil {
		return nil, err
	}
	if t.Discriminator == same {
		c.DiscriminatorRate = c.GeneratorRate
	}
	g, err := newGAN(c, t.judge.images.train, steps)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	s, err := t.newSampler(c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.predictor.Close()) }()
	path, err := t.checkpoint(r, c, steps)
	if err != nil {
		return nil, err
	}
	if path != "" {
		if err := g.resume(path); err != nil {
			return nil, err
		}
	}
	done, err := t.run(ctx, g, s, path, progress)
	if err != nil || !done {
		return nil, err
	}
	if o, err = t.outcome(ctx, g, s); err != nil || o == nil {
		return nil, err
	}
	if path != "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return o, nil
}

// run makes the steps that are left, and reports whether all are made.
func (t *Task) run(ctx context.Context, g *gan, s *sampler, path string, progress func()) (bool, error) {
	save := func() error {
		if path == "" {
			return nil
		}
		return g.save(path)
	}
	due := frameSteps(g.steps)
	for g.Step < g.steps {
		if ctx.Err() != nil {
			return false, save()
		}
		if err := g.next(); err != nil {
			return false, err
		}
		for _, step := range due {
			if step != g.Step {
				continue
			}
			x, err := s.sample(g, frameImages)
			if err != nil {
				return false, err
			}
			g.Frames = append(g.Frames, x...)
			if err := save(); err != nil {
				return false, err
			}
		}
		progress()
	}
	return true, nil
}

// frameSteps returns the numbers of steps after which there is a frame: closer together
// at first, where more happens.
func frameSteps(steps int) []int {
	var list []int
	for k := 1; k <= frames; k++ {
		list = append(list, max(1, steps*k*k/(frames*frames)))
	}
	return list
}

// outcome judges the generator; nil if the end of ctx has cut that short.
func (t *Task) outcome(ctx context.Context, g *gan, s *sampler) (*sweep.Outcome, error) {
	if ok, err := t.judge.prepare(ctx); err != nil || !ok {
		return nil, err
	}
	if _, err := s.sample(g, samplesShown); err != nil { // which makes memory
		return nil, err
	}
	began := time.Now()
	x, err := s.sample(g, t.Samples)
	if err != nil {
		return nil, err
	}
	seconds := time.Since(began).Seconds()
	v, err := t.judge.judge(x)
	if err != nil {
		return nil, err
	}
	return &sweep.Outcome{
		Scores: []float64{v.Distance, v.Classes, 100 * v.Confidence},
		Params: g.generator.net.NumParams() + g.discriminator.net.NumParams(), TrainSeconds: g.Seconds, InferSeconds: seconds,
		Arrays: map[string][]float32{samplesArray: x[:samplesShown*s.pixels], framesArray: g.Frames, judgeArray: t.judge.reference.numbers()},
	}, nil
}

// checkpoint returns the path of a run's file, whose name tells apart all that decides
// what is in it; empty for none.
func (t *Task) checkpoint(r sweep.Run, c config, steps int) (string, error) {
	if t.folder == "" {
		return "", nil
	}
	key, err := json.Marshal([]any{t, c, r, steps})
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	name := fmt.Sprintf("%s_lr%s_seed%d_%.4x", r.Activation, strconv.FormatFloat(r.Rate, 'g', -1, 64), r.Seed, sha256.Sum256(key))
	return filepath.Join(t.folder, "checkpoints", name), nil
}

// sampler makes images of a generator.
type sampler struct {
	predictor      *train.Predictor
	latent, pixels int
}

// sampleBatch is the number of images that are made at a time.
const sampleBatch = 64

func (t *Task) newSampler(c config) (*sampler, error) {
	p, err := train.NewPredictor(c.buildGenerator, []int{c.Latent}, sampleBatch)
	return &sampler{p, c.Latent, c.Channels * c.Size * c.Size}, err
}

// sampleSeed is that of the inputs by which all generators are judged.
const sampleSeed = 1 << 32

// sample returns n images, of the same inputs each time.
func (s *sampler) sample(g *gan, n int) ([]float32, error) {
	z := make([]float32, n*s.latent)
	normal(z, sampleSeed, 0)
	return s.predictor.Predict(g.generator.net, z)
}

// Generated returns a picture of images that an outcome's generator makes.
func (t *Task) Generated(o *sweep.Outcome) image.Image {
	return tiles(o.Arrays[samplesArray], t.channels(), t.Size, samplesRow)
}

// Real returns a picture of as many images that are held out.
func (t *Task) Real() image.Image {
	s := t.judge.images.held
	n := samplesShown * t.channels() * t.Size * t.Size
	return tiles(s.X[:n], t.channels(), t.Size, samplesRow)
}

// Frame is a picture of the images that a generator makes after some steps.
type Frame struct {
	Step  int
	Image image.Image
}

// Frames returns those of an outcome of a number of steps.
func (t *Task) Frames(o *sweep.Outcome, steps int) []Frame {
	x, n := o.Arrays[framesArray], frameImages*t.channels()*t.Size*t.Size
	var list []Frame
	for k, step := range frameSteps(steps) {
		if (k+1)*n <= len(x) {
			list = append(list, Frame{step, tiles(x[k*n:(k+1)*n], t.channels(), t.Size, frameRow)})
		}
	}
	return list
}

// Reference returns what the judge of an outcome makes of real images.
func (t *Task) Reference(o *sweep.Outcome) (Reference, error) {
	return referenceOf(o.Arrays[judgeArray])
}
