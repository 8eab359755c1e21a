package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// layered is an MLP behind a batch normalisation and a dropout, which have State.
type layered struct {
	*models.MLP
	norm *models.BatchNorm
	drop *models.Dropout
}

func (n *layered) Weights() gorgonia.Nodes { return append(n.norm.Learnables(), n.MLP.Weights()...) }

func (n *layered) Learnables() gorgonia.Nodes {
	return append(n.Weights(), n.ActivationLearnables()...)
}

func (n *layered) State() gorgonia.Nodes { return append(n.norm.State(), n.drop.State()...) }

func (n *layered) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	x, err := n.norm.Apply(x)
	if err == nil {
		x, err = n.drop.Apply(x)
	}
	if err != nil {
		return nil, err
	}
	return n.MLP.Forward(x)
}

// layeredNetwork is a Builder of layered.
func layeredNetwork(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
	net, err := mlp(models.DiTAC(ditacop.WithCells(6)), tensor.Float32)(g, mode)
	if err != nil {
		return nil, err
	}
	norm, err := models.NewBatchNorm(g, tensor.Float32, "norm", 2, mode)
	if err != nil {
		return nil, err
	}
	drop, err := models.NewDropout(g, tensor.Float32, "drop", 0.25, 5, mode)
	return &layered{net.(*models.MLP), norm, drop}, err
}

// stopping is a training that early stopping ends: the targets of Valid are noise.
func stopping() Config {
	c := small()
	c.Steps, c.Patience, c.LearnRate = 200, 4, 0.03
	c.Valid = c.Valid.Clone()
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range c.Valid.Y {
		c.Valid.Y[i] = 2*rng.Float32() - 1
	}
	return c
}

// interruptAt returns a context that ends once the steps are made, and the observer that
// does it.
func interruptAt(step int) (context.Context, Observer) {
	ctx, cancel := context.WithCancel(context.Background())
	return ctx, ObserverFunc(func(e Event) error {
		if e.Step >= step && e.Kind <= Stepped {
			cancel()
		}
		return nil
	})
}

// TestResumeAll: broken several times, in the middle of epochs, trainings of all kinds end
// bit for bit as if they had not been.
func TestResumeAll(t *testing.T) {
	float64s := small()
	float64s.Network = mlp(models.DiTACPerChannel(ditacop.WithCells(4)), tensor.Float64)
	clipped := small()
	clipped.Clip, clipped.Schedule = 0.1, models.Cosine
	fixed := small()
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	fixed.Network, fixed.Valid = mlp(relu, tensor.Float32), nil
	masked := small()
	masked.Network = layeredNetwork
	vanilla := small()
	vanilla.Groups = func(n models.Network) []models.Group {
		return []models.Group{
			{Name: "weights", Nodes: n.Weights(), LearnRate: 0.01},
			{Name: "θ", Nodes: n.ActivationLearnables(), LearnRate: 0.1, Solver: gorgonia.NewVanillaSolver()},
		}
	}
	for name, c := range map[string]Config{
		"early stopping": stopping(), "float64": float64s, "clipping": clipped, "fixed, no Valid": fixed,
		"state": masked, "vanilla": vanilla,
	} {
		t.Run(name, func(t *testing.T) {
			whole := fitOf(t, c)
			require.Equal(t, name == "early stopping", whole.Stopped)
			if whole.Stopped {
				require.Less(t, whole.Best.Step, whole.Steps)
				require.Equal(t, 4, len(whole.History)-whole.Best.Step/5)
			}
			c.Checkpoint, c.Resume, c.CheckpointEvery = filepath.Join(t.TempDir(), "c"), true, 7
			for at := 3; ; at += 11 {
				ctx, observer := interruptAt(at)
				c.Observers = []Observer{observer}
				r, err := Fit(ctx, c)
				require.NoError(t, err)
				if !r.Interrupted {
					same(t, whole, r, name)
					break
				}
			}
		})
	}
}

