package cuda_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda/bench"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
)

// residentBatch is the batch of the tests of this file, chosen for the sizes of activations
// to be no others'.
const residentBatch = 96

// trainClasses trains a network of package models on classes of points for some steps and
// returns the losses, and behind them the sums of the network's states, with the bytes of
// inputs and labels, and of weights and states.
func trainClasses(t *testing.T, steps int, shape tensor.Shape, build func(*gorgonia.ExprGraph) (models.Network, error)) (losses []float64, inputs, weights int64) {
	t.Helper()
	g := gorgonia.NewGraph()
	net, err := build(g)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(3, 0))
	x, classes := make([]float64, shape.TotalSize()), make([]float64, shape[0])
	for i := range x {
		x[i] = r.NormFloat64()
	}
	each := len(x) / len(classes)
	for i := range classes {
		classes[i] = math.Floor(4 / (1 + math.Exp(-x[i*each]-x[i*each+1])))
	}
	images := gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithName("x"), gorgonia.WithShape(shape...),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(of(tensor.Float32, x)))))
	labels := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("labels"), gorgonia.WithShape(shape[0]),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape[0]), tensor.WithBacking(of(tensor.Float32, classes)))))
	logits, err := net.Forward(images)
	require.NoError(t, err)
	cost, err := models.CrossEntropy(logits, labels)
	require.NoError(t, err)
	trainer, err := models.NewTrainer(cost, models.Group{Nodes: net.Learnables(), LearnRate: 0.01})
	require.NoError(t, err)
	bench.Reset()
	result, err := trainer.Run(context.Background(), steps, nil)
	require.NoError(t, err)
	require.NoError(t, trainer.Close())
	losses = result.Losses
	for _, n := range append(net.Learnables(), net.State()...) {
		weights += 4 * int64(n.Shape().TotalSize())
	}
	for _, n := range net.State() {
		sum := 0.
		for _, e := range floats(t, n.Value()) {
			sum += e
		}
		losses = append(losses, sum)
	}
	return losses, 4 * int64(len(x)+len(classes)), weights
}

// TestResidentMLP trains a network all of whose operations are on the GPU: the losses of 50
// steps are the CPU's, and what is copied in a step is the inputs, the weights, their
// gradients and the loss, and not one activation.
func TestResidentMLP(t *testing.T) {
	const width, steps = 40, 50
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	losses, inputs, weights := trainClasses(t, steps, tensor.Shape{residentBatch, 8}, func(g *gorgonia.ExprGraph) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{8, width, width, 4}, Activation: relu, Seed: 1})
	})
	requireLosses(t, "testdata/losses_mlp.txt", losses, 1e-4)
	require.Less(t, losses[steps-1], losses[0]/2, "nothing was learned")
	requireResident(t, steps, inputs, weights, residentBatch*width, residentBatch*4)
}

// requireResident wants a step on the bench to have copied the inputs and weights to the
// device, the gradients and the loss from there, not more than 1 KiB beside these either way,
// and nothing of the size of an activation, of which numbers are given.
func requireResident(t *testing.T, steps int, inputs, weights int64, activations ...int64) {
	t.Helper()
	if !bench.Active() {
		return
	}
	moved := bench.Moved()
	uploads, downloads := moved.Total()
	t.Logf("a step: %d bytes up, %d down, %d launches, %d waits; %d bytes of weights, %d of inputs",
		uploads/int64(steps), downloads/int64(steps), moved.Launches/steps, moved.Waits/steps, weights, inputs)
	require.LessOrEqual(t, uploads/int64(steps), inputs+weights+1024)
	require.LessOrEqual(t, downloads/int64(steps), weights+1024)
	for _, size := range append(moved.Uploads, moved.Downloads...) {
		require.NotContains(t, activations, size/4, "an activation is copied")
	}
}

// TestResidentLeNet is TestResidentMLP for a convolutional network, of whose images also the
// flattening copies none.
func TestResidentLeNet(t *testing.T) {
	const images, steps = 6, 50
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	losses, inputs, weights := trainClasses(t, steps, tensor.Shape{images, 1, 8, 8}, func(g *gorgonia.ExprGraph) (models.Network, error) {
		return models.NewLeNet(g, models.LeNetConfig{Height: 8, Width: 8, Filters: [2]int{3, 5}, Classes: 4, Activation: relu, Seed: 1})
	})
	requireLosses(t, "testdata/losses_lenet.txt", losses, 1e-4)
	require.Less(t, losses[steps-1], losses[0]/2, "nothing was learned")
	requireResident(t, steps, inputs, weights, images*3*8*8, images*3*4*4, images*5*4*4, images*5*2*2, images*4)
}

