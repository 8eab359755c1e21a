package cuda_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda/bench"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/models"
)

var regen = flag.Bool("regen", false, "write the losses to testdata instead of comparing them (on the CPU only)")

// fill draws a batch: points of a square and a function of them.
func fill[T float32 | float64](r *rand.Rand, x, y []T) {
	for i := range y {
		a, b := 2*r.Float64()-1, 2*r.Float64()-1
		x[2*i], x[2*i+1] = T(a), T(b)
		y[i] = T(math.Sin(3*a) * b)
	}
}

// train makes steps and returns the losses.
func train(dt tensor.Dtype, steps int) ([]float64, error) {
	return newNetwork(dt).trainOnPoints(dt, steps)
}

func (n network) trainOnPoints(dt tensor.Dtype, steps int) ([]float64, error) {
	r := rand.New(rand.NewPCG(2, 0))
	return n.train(steps, func(int) error {
		if dt == tensor.Float32 {
			fill(r, n.x.Value().Data().([]float32), n.target.Value().Data().([]float32))
		} else {
			fill(r, n.x.Value().Data().([]float64), n.target.Value().Data().([]float64))
		}
		return nil
	})
}

func (n network) train(steps int, next func(int) error) ([]float64, error) {
	trainer, err := models.NewTrainer(n.cost, models.Group{Name: "weights", Nodes: n.learnables,
		Solver: gorgonia.NewAdamSolver(), LearnRate: 0.01})
	if err != nil {
		return nil, err
	}
	result, err := trainer.Run(context.Background(), steps, next)
	return result.Losses, errors.Join(err, trainer.Close())
}

// TestTraining compares the losses of 50 steps with those of the CPU build, which are
// in testdata. Rounding differs, as on the CPU Gorgonia rounds functions of float32
// from float64, and training amplifies that.
func TestTraining(t *testing.T) {
	for _, c := range []struct {
		dt        tensor.Dtype
		tolerance float64 // relative
	}{{tensor.Float32, 1e-4}, {tensor.Float64, 1e-12}} {
		t.Run(c.dt.String(), func(t *testing.T) {
			bench.Reset()
			losses, err := train(c.dt, 50)
			require.NoError(t, err)
			requireLosses(t, fmt.Sprintf("testdata/losses_%v.txt", c.dt), losses, c.tolerance)
			require.Less(t, losses[len(losses)-1], losses[0]/2, "nothing was learned")
			requireLaunched(t, "tanh", c.dt)
			requireLaunched(t, "gte_vs", c.dt)
		})
	}
}

func TestTrainingCNN(t *testing.T) {
	bench.Reset()
	losses, err := newCNN().train(10, nil)
	require.NoError(t, err)
	requireLosses(t, "testdata/losses_cnn.txt", losses, 1e-4)
	require.Less(t, losses[len(losses)-1], losses[0], "nothing was learned")
	requireLaunched(t, "tanh", tensor.Float32)
}

// requireLosses compares with a file that the CPU build wrote.
func requireLosses(t *testing.T, file string, losses []float64, tolerance float64) {
	t.Helper()
	if *regen {
		writeLosses(t, file, losses)
	}
	want := readLosses(t, file)
	require.Len(t, losses, len(want))
	worst := 0.0
	for i := range want {
		worst = math.Max(worst, math.Abs(losses[i]-want[i])/want[i])
	}
	t.Logf("losses %.4g … %.4g; at most %.2g off those of the CPU; launches %v, %+v",
		losses[0], losses[len(losses)-1], worst, bench.Launches(), bench.Stats())
	require.LessOrEqual(t, worst, tolerance)
}

// TestTrainingInAnyOrder wants the same losses to the bit, whatever the order of the
// threads.
func TestTrainingInAnyOrder(t *testing.T) {
	if !bench.Active() {
		t.Skip("needs the bench (cuda/bench.sh)")
	}
	t.Cleanup(func() { bench.Configure(ptxsim.Config{}) })
	var want []float64
	for _, c := range []ptxsim.Config{{}, {Order: ptxsim.Reverse}, {Order: ptxsim.Shuffled, Seed: 1, WarpSize: 1}} {
		bench.Configure(c)
		losses, err := train(tensor.Float32, 5)
		require.NoError(t, err)
		if want == nil {
			want = losses
		}
		require.Equal(t, want, losses, "%+v", c)
	}
}

func writeLosses(t *testing.T, file string, losses []float64) {
	t.Helper()
	require.False(t, bench.Active(), "-regen is for the CPU build")
	var b strings.Builder
	for _, l := range losses {
		fmt.Fprintln(&b, l)
	}
	require.NoError(t, os.MkdirAll("testdata", 0o755))
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
}

func readLosses(t *testing.T, file string) []float64 {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var losses []float64
	for _, line := range strings.Fields(string(data)) {
		l, err := strconv.ParseFloat(line, 64)
		require.NoError(t, err)
		losses = append(losses, l)
	}
	return losses
}
