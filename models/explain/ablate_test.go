package explain

import (
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/train"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestAblateByHand: the losses of a network 2→3→2→1 with PReLU are those that a loop
// computes with the slopes p₀ and p₁ as trained and at their start.
func TestAblateByHand(t *testing.T) {
	build := mlp(tensor.Float64, baseline(t, "prelu"), 2, 3, 2, 1)
	start := numbers(t, networkOf(t, build, 2).ActivationLearnables())
	r := fit(t, train.Config{Network: build, Loss: models.MSE, Train: waves(40, 1), Steps: 60, LearnRate: 0.02})
	trained := numbers(t, r.Network.ActivationLearnables())
	require.Len(t, start, 2)
	s := waves(23, 2) // a rest of 3
	w := numbers(t, r.Network.Weights())
	loss := func(p0, p1 float64) float64 {
		prelu := func(x, p float64) float64 {
			if x < 0 {
				return p * x
			}
			return x
		}
		sum := 0.
		for i, y := range s.Y {
			x := s.X[2*i : 2*i+2]
			out := w[6+3+6+2+2] // the last bias
			for k := range 2 {
				b := w[6+3+6+k]
				for j := range 3 {
					b += w[6+3+2*j+k] * prelu(float64(x[0])*w[j]+float64(x[1])*w[3+j]+w[6+j], p0)
				}
				out += prelu(b, p1) * w[6+3+6+2+k]
			}
			sum += (out - float64(y)) * (out - float64(y)) / float64(s.Len())
		}
		return sum
	}
	before := numbers(t, r.Network.Learnables())
	a, err := Ablate(build, r.Network, s, models.MSE, 10)
	require.NoError(t, err)
	require.Equal(t, before, numbers(t, r.Network.Learnables()))
	require.Len(t, a.Activations, 2)
	first, second := a.Activations[0], a.Activations[1]
	const tol = 1e-12 // sums in another order
	require.InDelta(t, loss(trained[0], trained[1]), a.Loss, tol)
	require.InDelta(t, loss(start[0], start[1]), a.Start, tol)
	require.InDelta(t, loss(start[0], trained[1]), first.Reset, tol)
	require.InDelta(t, loss(trained[0], start[1]), first.Kept, tol)
	require.InDelta(t, loss(trained[0], start[1]), second.Reset, tol)
	require.InDelta(t, loss(start[0], trained[1]), second.Kept, tol)
	require.Equal(t, 1, first.Params)
	d := trained[0] - start[0]
	require.InDelta(t, d*d, first.Moved*first.Moved, tol)
	require.NotZero(t, d)
	require.Contains(t, a.String(), first.Name)
}

// TestAblate: with DiTAC the loss is that of the training's evaluation, bit for bit; with one
// activation that has parameters, and one for all layers, there are two networks only.
func TestAblate(t *testing.T) {
	var shared models.Activation
	once := func(p models.Place) (models.Activation, error) {
		var err error
		if p.First {
			shared, err = models.DiTACPerChannel()(p)
		}
		return shared, err
	}
	for name, build := range map[string]train.Builder{
		"shared": mlp(tensor.Float32, once, 2, 8, 8, 1),
		"one":    mlp(tensor.Float32, models.DiTAC(ditacop.WithCells(6)), 2, 8, 1),
	} {
		c := train.Config{Network: build, Loss: models.MSE, Train: waves(40, 1), Valid: waves(23, 2), Batch: 10, Steps: 60, LearnRate: 0.02}
		r := fit(t, c)
		a, err := Ablate(build, r.Network, c.Valid, c.Loss, c.Batch)
		require.NoError(t, err, name)
		require.Len(t, a.Activations, 1, name)
		require.Equal(t, r.History[len(r.History)-1].ValidLoss, a.Loss)
		require.Equal(t, a.Start, a.Activations[0].Reset)
		require.Equal(t, a.Loss, a.Activations[0].Kept)
		require.Greater(t, a.Start, a.Loss)
		require.Equal(t, "mlp.0.activation", a.Activations[0].Name)
		require.Equal(t, len(numbers(t, r.Network.ActivationLearnables())), a.Activations[0].Params)
		require.Positive(t, a.Activations[0].Moved)
	}
}

// TestAblateOthers: a network without learned activations, one that nobody trained, and
// DiTAC as a function, whose θ is there from Forward on.
func TestAblateOthers(t *testing.T) {
	s := waves(9, 1)
	build := mlp(tensor.Float32, baseline(t, "relu"), 2, 4, 1)
	a, err := Ablate(build, networkOf(t, build, 2), s, models.MSE, 0)
	require.NoError(t, err)
	require.Empty(t, a.Activations)
	require.Equal(t, a.Loss, a.Start)
	require.Contains(t, a.String(), "no activation has parameters")

	build = mlp(tensor.Float32, models.Fixed(ditacop.Func()), 2, 4, 4, 1)
	a, err = Ablate(build, networkOf(t, build, 2), s, models.MSE, 0)
	require.NoError(t, err)
	require.Len(t, a.Activations, 2)
	for _, r := range a.Activations {
		require.Zero(t, r.Moved)
		require.Equal(t, []float64{a.Loss, a.Loss, a.Loss}, []float64{a.Start, r.Reset, r.Kept})
	}
}

func TestAblateErrors(t *testing.T) {
	build := mlp(tensor.Float32, models.DiTAC(), 2, 4, 1)
	net := networkOf(t, build, 2)
	s := waves(9, 1)
	_, err := Ablate(nil, net, s, models.MSE, 0)
	require.ErrorContains(t, err, "explain: Ablate: build is nil")
	_, err = Ablate(build, nil, s, models.MSE, 0)
	require.ErrorContains(t, err, "from is nil")
	_, err = Ablate(build, net, nil, models.MSE, 0)
	require.ErrorContains(t, err, "the set is nil")
	_, err = Ablate(build, net, s, nil, 0)
	require.ErrorContains(t, err, "loss is nil")
	_, err = Ablate(build, net, s, models.MSE, -1)
	require.ErrorContains(t, err, "batch is -1")
	_, err = Ablate(mlp(tensor.Float32, models.DiTAC(), 2, 5, 1), net, s, models.MSE, 0)
	require.ErrorContains(t, err, "CopyNetwork")
	_, err = Ablate(mlp(tensor.Float32, models.DiTAC(), 3, 4, 1), net, s, models.MSE, 0)
	require.ErrorContains(t, err, "shape [2]")
	bad := func(*gorgonia.ExprGraph, models.Mode) (models.Network, error) { return nil, nil }
	_, err = Ablate(bad, net, s, models.MSE, 0)
	require.ErrorContains(t, err, "build made nil")
}
