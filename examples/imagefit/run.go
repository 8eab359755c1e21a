package main

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/ditac-go/ditac/examples/internal/mlp"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models"
)

// colors are those of all pixels, as a network has them.
type colors []float32

type (
	outcome = sweep.Outcome[colors]
	results = sweep.Results[colors]
)

func (c *config) network(maker models.Maker, seed uint64) models.MLPConfig {
	return models.MLPConfig{Sizes: []int{2, c.hidden, c.hidden, 3}, Activation: maker, Seed: seed}
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
	cost, err := models.MSE(net.Out, target)
	if err != nil {
		return nil, err
	}
	kept, held := c.photo.split(c.hold, r.Seed)
	pixels := sampler{photo: c.photo, from: kept, rng: rand.New(rand.NewPCG(r.Seed, 1))}
	result, err := net.Fit(ctx, cost, net.Groups(r.Rate, r.Rate*setting.ThetaRate, models.Cosine), c.Steps, func() {
		pixels.fill(net.Inputs(), y)
	}, progress)
	if err != nil || result.Interrupted {
		return nil, err
	}
	got, _, err := net.Evaluate(c.photo.places)
	if err != nil {
		return nil, err
	}
	scores := []float64{psnr(got, c.photo.colors, kept), psnr(got, c.photo.colors, held)}
	return &outcome{Run: r, Scores: scores, Params: net.NumParams(), Seconds: result.Elapsed.Seconds(), More: got}, nil
}

// psnr returns the peak signal-to-noise ratio −10·log₁₀(mean squared error) in dB of
// some pixels' colours, which lie between 0 and 1; NaN without pixels.
func psnr(got, want []float32, pixels []int) float64 {
	sum := 0.0
	for _, k := range pixels {
		for j := 3 * k; j < 3*k+3; j++ {
			d := float64(got[j]) - float64(want[j])
			sum += d * d
		}
	}
	return -10 * math.Log10(sum/float64(3*len(pixels)))
}
