package train

import (
	"context"
	"math"
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
)

// TestInspect: layers are what the activation says of itself, and by Adam's first step
// nothing of the gradient is lost; a training that is inspected ends with the same losses.
func TestInspect(t *testing.T) {
	s := waves(50, 1)
	c := Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 8, 1}, Activation: models.DiTAC(ditacop.WithPenalty(0.1, 1, 0.5)), Seed: 1})
		},
		Loss: models.MSE, Train: s, Batch: 10, Steps: 4, EvalEvery: 2,
	}
	plain, err := Fit(context.Background(), c)
	require.NoError(t, err)
	looked := 0
	c.Observers = []Observer{ObserverFunc(func(e Event) error {
		layers, err := e.Inspect()
		require.NoError(t, err)
		require.Len(t, layers, 1)
		l, d := layers[0], e.Network.Activations()[0].(*ditacop.Activation)
		require.Len(t, l.Curves, 1)
		y, _, err := d.Eval(0, l.X)
		require.NoError(t, err)
		require.InDeltaSlice(t, y, l.Curves[0], 1e-5) // float32, by the table
		require.Len(t, l.Inputs, 10*8)
		theta, err := values.Float64s(d.Theta().Value())
		require.NoError(t, err)
		sum := 0.
		for _, x := range theta {
			sum += x * x
		}
		require.InDelta(t, math.Sqrt(sum), l.Theta, 1e-12)
		require.Equal(t, e.Step == 0, math.IsNaN(l.Gradient), "step %d", e.Step)
		if e.Step > 0 {
			require.Positive(t, l.Gradient)
			require.Positive(t, l.Penalty)
		}
		require.Equal(t, 1., l.InDomain)
		looked++
		return nil
	})}
	r, err := Fit(context.Background(), c)
	require.NoError(t, err)
	require.Greater(t, looked, 6)
	require.Equal(t, plain.Losses, r.Losses)
}
