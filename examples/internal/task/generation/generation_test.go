package generation

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
)

const side = 16

// pictures writes pictures of two classes, bright bars that stand or lie somewhere, and
// returns their folder.
func pictures(t *testing.T) string {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 1))
	for _, class := range []string{"lying", "standing"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, class), 0o755))
		for i := range 120 {
			img := image.NewGray(image.Rect(0, 0, side, side))
			at := 2 + rng.IntN(side-6)
			for k := range side {
				for w := range 3 {
					if class == "lying" {
						img.SetGray(k, at+w, color.Gray{Y: 255})
					} else {
						img.SetGray(at+w, k, color.Gray{Y: 255})
					}
				}
			}
			f, err := os.Create(filepath.Join(dir, class, fmt.Sprintf("%03d.png", i)))
			require.NoError(t, err)
			require.NoError(t, png.Encode(f, img))
			require.NoError(t, f.Close())
		}
	}
	return dir
}

// small returns the task on pictures, with a judge that learns them in few steps.
func small(t *testing.T, dir string) *Task {
	task := New()
	task.Data, task.Gray, task.Samples, task.Size, task.Batch, task.Latent, task.Width, task.JudgeSteps = dir, true, minSamples, side, 16, 8, 4, 60
	require.NoError(t, task.Check())
	return task
}

func setting(t *testing.T, name string) cli.Setting {
	s, err := (&cli.DiTAC{}).Setting(name, 1)
	require.NoError(t, err)
	return s
}

// TestLearns: after some steps the images are more like the pictures than those of the
// first step, with each activation in both networks and with DCGAN's own discriminator.
func TestLearns(t *testing.T) {
	task := small(t, pictures(t))
	for _, c := range []struct{ activation, discriminator string }{{"relu", same}, {"ditac", same}, {"relu", dcgan}} {
		task.Discriminator = c.discriminator
		score := func(steps int) []float64 {
			r := sweep.Run{Activation: c.activation, Rate: 0.003, Seed: 1}
			calls := 0
			o, err := task.Train(context.Background(), r, setting(t, c.activation), steps, func() { calls++ })
			require.NoError(t, err)
			require.Equal(t, steps, calls)
			require.Len(t, task.Frames(o, steps), frames)
			require.Greater(t, o.Params, 1000)
			return o.Scores
		}
		first, last := score(1), score(80)
		require.Less(t, last[0], first[0]/2, "%+v: %v after %v", c, last, first)
	}
	ref := task.judge.reference
	require.Less(t, ref.Real.Distance, ref.Noise.Distance/10)
	require.Greater(t, ref.Accuracy, 0.9)
	require.InDelta(t, 2, ref.Real.Classes, 0.1) // as many of one class as of the other
}

func newTestGAN(t *testing.T, task *Task, activation string, steps int) *gan {
	s := setting(t, activation)
	g, err := newGAN(config{
		Latent: task.Latent, Size: task.Size, Channels: 1, Width: task.Width, Batch: task.Batch,
		Generator: s.Maker, Discriminator: s.Maker, Rate: 0.002, GeneratorRate: 0.002, DiscriminatorRate: 0.002, Seed: 3,
	}, task.judge.images.train, steps)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, g.close()) })
	return g
}

// numbers returns the learned numbers of a network.
func numbers(t *testing.T, n models.Network) []float64 {
	var all []float64
	for _, l := range n.Learnables() {
		x, err := values.Float64s(l.Value())
		require.NoError(t, err)
		all = append(all, x...)
	}
	return all
}

// TestTurns: the step of one network leaves the other as it is, and the critic is the
// discriminator.
func TestTurns(t *testing.T) {
	g := newTestGAN(t, small(t, pictures(t)), "ditac", 10)
	generator, discriminator := numbers(t, g.generator.net), numbers(t, g.discriminator.net)
	require.Equal(t, discriminator, numbers(t, g.critic))
	normal(g.noise, 1, 1)
	_, err := g.generator.trainer.Step(0, 10)
	require.NoError(t, err)
	require.Equal(t, discriminator, numbers(t, g.discriminator.net))
	require.Equal(t, discriminator, numbers(t, g.critic))
	moved := numbers(t, g.generator.net)
	require.NotEqual(t, generator, moved)
	require.NoError(t, g.source.Fill(0, g.real, g.labels))
	_, err = g.discriminator.trainer.Step(0, 10)
	require.NoError(t, err)
	require.Equal(t, moved, numbers(t, g.generator.net))
	require.NotEqual(t, discriminator, numbers(t, g.discriminator.net))
	require.NoError(t, g.next())
	require.Equal(t, numbers(t, g.discriminator.net), numbers(t, g.critic))
}

// TestLosses compares the losses of a step with −log σ(z) of the logits for fakes,
// −log σ(z) for images and −log(1 − σ(z)) for fakes, from a discriminator in a graph of
// its own.
func TestLosses(t *testing.T) {
	g := newTestGAN(t, small(t, pictures(t)), "relu", 10)
	logits := func(x []float32) []float64 {
		graph := gorgonia.NewGraph()
		net, err := g.buildDiscriminator(graph)
		require.NoError(t, err)
		in, memory := input(graph, "x", g.Batch, 1, side, side)
		copy(memory, x)
		out, err := net.Forward(in)
		require.NoError(t, err)
		var v gorgonia.Value
		gorgonia.Read(out, &v)
		vm := gorgonia.NewTapeMachine(graph)
		defer vm.Close()
		require.NoError(t, vm.RunAll())
		z, err := values.Float64s(v)
		require.NoError(t, err)
		return z
	}
	mean := func(z []float64, target float64) (sum float64) {
		for _, v := range z {
			p := 1 / (1 + math.Exp(-v))
			sum -= (target*math.Log(p) + (1-target)*math.Log(1-p)) / float64(len(z))
		}
		return sum
	}
	require.NoError(t, g.next())
	real, fake := logits(g.real), logits(g.fake)
	require.InDelta(t, mean(fake, 1), g.Losses[0][0], 1e-5) // the rounding of float32
	require.InDelta(t, mean(real, 1)+mean(fake, 0), g.Losses[0][1], 1e-5)
}

