package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	_ "go4.org/unsafe/assume-no-moving-gc" // lets Gorgonia start

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// waves returns n examples of y = sin(3·x₀) + x₁/2, which a seed determines.
func waves(n int, seed uint64) *data.Set {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := &data.Set{XShape: []int{2}, YShape: []int{1}, Name: "waves"}
	for range n {
		a, b := 2*rng.Float64()-1, 2*rng.Float64()-1
		s.X = append(s.X, float32(a), float32(b))
		s.Y = append(s.Y, float32(math.Sin(3*a)+b/2))
	}
	return s
}

// mlp returns a Builder of a network for waves.
func mlp(activation models.Maker, dt tensor.Dtype) Builder {
	return func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 16, 1}, Activation: activation, Dtype: dt, Seed: 7})
	}
}

// small is a training of a second or less; θ has a rate of its own.
func small() Config {
	return Config{
		Network: mlp(models.DiTAC(ditacop.WithCells(6), ditacop.WithPenalty(1e-4, 1, 1)), tensor.Float32),
		Loss:    models.MSE, Train: waves(50, 1), Valid: waves(21, 2), // rests of 2 and of 5
		Batch: 16, Steps: 40, EvalEvery: 5, Seed: 3, LearnRate: 0.01, ThetaRate: 0.5, Penalty: true,
	}
}

// weights returns all that a network learned, and its state.
func weights(t testing.TB, n models.Network) []float64 {
	t.Helper()
	var out []float64
	for _, l := range append(n.Learnables(), n.State()...) {
		x, err := values.Float64s(l.Value())
		require.NoError(t, err)
		out = append(out, x...)
	}
	return out
}

func fitOf(t testing.TB, c Config) *Result {
	t.Helper()
	r, err := Fit(context.Background(), c)
	require.NoError(t, err)
	return r
}

// TestFit: a regression comes out, in both dtypes, with all that is reported.
func TestFit(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		c := small()
		c.Network = mlp(models.DiTAC(), dt)
		c.Steps, c.Schedule, c.LearnRate = 300, models.Cosine, 0.02
		r := fitOf(t, c)
		require.Len(t, r.Losses, 300)
		require.Len(t, r.History, 60)
		require.Less(t, r.Best.ValidLoss, r.History[0].ValidLoss/4)
		require.Equal(t, 300, r.Steps)
		require.Positive(t, r.Seconds)
		require.Positive(t, r.StepSeconds)
		require.Len(t, r.Domains, 1)
		d := r.Domains[0]
		require.Equal(t, "mlp.0.activation", d.Name)
		require.Equal(t, [2]float64{-3, 3}, [2]float64{d.A, d.B})
		require.Greater(t, d.Start, 0.9)
		require.Greater(t, d.End, 0.5)
	}
}

// TestResume: training that is interrupted after any step and resumed ends bit for bit
// as without.
func TestResume(t *testing.T) {
	whole := fitOf(t, small())
	for _, at := range []int{0, 1, 5, 17, 39} {
		c := small()
		c.Checkpoint, c.Resume = filepath.Join(t.TempDir(), "checkpoint"), true
		ctx, cancel := context.WithCancel(context.Background())
		c.Observers = []Observer{ObserverFunc(func(e Event) error {
			if e.Step == at && e.Kind <= Stepped {
				cancel()
			}
			return nil
		})}
		r, err := Fit(ctx, c)
		require.NoError(t, err)
		require.True(t, r.Interrupted)
		require.Equal(t, at, r.Steps)
		c.Observers = nil
		r = fitOf(t, c)
		same(t, whole, r, fmt.Sprint("interrupted at ", at))
		again := fitOf(t, c) // nothing left to do
		same(t, whole, again, "finished")
		require.Zero(t, again.StepSeconds)
	}
}

func same(t testing.TB, want, got *Result, what string) {
	t.Helper()
	require.Equal(t, want.Losses, got.Losses, what)
	require.Equal(t, weights(t, want.Network), weights(t, got.Network), what)
	for _, r := range []*Result{want, got} {
		for i := range r.History {
			r.History[i].Seconds = 0
		}
		r.Best.Seconds = 0
	}
	require.Equal(t, want.History, got.History, what)
	require.Equal(t, want.Best, got.Best, what)
	require.Equal(t, want.Domains, got.Domains, what)
	require.Equal(t, want.Stopped, got.Stopped, what)
}
