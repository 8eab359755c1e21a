//go:build cuda

package main

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// training checks that a small network learns, twice with the same losses.
func (r *report) training() error {
	first, err := losses()
	if err != nil {
		return err
	}
	second, err := losses()
	if err != nil {
		return err
	}
	differ := 0.0
	for i := range first {
		if first[i] != second[i] {
			differ++
		}
	}
	r.check("training: losses that differ in a second run", differ, 0)
	r.check("training: last loss ÷ first, 100 steps", first[len(first)-1]/first[0], 0.2)
	return nil
}

// losses trains an MLP with DiTAC for 100 steps.
func losses() ([]float64, error) {
	const batch, steps = 64, 100
	g := gorgonia.NewGraph()
	xs, ys := make([]float32, 2*batch), make([]float32, batch)
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 2), tensor.WithBacking(xs)), gorgonia.WithName("x"))
	y := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 1), tensor.WithBacking(ys)), gorgonia.WithName("y"))
	net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 20, 1}, Dtype: tensor.Float32, Seed: 1,
		Activation: models.DiTAC()})
	if err != nil {
		return nil, err
	}
	out, err := net.Forward(x)
	if err != nil {
		return nil, err
	}
	cost, err := models.MSE(out, y)
	if err != nil {
		return nil, err
	}
	trainer, err := models.NewTrainer(cost, models.Group{Nodes: net.Learnables(), LearnRate: 0.02})
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(1, 2))
	result, err := trainer.Run(context.Background(), steps, func(int) error {
		for i := range ys {
			a, b := 2*r.Float64()-1, 2*r.Float64()-1
			xs[2*i], xs[2*i+1], ys[i] = float32(a), float32(b), float32(math.Sin(2*a)+b)
		}
		return nil
	})
	return result.Losses, errors.Join(err, trainer.Close())
}
