package metric

import "fmt"

// R2 returns the coefficient of determination of a prediction,
//
//	1 − Σ (target − pred)² / Σ (target − mean of target)²
//
// which is 1 for a perfect prediction, 0 for one as good as the mean and negative
// for a worse one. It reports slices of different lengths, the first element that
// is NaN or infinite, a constant target, for which the score is undefined, and sums
// that leave the range of float64.
func R2(pred, target []float64) (float64, error) {
	if len(pred) != len(target) || len(target) == 0 {
		return 0, fmt.Errorf("metric: R2: %d predictions for %d targets", len(pred), len(target))
	}
	for i, t := range target {
		if !finite(t) {
			return 0, fmt.Errorf("metric: R2: target[%d] is %v", i, t)
		}
		if !finite(pred[i]) {
			return 0, fmt.Errorf("metric: R2: pred[%d] is %v", i, pred[i])
		}
	}
	lo, hi, mean := target[0], target[0], 0.
	for _, t := range target {
		lo, hi = min(lo, t), max(hi, t)
		mean += t / float64(len(target))
	}
	if lo == hi {
		return 0, fmt.Errorf("metric: R2: all %d targets are %v", len(target), lo)
	}
	var residual, total float64
	for i, t := range target {
		residual += (t - pred[i]) * (t - pred[i])
		total += (t - mean) * (t - mean)
	}
	score := 1 - residual/total
	if !finite(score) {
		return 0, fmt.Errorf("metric: R2: sums of squares %v and %v leave the range of float64: scale pred and target", residual, total)
	}
	return score, nil
}
