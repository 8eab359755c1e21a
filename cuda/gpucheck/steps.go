package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// steps prints how long whole steps of training take: in a build with the tag on the GPU,
// in one without on the CPU.
func (r *report) steps() error {
	batch, width, filters := 256, 1024, [2]int{16, 32}
	if r.largest < 1<<20 { // the bench
		batch, width, filters = 4, 32, [2]int{2, 2}
	}
	steps := max(r.repeats, 3)
	for _, a := range []struct {
		name string
		make models.Maker
	}{{"ReLU", models.Fixed(gorgonia.Rectify)}, {"DiTAC", models.DiTAC()}} {
		for _, n := range []struct {
			name string
			make func(*gorgonia.ExprGraph) (network, tensor.Shape, error)
		}{
			{fmt.Sprintf("MLP of 784, %d, %d and 10 units", width, width), func(g *gorgonia.ExprGraph) (network, tensor.Shape, error) {
				m, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{784, width, width, 10}, Activation: a.make, Seed: 1})
				return m, tensor.Shape{batch, 784}, err
			}},
			{fmt.Sprintf("LeNet of %d and %d filters", filters[0], filters[1]), func(g *gorgonia.ExprGraph) (network, tensor.Shape, error) {
				m, err := models.NewLeNet(g, models.LeNetConfig{Filters: filters, Activation: a.make, Seed: 1})
				return m, tensor.Shape{batch, 1, 28, 28}, err
			}},
		} {
			r.do(n.name+", "+a.name, func() error {
				ms, err := stepTime(n.make, steps)
				if err == nil {
					fmt.Fprintf(r.out, "%-36s %-6s batch %d: %9.2f ms a step\n", n.name, a.name, batch, ms)
				}
				return err
			})
		}
	}
	return nil
}

// network is what steps are made of.
type network interface {
	Forward(x *gorgonia.Node) (*gorgonia.Node, error)
	Learnables() gorgonia.Nodes
}

// stepTime returns the median time of a step in milliseconds.
func stepTime(build func(*gorgonia.ExprGraph) (network, tensor.Shape, error), steps int) (float64, error) {
	g := gorgonia.NewGraph()
	net, shape, err := build(g)
	if err != nil {
		return 0, err
	}
	x, labels := make([]float32, shape.TotalSize()), make([]float32, shape[0])
	for i := range x {
		x[i] = float32(math.Sin(float64(i)))
	}
	for i := range shape[0] {
		labels[i] = float32(i % 10)
	}
	logits, err := net.Forward(gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)), gorgonia.WithName("x")))
	if err != nil {
		return 0, err
	}
	cost, err := models.CrossEntropy(logits, gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(shape[0]), tensor.WithBacking(labels)), gorgonia.WithName("labels")))
	if err != nil {
		return 0, err
	}
	trainer, err := models.NewTrainer(cost, models.Group{Nodes: net.Learnables(), LearnRate: 1e-3})
	if err != nil {
		return 0, err
	}
	var times []float64
	last := time.Now()
	trainer.Progress = func(int, float64) {
		times = append(times, 1e3*time.Since(last).Seconds())
		last = time.Now()
	}
	_, err = trainer.Run(context.Background(), steps+1, nil)
	if err := errors.Join(err, trainer.Close()); err != nil {
		return 0, err
	}
	times = times[1:] // the first compiles and allocates
	slices.Sort(times)
	return times[len(times)/2], nil
}
