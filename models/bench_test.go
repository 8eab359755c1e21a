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
	benchmarkTraining(b, cost, Group{Nodes: net.Learnables(), LearnRate: 0.005})
}

func benchmarkTraining(b *testing.B, cost *gorgonia.Node, group Group) {
	trainer, err := NewTrainer(cost, group)
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

// BenchmarkLeNetStep measures one training step of LeNet on MNIST's shapes: batch 64,
// float32, Adam.
func BenchmarkLeNetStep(b *testing.B) {
	for name, maker := range stepMakers(b) {
		b.Run(name, func(b *testing.B) {
			g := gorgonia.NewGraph()
			net, err := NewLeNet(g, LeNetConfig{Activation: maker, Seed: 1})
			require.NoError(b, err)
			benchmarkNetwork(b, net, tensor.Shape{64, 1, 28, 28})
		})
	}
}

// BenchmarkMLPStep measures one training step of the network of a photograph's colours:
// 2→64→64→3, batch 512, float32, Adam.
func BenchmarkMLPStep(b *testing.B) {
	for name, maker := range stepMakers(b) {
		b.Run(name, func(b *testing.B) {
			g := gorgonia.NewGraph()
			net, err := NewMLP(g, MLPConfig{Sizes: []int{2, 64, 64, 3}, Activation: maker, Seed: 1})
			require.NoError(b, err)
			benchmarkNetwork(b, net, tensor.Shape{512, 2})
		})
	}
}

func stepMakers(b *testing.B) map[string]Maker {
	return map[string]Maker{"relu": baselineOf(b, "relu"), "ditac": DiTAC()}
}

func benchmarkNetwork(b *testing.B, net Network, shape tensor.Shape) {
	g := net.Weights()[0].Graph()
	rng := rand.New(rand.NewPCG(2, 0))
	x, err := newLearnable(g, tensor.Float32, shape, "x", uniform(rng, shape.TotalSize(), 1))
	require.NoError(b, err)
	y, err := net.Forward(x)
	require.NoError(b, err)
	target, err := newLearnable(g, tensor.Float32, y.Shape(), "target", uniform(rng, y.Shape().TotalSize(), 1))
	require.NoError(b, err)
	cost, err := MSE(y, target)
	require.NoError(b, err)
	benchmarkTraining(b, cost, Group{Nodes: net.Learnables(), LearnRate: 0.001})
}
