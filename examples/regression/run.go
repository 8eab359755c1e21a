package main

import (
	"context"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/metric"
	"gorgonia.org/gorgonia"
)

// fit is what a training gave beside its score.
type fit struct {
	losses []float64
	values []float64 // of the network on the evaluation grid

	// Of a DiTAC activation, else nil: what it learned, and its inputs on the grid.
	learned *curve.Exact
	inputs  *figure.Histogram
}

type (
	outcome = sweep.Outcome[fit]
	results = sweep.Results[fit]
)

// network describes the network of Figure 1.
func (c *config) network(maker models.Maker, seed uint64) models.MLPConfig {
	return models.MLPConfig{Sizes: []int{2, c.hidden, 1}, Activation: maker, Seed: seed}
}

// train makes one run. progress is called after every step. A run that ctx ended has
// no outcome: nil.
func train(ctx context.Context, c *config, r sweep.Run, progress func()) (*outcome, error) {
	setting, err := c.ditac.Setting(r.Activation, r.Seed)
	if err != nil {
		return nil, err
	}
	net, err := mlp.New(c.network(setting.Maker, r.Seed), c.batch)
	if err != nil {
		return nil, err
	}
	target, y := net.Target()
	cost, err := c.cost(net, target)
	if err != nil {
		return nil, err
	}
	points := newSampler(r.Seed)
	result, err := net.Fit(ctx, cost, net.Groups(r.Rate, c.activationRate(setting, r.Rate), c.schedule()), c.Steps, func() {
		points.fill(net.Inputs(), y)
	}, progress)
	if err != nil || result.Interrupted {
		return nil, err
	}
	f := fit{losses: result.Losses}
	r2, err := f.evaluate(net)
	return &outcome{Run: r, Scores: []float64{100 * r2}, Params: net.NumParams(), Seconds: result.Elapsed.Seconds(), More: f}, err
}

// cost returns the mean squared error of the network, plus the penalty of its
// DiTAC activations unless λ is 0.
func (c *config) cost(net *mlp.Net, target *gorgonia.Node) (*gorgonia.Node, error) {
	cost, err := models.MSE(net.Out, target)
	if err != nil || c.ditac.Lambda == 0 || len(ditacop.Activations(net.Graph)) == 0 {
		return cost, err
	}
	penalty, err := ditacop.Penalty(net.Graph)
	if err != nil {
		return nil, err
	}
	return gorgonia.Add(cost, penalty)
}

// evaluate returns R² of a trained network on the grid.
func (f *fit) evaluate(net *mlp.Net) (r2 float64, err error) {
	points, want := evaluationGrid()
	values, inputs, err := net.Evaluate(points)
	if err != nil {
		return 0, err
	}
	for _, y := range values {
		f.values = append(f.values, float64(y))
	}
	if a, ok := net.Activations()[0].(*ditacop.Activation); ok {
		f.inputs = figure.NewHistogram(inputs, 60)
		if f.learned, err = a.Exact(0); err != nil {
			return 0, err
		}
	}
	return metric.R2(f.values, want)
}