// TestResidentResNet is TestResidentMLP with batch normalisations, whose running statistics are
// kept, too, and sums of activations.
func TestResidentResNet(t *testing.T) {
	const images, steps = 6, 20
	silu, err := models.Baseline("silu")
	require.NoError(t, err)
	losses, inputs, weights := trainClasses(t, steps, tensor.Shape{images, 1, 8, 8}, func(g *gorgonia.ExprGraph) (models.Network, error) {
		return models.NewResNet(g, models.ResNetConfig{Channels: 1, Height: 8, Width: 8, Widths: []int{3, 5}, Classes: 4, Activation: silu, Seed: 1})
	})
	requireLosses(t, "testdata/losses_resnet.txt", losses, 1e-4)
	require.Less(t, losses[steps-1], losses[0]/2, "nothing was learned")
	requireResident(t, steps, inputs, weights, images*3*8*8, images*5*4*4, images*5, images*4)
}

// TestResidentDropout is TestResidentMLP with dropout, whose count of passes is kept, too.
func TestResidentDropout(t *testing.T) {
	const images, steps = 6, 20
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	losses, inputs, weights := trainClasses(t, steps, tensor.Shape{images, 1, 8, 8}, func(g *gorgonia.ExprGraph) (models.Network, error) {
		return models.NewLeNet(g, models.LeNetConfig{Height: 8, Width: 8, Filters: [2]int{3, 5}, Classes: 4, Activation: relu, Seed: 1, Dropout: 0.3})
	})
	requireLosses(t, "testdata/losses_dropout.txt", losses, 1e-4)
	require.Equal(t, float64(steps), losses[steps], "passes")
	requireResident(t, steps, inputs, weights, images*3*8*8, images*3*4*4, images*5*4*4, images*5*2*2, images*4)
}

// TestResidentDiTAC is TestResidentMLP with DiTAC, of which nothing but θ and its gradient is
// copied.
func TestResidentDiTAC(t *testing.T) {
	const width, steps = 40, 50
	losses, inputs, weights := trainClasses(t, steps, tensor.Shape{residentBatch, 8}, func(g *gorgonia.ExprGraph) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{8, width, width, 4}, Activation: models.DiTAC(), Seed: 1})
	})
	requireLosses(t, "testdata/losses_mlp_ditac.txt", losses, 1e-4)
	requireResident(t, steps, inputs, weights, residentBatch*width, residentBatch*4)
}

// TestDiTACCalls counts what a step of a network with one DiTAC layer does beyond that with
// ReLU, for one θ and for 256: the host copies θ and its gradient, as it does with weights, and
// waits once at the end of the run; and five kernels more are launched. Nothing else.
func TestDiTACCalls(t *testing.T) {
	if !bench.Active() {
		t.Skip("needs the bench (cuda/bench.sh)")
	}
	const width, cells = 256, 10
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	step := func(activation models.Maker) (s bench.Traffic, up, down int64) {
		var moved [2]bench.Traffic
		for steps := range moved { // without what machines do once
			trainClasses(t, steps+1, tensor.Shape{8, 8}, func(g *gorgonia.ExprGraph) (models.Network, error) {
				return models.NewMLP(g, models.MLPConfig{Sizes: []int{8, width, 4}, Activation: activation, Seed: 1})
			})
			moved[steps] = bench.Moved()
		}
		s.Launches, s.Waits = moved[1].Launches-moved[0].Launches, moved[1].Waits-moved[0].Waits
		s.Uploads, s.Downloads = moved[1].Uploads[len(moved[0].Uploads):], moved[1].Downloads[len(moved[0].Downloads):]
		up, down = s.Total()
		return s, up, down
	}
	without, up, down := step(relu)
	for _, groups := range []int{1, width} {
		options := []ditacop.Option{ditacop.WithCells(cells)}
		if groups > 1 {
			options = append(options, ditacop.WithGroups(1, groups))
		}
		with, upWith, downWith := step(models.DiTAC(options...))
		t.Logf("%d θ: %d launches, %d waits, %d bytes up, %d down; with ReLU %d, %d, %d, %d", groups,
			with.Launches, with.Waits, upWith, downWith, without.Launches, without.Waits, up, down)
		theta := int64(4 * groups * (cells - 1))
		require.Equal(t, theta, upWith-up, "bytes of θ up")
		require.Equal(t, theta, downWith-down, "bytes of its gradient down")
		require.Equal(t, 1, len(with.Uploads)-len(without.Uploads))
		require.Equal(t, 1, len(with.Downloads)-len(without.Downloads))
		require.Equal(t, 5, with.Launches-without.Launches) // 3 make, forward, backward_x, moments and close for 2
		require.LessOrEqual(t, with.Waits-without.Waits, 3)
	}
}
