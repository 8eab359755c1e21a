package main

import (
	"context"
	"fmt"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// outcome is what one training run gave.
type outcome struct {
	seed    uint64
	r2      float64
	params  int
	seconds float64 // of the training alone
	losses  []float64
	fit     []float64 // the network on the evaluation grid

	// Of a DiTAC activation, else nil: what it learned, and its inputs on the grid.
	learned *curve.Exact
	inputs  *figure.Histogram
}

// train makes one run of the network with the named activation. progress is
// called after every step. A run that ctx ended has no outcome: nil.
func train(ctx context.Context, c *config, activation string, seed uint64, progress func()) (*outcome, error) {
	maker, err := c.maker(activation, seed)
	if err != nil {
		return nil, err
	}
	x := tensor.New(tensor.WithShape(c.batch, 2), tensor.Of(tensor.Float32))
	y := tensor.New(tensor.WithShape(c.batch, 1), tensor.Of(tensor.Float32))
	g := gorgonia.NewGraph()
	net, err := models.NewMLP(g, c.network(maker, seed))
	if err != nil {
		return nil, err
	}
	cost, err := c.cost(g, net, x, y)
	if err != nil {
		return nil, err
	}
	trainer, err := models.NewTrainer(cost,
		models.Group{Name: "weights", Nodes: net.Weights(), LearnRate: c.lr, Schedule: c.schedule()},
		models.Group{Name: "activation", Nodes: net.ActivationLearnables(), LearnRate: c.activationRate(activation), Schedule: c.schedule()})
	if err != nil {
		return nil, err
	}
	defer trainer.Close()
	trainer.Progress = func(int, float64) { progress() }
	points := newSampler(seed)
	result, err := trainer.Run(ctx, c.steps, func(int) error {
		points.fill(x.Data().([]float32), y.Data().([]float32))
		return nil
	})
	if err != nil || result.Interrupted {
		return nil, err
	}
	o := &outcome{seed: seed, params: net.NumParams(), seconds: result.Elapsed.Seconds(), losses: result.Losses}
	return o, o.evaluate(c, maker, net)
}

// network describes the network of Figure 1.
func (c *config) network(maker models.Maker, seed uint64) models.MLPConfig {
	return models.MLPConfig{Sizes: []int{2, c.hidden, 1}, Activation: maker, Dtype: tensor.Float32, Seed: seed}
}

// cost returns the mean squared error of the network, plus the penalty of its
// DiTAC activations unless λ is 0.
func (c *config) cost(g *gorgonia.ExprGraph, net *models.MLP, x, y *tensor.Dense) (*gorgonia.Node, error) {
	out, err := net.Forward(gorgonia.NodeFromAny(g, x, gorgonia.WithName("x")))
	if err != nil {
		return nil, err
	}
	cost, err := models.MSE(out, gorgonia.NodeFromAny(g, y, gorgonia.WithName("target")))
	if err != nil || c.ditac.Lambda == 0 || len(ditacop.Activations(g)) == 0 {
		return cost, err
	}
	penalty, err := ditacop.Penalty(g)
	if err != nil {
		return nil, err
	}
	return gorgonia.Add(cost, penalty)
}

// evaluate scores a trained network on the grid, in a graph of the grid's size.
func (o *outcome) evaluate(c *config, maker models.Maker, trained *models.MLP) error {
	points, want := evaluationGrid()
	g := gorgonia.NewGraph()
	net, err := models.NewMLP(g, c.network(maker, o.seed))
	if err != nil {
		return err
	}
	if err := models.CopyValues(net.Learnables(), trained.Learnables()); err != nil {
		return err
	}
	x := tensor.New(tensor.WithShape(len(want), 2), tensor.WithBacking(points))
	out, err := net.Forward(gorgonia.NodeFromAny(g, x, gorgonia.WithName("x")))
	if err != nil {
		return err
	}
	var fit, inputs gorgonia.Value
	gorgonia.Read(out, &fit)
	gorgonia.Read(net.PreActivations()[0], &inputs)
	vm, err := cuda.NewTapeMachine(g)
	if err != nil {
		return fmt.Errorf("evaluation: %w", err)
	}
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return fmt.Errorf("evaluation: %w", err)
	}
	for _, y := range fit.Data().([]float32) {
		o.fit = append(o.fit, float64(y))
	}
	if o.r2, err = models.R2(o.fit, want); err != nil {
		return err
	}
	a, ok := net.Activations()[0].(*ditacop.Activation)
	if !ok {
		return nil
	}
	o.inputs = figure.NewHistogram(inputs.Data().([]float32), 60)
	o.learned, err = a.Exact(0)
	return err
}