// TestState: training moves the state of the network, and evaluation does not.
func TestState(t *testing.T) {
	c := small()
	c.Network = layeredNetwork
	r := fitOf(t, c)
	count, err := values.Float64s(r.Network.State()[2].Value())
	require.NoError(t, err)
	require.Equal(t, []float64{40}, count)
	before := weights(t, r.Network)
	p, err := NewPredictor(c.Network, []int{2}, 20)
	require.NoError(t, err)
	defer p.Close()
	one, err := p.Predict(r.Network, c.Valid.X)
	require.NoError(t, err)
	two, err := p.Predict(r.Network, c.Valid.X)
	require.NoError(t, err)
	require.Equal(t, one, two)
	require.Equal(t, before, weights(t, r.Network))
}

// TestBest: with Patience the network is that of the best evaluation.
func TestBest(t *testing.T) {
	c := stopping()
	r := fitOf(t, c)
	require.True(t, r.Stopped)
	p, err := NewPredictor(c.Network, []int{2}, 8)
	require.NoError(t, err)
	defer p.Close()
	out, err := p.Predict(r.Network, c.Valid.X)
	require.NoError(t, err)
	sum := 0.
	for i, y := range c.Valid.Y {
		sum += math.Pow(float64(out[i]-y), 2) / float64(len(out))
	}
	require.InEpsilon(t, r.Best.ValidLoss, sum, 1e-5)
	for _, h := range r.History {
		require.GreaterOrEqual(t, h.ValidLoss, r.Best.ValidLoss)
	}
}

// TestKilled: a process that is killed again and again ends with the bits of one that is
// not. It runs itself as that process.
func TestKilled(t *testing.T) {
	if path := os.Getenv("DITAC_KILLED"); path != "" {
		c := killed()
		c.Checkpoint, c.Resume, c.CheckpointEvery = path, true, 1
		c.Observers = []Observer{CSVLog(path + ".csv")}
		r := fitOf(t, c)
		require.False(t, r.Interrupted)
		return
	}
	whole := fitOf(t, killed())
	path := filepath.Join(t.TempDir(), "checkpoint")
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	kills := 0
	for run := 0; ; run++ {
		require.Less(t, run, 100)
		var out bytes.Buffer
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "DITAC_KILLED="+path)
		cmd.Stdout, cmd.Stderr = &out, &out
		require.NoError(t, cmd.Start())
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		var err error
		if kills < 6 {
			for i := 0; i < 1000 && fileAge(path) < 0; i++ { // till there is a checkpoint
				time.Sleep(10 * time.Millisecond)
			}
			select {
			case err = <-done:
			case <-time.After(time.Duration(rng.IntN(150)) * time.Millisecond):
				require.NoError(t, cmd.Process.Kill())
				if err = <-done; err != nil {
					kills++
					continue
				}
			}
		} else {
			err = <-done
		}
		require.NoError(t, err, out.String())
		break
	}
	t.Logf("killed %d times", kills)
	c := killed()
	c.Checkpoint, c.Resume = path, true
	same(t, whole, fitOf(t, c), "killed")
	b, err := os.ReadFile(path + ".csv")
	require.NoError(t, err)
	require.Equal(t, 1+len(whole.History), bytes.Count(b, []byte("\n")))
}

func killed() Config {
	c := small()
	c.Steps, c.Patience, c.Network = 400, 1000, layeredNetwork
	return c
}

// fileAge is −1 for a file that is not there.
func fileAge(path string) int {
	if _, err := os.Stat(path); err != nil {
		return -1
	}
	return 0
}

// TestLoadCheckpoint: a checkpoint is a file that ditacop.Load and Network.Load take.
func TestLoadCheckpoint(t *testing.T) {
	c := stopping()
	c.Checkpoint = filepath.Join(t.TempDir(), "c")
	r := fitOf(t, c)
	g, err := newGraph(c.Network, models.Evaluation, 3, []int{2})
	require.NoError(t, err)
	require.NotEqual(t, weights(t, r.Network), weights(t, g.net))
	require.NoError(t, g.net.Load(c.Checkpoint))
	require.Equal(t, weights(t, r.Network), weights(t, g.net))
	missing, unused, err := ditacop.LoadByName(c.Checkpoint, g.net.Learnables())
	require.NoError(t, err)
	require.Empty(t, missing)
	require.Empty(t, unused)
}

