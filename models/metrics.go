package models

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// MSE returns the mean squared error of the prediction, a scalar node. The nodes
// must have equal shapes.
func MSE(pred, target *gorgonia.Node) (*gorgonia.Node, error) {
	if pred == nil || target == nil {
		return nil, fmt.Errorf("models: MSE: nil node")
	}
	if !slices.Equal(pred.Shape(), target.Shape()) { // Shape.Eq takes (n) for (n, 1)
		return nil, fmt.Errorf("models: MSE: prediction of shape %v, target of shape %v", pred.Shape(), target.Shape())
	}
	d, err := gorgonia.Sub(pred, target)
	if err == nil {
		d, err = gorgonia.Square(d)
	}
	if err == nil {
		d, err = gorgonia.Mean(d)
	}
	if err != nil {
		return nil, fmt.Errorf("models: MSE: %w", err)
	}
	return d, nil
}

// R2 returns the coefficient of determination of a prediction,
//
//	1 − Σ (target − pred)² / Σ (target − mean of target)²
//
// which is 1 for a perfect prediction, 0 for one as good as the mean and negative
// for a worse one. It reports slices of different lengths and a constant target,
// for which the score is undefined.
func R2(pred, target []float64) (float64, error) {
	if len(pred) != len(target) || len(target) == 0 {
		return 0, fmt.Errorf("models: R2: %d predictions for %d targets", len(pred), len(target))
	}
	lo, hi, mean := target[0], target[0], 0.
	for _, t := range target {
		lo, hi = min(lo, t), max(hi, t)
		mean += t / float64(len(target))
	}
	if lo == hi {
		return 0, fmt.Errorf("models: R2: all %d targets are %v", len(target), lo)
	}
	var residual, total float64
	for i, t := range target {
		residual += (t - pred[i]) * (t - pred[i])
		total += (t - mean) * (t - mean)
	}
	return 1 - residual/total, nil
}
