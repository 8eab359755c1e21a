package models

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestLeNetLearns overfits four small images with the trained baselines.
func TestLeNetLearns(t *testing.T) {
	const batch = 4
	prelu, err := Baseline("prelu")
	require.NoError(t, err)
	g := gorgonia.NewGraph()
	net, err := NewLeNet(g, LeNetConfig{Channels: 2, Height: 8, Width: 4, Filters: [2]int{3, 5}, Classes: 3, Activation: prelu, Seed: 1})
	require.NoError(t, err)
	require.Len(t, net.Learnables(), 6)
	require.Equal(t, tensor.Shape{5, 3, 3, 3}, net.Weights()[1].Shape())
	bound := 1 / math.Sqrt(27)
	for _, w := range net.Weights()[1].Value().Data().([]float32) {
		require.LessOrEqual(t, math.Abs(float64(w)), bound)
	}
	xs, ys := make([]float32, batch*2*8*4), make([]float32, batch*3)
	for i := range xs {
		xs[i] = float32(math.Sin(float64(3*i + i*i/7)))
	}
	for i := range batch {
		ys[3*i+i%3] = 1
	}
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 2, 8, 4), tensor.WithBacking(xs)), gorgonia.WithName("x"))
	y := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 3), tensor.WithBacking(ys)), gorgonia.WithName("y"))
	out, err := net.Forward(x)
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{batch, 3}, out.Shape())
	cost, err := MSE(out, y)
	require.NoError(t, err)
	trainer, err := NewTrainer(cost, Group{Nodes: net.Learnables(), LearnRate: 0.01})
	require.NoError(t, err)
	defer trainer.Close()
	r, err := trainer.Run(context.Background(), 200, nil)
	require.NoError(t, err)
	require.Less(t, r.Losses[199], r.Losses[0]/20)
}

func TestLeNetErrors(t *testing.T) {
	relu, err := Baseline("relu")
	require.NoError(t, err)
	for want, cfg := range map[string]LeNetConfig{
		"Channels is -1":                  {Channels: -1, Activation: relu},
		"Height is 30":                    {Height: 30, Activation: relu},
		"Width is 2":                      {Width: 2, Activation: relu},
		"Filters[1] is -3":                {Filters: [2]int{1, -3}, Activation: relu},
		"Classes is -2":                   {Classes: -2, Activation: relu},
		"Activation is nil":               {},
		"Channels is 9223372036854775807": {Channels: math.MaxInt, Activation: relu},
		"Height is 9223372036854775804":   {Height: math.MaxInt - 3, Activation: relu},
		"Channels 268435456 and Filters [16 32] make more":      {Channels: 1 << 28, Activation: relu},
		"Channels 1 and Filters [65536 65536] make more":        {Filters: [2]int{1 << 16, 1 << 16}, Activation: relu},
		"Filters[1] 32, Height 65536, Width 65536 and":          {Height: 1 << 16, Width: 1 << 16, Activation: relu},
		"Filters[1] 32, Height 28, Width 28 and Classes 268435": {Classes: 1 << 28, Activation: relu},
	} {
		_, err := NewLeNet(gorgonia.NewGraph(), cfg)
		require.ErrorContains(t, err, want)
	}
	g := gorgonia.NewGraph()
	net, err := NewLeNet(g, LeNetConfig{Activation: relu})
	require.NoError(t, err)
	_, err = NewLeNet(g, LeNetConfig{Activation: relu})
	require.ErrorContains(t, err, "lenet.0.weight")
	_, err = net.Forward(nil)
	require.ErrorContains(t, err, "nil")
	_, err = net.Forward(gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(2, 1, 28, 27), gorgonia.WithName("x")))
	require.ErrorContains(t, err, "27")
}

func ExampleNewLeNet() {
	relu, err := Baseline("relu")
	if err != nil {
		panic(err)
	}
	g := gorgonia.NewGraph()
	net, err := NewLeNet(g, LeNetConfig{Activation: relu, Seed: 1})
	if err != nil {
		panic(err)
	}
	images := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(64, 1, 28, 28), gorgonia.WithName("images"))
	logits, err := net.Forward(images)
	if err != nil {
		panic(err)
	}
	fmt.Println(logits.Shape())
	// Output: (64, 10)
}
