package figure1

import (
	"context"
	"flag"
	"math"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/stretchr/testify/require"
)

func TestTarget(t *testing.T) {
	require.Equal(t, 0.0, target(0, 0))
	// By hand: Σ B·sin(A₁) for x = (1, 0).
	want := .4*math.Sin(9) - .1*math.Sin(9) + .15*math.Sin(3) + .15*math.Sin(9) + .1*math.Sin(13) + .1*math.Sin(3)
	require.InDelta(t, want, target(1, 0), 1e-15)
	points, values := Grid()
	require.Len(t, values, 201*201)
	require.Equal(t, []float32{-1, -1, -0.99, -1}, points[:4])
	require.Equal(t, target(1, 1), values[len(values)-1])
}

// train makes a run with the flags.
func train(t *testing.T, flags string) *sweep.Outcome {
	task := New()
	var d cli.DiTAC
	f := flag.NewFlagSet("test", flag.ContinueOnError)
	task.Register(f)
	d.Register(f)
	require.NoError(t, f.Parse(strings.Fields(flags)))
	require.NoError(t, task.Check())
	s, err := d.Setting("ditac", 1)
	require.NoError(t, err)
	steps := 0
	o, err := task.Train(context.Background(), sweep.Run{Activation: "ditac", Rate: 0.005, Seed: 1}, s, 20, func() { steps++ })
	require.NoError(t, err)
	require.Equal(t, 20, steps)
	return o
}

// TestPenalty trains with a penalty, a sampled start and a rate of its own for θ.
func TestPenalty(t *testing.T) {
	const flags = "-lambda 0.01 -init prior -cells 10 -basis qr -schedule cosine -theta-lr "
	o := train(t, flags+"0.1")
	require.Equal(t, 210, o.Params)
	losses := o.Arrays[Losses]
	require.Len(t, losses, 20)
	other := train(t, flags+"0.001").Arrays[Losses]
	require.Equal(t, losses[0], other[0])
	require.NotEqual(t, losses[19], other[19])
	require.Len(t, o.Arrays[Theta], 9)
	require.Len(t, o.Arrays[Inputs], 2+60)
	require.Positive(t, o.InferSeconds)
	without := train(t, strings.Replace(flags, "-lambda 0.01", "", 1)+"0.1").Arrays[Losses]
	require.Less(t, without[0], losses[0]) // by the penalty of the sampled θ
}

// TestInterrupted: a run that is cut short has no outcome.
func TestInterrupted(t *testing.T) {
	task := New()
	var d cli.DiTAC
	s, err := d.Setting("relu", 1)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	o, err := task.Train(ctx, sweep.Run{Activation: "relu", Rate: 0.005, Seed: 1}, s, 1000, cancel)
	require.NoError(t, err)
	require.Nil(t, o)
}