// TestMoreSteps: a finished training goes on when more steps are asked for.
func TestMoreSteps(t *testing.T) {
	whole := small()
	whole.Steps = 60
	want := fitOf(t, whole)
	c := small()
	c.Checkpoint, c.Resume = filepath.Join(t.TempDir(), "c"), true
	fitOf(t, c)
	c.Steps = 60
	same(t, want, fitOf(t, c), "more steps")
	c.Steps = 30
	_, err := Fit(context.Background(), c)
	require.ErrorContains(t, err, "it was made with Steps 60, now there are 30")
	c.Steps, c.Schedule = 70, models.Cosine
	_, err = Fit(context.Background(), c)
	require.ErrorContains(t, err, "more can be asked for without a Schedule")
}

// TestUnwritableCheckpoint: a checkpoint that cannot be written is an error before the first
// step, and the try leaves nothing behind.
func TestUnwritableCheckpoint(t *testing.T) {
	folder := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(folder, "none", "c"): "no such file",
		folder:                             "is a folder",
	} {
		c := small()
		c.Checkpoint = path
		r, err := Fit(context.Background(), c)
		require.ErrorContains(t, err, "Config.Checkpoint")
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, path)
		require.Zero(t, r.Steps)
	}
	c := small()
	c.Checkpoint = filepath.Join(folder, "c")
	fitOf(t, c)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// TestOtherCheckpoints: what does not belong to the training is refused, and the file
// stays.
func TestOtherCheckpoints(t *testing.T) {
	c := small()
	c.Checkpoint, c.Resume = filepath.Join(t.TempDir(), "c"), true
	r := fitOf(t, c)
	before, err := os.ReadFile(c.Checkpoint)
	require.NoError(t, err)
	for what, change := range map[string]func(c *Config){
		"with Batch 16, now it is 8":         func(c *Config) { c.Batch = 8 },
		"with Seed 3, now it is 4":           func(c *Config) { c.Seed = 4 },
		"with LearnRate 0.01, now it is 0.1": func(c *Config) { c.LearnRate = 0.1 },
		"with Clip 0, now it is 1":           func(c *Config) { c.Clip = 1 },
		"with Metrics , now it is r2":        func(c *Config) { c.Metrics = []Metric{R2()} },
		"with Train 50 examples":             func(c *Config) { c.Train = waves(50, 9) },
		"with Valid 21 examples":             func(c *Config) { c.Valid = nil },
		"moments for \"mlp.0.weight\" of shape (2, 8)": func(c *Config) {
			c.Network = func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
				return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 8, 1}, Activation: models.DiTAC(ditacop.WithCells(6))})
			}
		},
		"another activation": func(c *Config) {
			c.Network = mlp(models.DiTAC(ditacop.WithCells(6), ditacop.WithDomain(-2, 2)), tensor.Float32)
		},
		"dtype is F32 in the file, F64": func(c *Config) {
			c.Network = mlp(models.DiTAC(ditacop.WithCells(6)), tensor.Float64)
		},
		"2 groups of learnables, now there are 1": func(c *Config) {
			c.Groups = func(n models.Network) []models.Group { return []models.Group{{Nodes: n.Learnables(), LearnRate: 0.1}} }
		},
		"another solver than it had": func(c *Config) {
			c.Groups = func(n models.Network) []models.Group {
				return []models.Group{{Name: "a", Nodes: n.Weights(), LearnRate: 0.1}, {Name: "b", Nodes: n.ActivationLearnables(), LearnRate: 0.1, Solver: gorgonia.NewVanillaSolver()}}
			}
		},
	} {
		other := c
		change(&other)
		_, err := Fit(context.Background(), other)
		require.ErrorContains(t, err, what)
		require.ErrorContains(t, err, c.Checkpoint)
	}
	plain := c
	plain.Checkpoint += ".plain"
	require.NoError(t, r.Network.Save(plain.Checkpoint))
	_, err = Fit(context.Background(), plain)
	require.ErrorContains(t, err, "no checkpoint of a training")
	after, err := os.ReadFile(c.Checkpoint)
	require.NoError(t, err)
	require.Equal(t, before, after)
	momentum := c
	momentum.Groups = func(n models.Network) []models.Group {
		return []models.Group{{Name: "all", Nodes: n.Learnables(), LearnRate: 0.1, Solver: gorgonia.NewMomentum()}}
	}
	_, err = Fit(context.Background(), momentum)
	require.ErrorContains(t, err, `the Solver of group "all" is a *gorgonia.Momentum, whose state cannot be kept`)
}