// TestResume: a training that was interrupted ends as one that was not, bit for bit.
func TestResume(t *testing.T) {
	dir := pictures(t)
	const steps = 12
	run := sweep.Run{Activation: "ditac", Rate: 0.002, Seed: 2}
	train := func(task *Task, until int) *sweep.Outcome {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		made := 0
		o, err := task.Train(ctx, run, setting(t, run.Activation), steps, func() {
			if made++; made == until {
				stop()
			}
		})
		require.NoError(t, err)
		return o
	}
	want := train(small(t, dir), steps+1)
	require.NotNil(t, want)

	task := small(t, dir)
	task.Keep(t.TempDir())
	task.judge.folder = task.folder
	require.Nil(t, train(task, 5))
	files, err := filepath.Glob(filepath.Join(task.folder, "checkpoints", "ditac_lr0.002_seed2_*"))
	require.NoError(t, err)
	require.Len(t, files, 1)

	whole, err := os.ReadFile(files[0])
	require.NoError(t, err)
	for _, damaged := range [][]byte{nil, whole[:len(whole)/2], append(append([]byte{}, whole[:len(whole)-1]...), whole[len(whole)-1]^1)} {
		require.NoError(t, os.WriteFile(files[0], damaged, 0o600))
		_, err = task.Train(context.Background(), run, setting(t, run.Activation), steps, func() {})
		require.ErrorContains(t, err, files[0])
	}
	require.NoError(t, os.WriteFile(files[0], whole, 0o600))

	require.Nil(t, train(task, 3)) // of the seven that are left
	got := train(task, steps+1)
	require.NotNil(t, got)
	require.Equal(t, want.Scores, got.Scores)
	require.Equal(t, want.Arrays, got.Arrays)
	require.NoFileExists(t, files[0])

	again := small(t, dir) // with the judge from its file
	again.Keep(task.folder)
	again.judge.folder = task.folder
	net, err := again.judge.load()
	require.NoError(t, err)
	require.NotNil(t, net)
	require.Equal(t, want.Scores, train(again, steps+1).Scores)
}

// TestSquare by hand: a border, and means.
func TestSquare(t *testing.T) {
	s := &data.Set{X: []float32{0, 0.5, 1, 0.25}, Y: []float32{0}, XShape: []int{1, 2, 2}, Classes: []string{"a"}}
	got, err := square(s, 4)
	require.NoError(t, err)
	require.Equal(t, []float32{-1, -1, -1, -1, -1, -1, 0, -1, -1, 1, -0.5, -1, -1, -1, -1, -1}, got.X)
	s = &data.Set{X: []float32{0, 0, 0, 0, 0, 1, 0.5, 0, 0, 0.25, 0.75, 0, 0, 0, 0, 0}, Y: []float32{0}, XShape: []int{1, 4, 4}, Classes: []string{"a"}}
	got, err = square(s, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{-0.5, -0.75, -0.875, -0.625}, got.X)
	s.X[5] = 255
	_, err = square(s, 2)
	require.ErrorContains(t, err, "in image 0")
}

// TestClassesOf by hand: four images taken for two of three classes.
func TestClassesOf(t *testing.T) {
	l := float32(math.Log(2))
	effective, confidence := classesOf([]float32{l, 0, 0, 0, l, 0, l, 0, 0, 0, l, 0}, 3)
	require.InDelta(t, 2, effective, 1e-12)
	require.InDelta(t, 0.5, confidence, 1e-6) // 2/(2 + 1 + 1), with log 2 in float32
	effective, _ = classesOf([]float32{1, 0, 0, 1, 0, 0}, 3)
	require.InDelta(t, 1, effective, 1e-12)
}

func TestFrameSteps(t *testing.T) {
	require.Equal(t, []int{10, 40, 90, 160, 250, 360, 490, 640, 810, 1000}, frameSteps(1000))
	require.Equal(t, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 2}, frameSteps(2))
}

// TestTiles: two images of two pixels a side, one above the other.
func TestTiles(t *testing.T) {
	img := tiles([]float32{-1, -1, -1, -1, 1, 0, -2, 2}, 1, 2, 1)
	require.Equal(t, image.Rect(0, 0, 2, 5), img.Bounds())
	for at, want := range map[image.Point]uint8{{}: 0, {Y: 2}: 255, {Y: 3}: 255, {X: 1, Y: 3}: 128, {Y: 4}: 0, {X: 1, Y: 4}: 255} {
		require.Equal(t, want, img.NRGBAAt(at.X, at.Y).R, at)
	}
	img = tiles([]float32{1, 0, -1}, 3, 1, 1)
	require.Equal(t, color.NRGBA{R: 255, G: 128, B: 0, A: 255}, img.NRGBAAt(0, 0))
}
