package ditacop_test

import (
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BenchmarkStep compares one training step of the network of the paper's Figure 1
// (2→50→1, batch 98, float32, fresh points, Adam) with gorgonia.Rectify and with
// DiTAC as examples/regression sets it.
func BenchmarkStep(b *testing.B) {
	b.Run("defaults", func(b *testing.B) {
		benchmarkStep(b, models.DiTAC())
	})
	b.Run("rectify", func(b *testing.B) { benchmarkStep(b, models.Fixed(gorgonia.Rectify)) })
	b.Run("ditac", func(b *testing.B) {
		benchmarkStep(b, models.DiTAC(ditacop.WithCells(30), ditacop.WithDomain(-2, 2), ditacop.WithBasis(cpab.BasisNodal)))
	})
}

func benchmarkStep(b *testing.B, maker models.Maker) {
	const batch = 98
	rng := rand.New(rand.NewPCG(1, 2))
	xs, ys := make([]float32, 2*batch), make([]float32, batch)
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(batch, 2), gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(batch, 2), tensor.WithBacking(xs))))
	y := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(batch, 1), gorgonia.WithName("y"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(batch, 1), tensor.WithBacking(ys))))
	net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 50, 1}, Activation: maker, Dtype: tensor.Float32, Seed: 1})
	require.NoError(b, err)
	out, err := net.Forward(x)
	require.NoError(b, err)
	cost, err := models.MSE(out, y)
	require.NoError(b, err)
	trainer, err := models.NewTrainer(cost, models.Group{Nodes: net.Weights(), LearnRate: 0.005},
		models.Group{Nodes: net.ActivationLearnables(), LearnRate: 0.00125})
	require.NoError(b, err)
	defer trainer.Close()
	for b.Loop() {
		for i := range xs {
			xs[i] = 2*rng.Float32() - 1
		}
		for i := range ys {
			ys[i] = xs[2*i] * xs[2*i+1]
		}
		if _, err := trainer.Step(0, 1); err != nil {
			b.Fatal(err)
		}
	}
}