// TestDamagedCheckpoints: files with a changed byte, cut or empty are refused.
func TestDamagedCheckpoints(t *testing.T) {
	c := small()
	c.Checkpoint = filepath.Join(t.TempDir(), "c")
	fitOf(t, c)
	whole, err := os.ReadFile(c.Checkpoint)
	require.NoError(t, err)
	c.Steps = 60
	normal, err := c.withDefaults()
	require.NoError(t, err)
	s, err := newSession(normal)
	require.NoError(t, err)
	defer s.close()
	initial := weights(t, s.net)
	bad := func(b []byte, format string, args ...any) {
		t.Helper()
		require.Error(t, s.restore(b), fmt.Sprintf(format, args...))
		require.Equal(t, initial, weights(t, s.net))
		require.Zero(t, s.step)
	}
	for at := 0; at < len(whole); at += 1 + at/50 { // all of the first bytes, some of the others
		b := bytes.Clone(whole)
		b[at] ^= 4
		bad(b, "byte %d of %d", at, len(whole))
	}
	for _, n := range []int{0, 1, 8, 100, len(whole) / 2, len(whole) - 1} {
		bad(whole[:n], "%d of %d bytes", n, len(whole))
	}
	bad(append(bytes.Clone(whole), 0), "a byte more")
	require.NoError(t, s.restore(whole))
	require.Equal(t, 40, s.step)
}

// TestNaN: a loss that is NaN ends training with an error, after which there are the result
// up to there and the checkpoint of before.
func TestNaN(t *testing.T) {
	c := small()
	c.Checkpoint, c.CheckpointEvery = filepath.Join(t.TempDir(), "c"), 1
	bad := errors.New("never")
	c.Source = source(func(step int, x, y []float32) error {
		for i := range y {
			x[2*i], y[i] = float32(i), 1
		}
		if step == 12 {
			y[3] = float32(math.NaN())
		}
		return nil
	})
	r, err := Fit(context.Background(), c)
	require.ErrorContains(t, err, "train: Fit: models: Trainer: step 12: the cost is NaN")
	require.Equal(t, 12, r.Steps)
	require.Len(t, r.Losses, 12)
	for _, w := range weights(t, r.Network) {
		require.True(t, finite(w))
	}
	c.Source = source(func(int, []float32, []float32) error { return bad })
	_, err = Fit(context.Background(), c)
	require.ErrorIs(t, err, bad)
	c.Source = source(func(_ int, x, y []float32) error { return nil })
	c.Resume, c.Steps = true, 13
	_, err = Fit(context.Background(), c)
	require.ErrorContains(t, err, "with Steps 40, now there are 13")
	c.Steps = 40
	r, err = Fit(context.Background(), c)
	require.NoError(t, err)
	require.Equal(t, 40, r.Steps)
}

// source is a function as a data.Source.
type source func(step int, x, y []float32) error

func (f source) Fill(step int, x, y []float32) error { return f(step, x, y) }

var _ data.Source = source(nil)

// TestProcessors: a training gives the same bits on any number of processors.
func TestProcessors(t *testing.T) {
	run := func(processors int) *Result {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		rng := rand.New(rand.NewPCG(8, 8))
		s := &data.Set{XShape: []int{1, 16, 16}, Classes: []string{"a", "b", "c"}}
		for i := range 100 {
			for range 256 {
				s.X = append(s.X, rng.Float32()-0.5*float32(i%3))
			}
			s.Y = append(s.Y, float32(i%3))
		}
		return fitOf(t, Config{
			Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
				return models.NewLeNet(g, models.LeNetConfig{Height: 16, Width: 16, Classes: 3, Activation: models.DiTAC(), Seed: 1})
			},
			Loss: models.CrossEntropy, Train: s, Valid: s, Batch: 33, Steps: 5, Clip: 1, Metrics: []Metric{Accuracy()},
		})
	}
	same(t, run(1), run(5), "processors")
}
