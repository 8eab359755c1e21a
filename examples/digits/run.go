package main

import (
	"context"
	"math/rand/v2"

	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
)

type outcome = sweep.Outcome[struct{}]

func (c *config) network(maker models.Maker, seed uint64) models.MLPConfig {
	return models.MLPConfig{Sizes: []int{pixels, c.hidden, classes}, Activation: maker, Seed: seed}
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
	cost, err := crossEntropy(net.Out, target)
	if err != nil {
		return nil, err
	}
	images, test := c.digits.split(r.Seed)
	rng := rand.New(rand.NewPCG(r.Seed, 1))
	batch := make([]int, c.batch)
	result, err := net.Fit(ctx, cost, net.Groups(r.Rate, r.Rate*setting.ThetaRate, models.Cosine), c.Steps, func() {
		for i := range batch {
			batch[i] = images[rng.IntN(len(images))]
		}
		c.digits.pack(batch, net.Inputs(), y)
	}, progress)
	if err != nil || result.Interrupted {
		return nil, err
	}
	right, err := accuracy(net, c.digits, test)
	return &outcome{Run: r, Scores: []float64{100 * right}, Params: net.NumParams(), Seconds: result.Elapsed.Seconds()}, err
}

// crossEntropy returns the mean over the rows of −Σ target·log softmax(logits).
func crossEntropy(logits, target *gorgonia.Node) (*gorgonia.Node, error) {
	logs, err := gorgonia.LogSoftMax(logits)
	if err == nil {
		logs, err = gorgonia.HadamardProd(logs, target)
	}
	if err == nil {
		logs, err = gorgonia.Mean(logs)
	}
	if err == nil { // the mean is over all classes, the sum over those of a row
		logs, err = gorgonia.Mul(logs, gorgonia.NewConstant(float32(-classes)))
	}
	return logs, err
}

// accuracy returns the share of images that the network classifies rightly.
func accuracy(net *mlp.Net, d *digits, images []int) (float64, error) {
	x, y := make([]float32, len(images)*pixels), make([]float32, len(images)*classes)
	d.pack(images, x, y)
	logits, _, err := net.Evaluate(x)
	if err != nil {
		return 0, err
	}
	right := 0
	for i, k := range images {
		row := logits[i*classes : (i+1)*classes]
		best := 0
		for class := range row {
			if row[class] > row[best] {
				best = class
			}
		}
		if best == d.class[k] {
			right++
		}
	}
	return float64(right) / float64(len(images)), nil
}
