package models

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BenchmarkStep measures one training step of the paper's regression of Figure 1:
// a network 2→50→1, batch 98, mean squared error, Adam with rate 0.005.
func BenchmarkStep(b *testing.B) {
	for _, name := range Baselines() {
		b.Run(name, func(b *testing.B) {
			maker, err := Baseline(name)
			require.NoError(b, err)
			benchmarkStep(b, maker)
		})
	}
}

func benchmarkStep(b *testing.B, maker Maker) {
	net, cost := figure1(b, maker, tensor.Float64)
	trainer, err := NewTrainer(cost, Group{Nodes: net.Learnables(), LearnRate: 0.005})
	require.NoError(b, err)
	defer trainer.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trainer.Step(0, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStepBound is BenchmarkStep/relu the usual way, with BindDualValues.
func BenchmarkStepBound(b *testing.B) {
	net, cost := figure1(b, Fixed(gorgonia.Rectify), tensor.Float64)
	_, err := gorgonia.Grad(cost, net.Learnables()...)
	require.NoError(b, err)
	vm := gorgonia.NewTapeMachine(cost.Graph(), gorgonia.BindDualValues(net.Learnables()...))
	defer vm.Close()
	solver := gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.005))
	model := gorgonia.NodesToValueGrads(net.Learnables())
	b.ReportAllocs()
	for b.Loop() {
		if err := vm.RunAll(); err != nil {
			b.Fatal(err)
		}
		if err := solver.Step(model); err != nil {
			b.Fatal(err)
		}
		vm.Reset()
	}
}

// figure1 returns the network and the cost of Figure 1 on one batch of random
// points.
func figure1(t testing.TB, maker Maker, dt tensor.Dtype) (*MLP, *gorgonia.Node) {
	t.Helper()
	const batch = 98
	g := gorgonia.NewGraph()
	net, err := NewMLP(g, MLPConfig{Sizes: []int{2, 50, 1}, Activation: maker, Dtype: dt, Seed: 1})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(2, 0))
	x, err := newLearnable(g, dt, tensor.Shape{batch, 2}, "x", uniform(rng, 2*batch, 1))
	require.NoError(t, err)
	target, err := newLearnable(g, dt, tensor.Shape{batch, 1}, "target", uniform(rng, batch, 1))
	require.NoError(t, err)
	y, err := net.Forward(x)
	require.NoError(t, err)
	cost, err := MSE(y, target)
	require.NoError(t, err)
	return net, cost
}
