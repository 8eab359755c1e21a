package train

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/metric"
)

// Metric is a number that says how good outputs are.
type Metric struct {
	// Name is that in logs.
	Name string
	// Higher says that a higher number is better.
	Higher bool
	// Of returns the number for the outputs and targets of all examples of a set, one
	// example's after another's.
	Of func(out, target []float32, s *data.Set) (float64, error)
}

// better reports whether a is better than b. NaN is worse than anything.
func better(a, b float64, higher bool) bool {
	if math.IsNaN(b) {
		return !math.IsNaN(a)
	}
	if higher {
		return a > b
	}
	return a < b
}

// Accuracy is the fraction of labels, of examples or of pixels, that are those of the
// largest logits: metric.Accuracy of a set with Classes.
func Accuracy() Metric {
	return Metric{Name: "accuracy", Higher: true, Of: func(out, target []float32, s *data.Set) (float64, error) {
		pred, err := classesOf(out, s)
		if err != nil {
			return 0, err
		}
		return metric.Agreement(pred, target, len(s.Classes))
	}}
}

// MeanIoU is metric.MeanIoU of a set with Classes, whose outputs are logits.
func MeanIoU() Metric {
	return Metric{Name: "mean_iou", Higher: true, Of: func(out, target []float32, s *data.Set) (float64, error) {
		pred, err := classesOf(out, s)
		if err != nil {
			return 0, err
		}
		return metric.MeanIoU(pred, target, len(s.Classes))
	}}
}

// classesOf returns the classes of the largest logits.
func classesOf(out []float32, s *data.Set) ([]float32, error) {
	if s.Classes == nil {
		return nil, fmt.Errorf("the set has no Classes")
	}
	return metric.Argmax(out, len(s.Classes), data.Size(s.YShape))
}

// R2 is the mean of metric.R2 over the numbers of an example's target.
func R2() Metric {
	return Metric{Name: "r2", Higher: true, Of: func(out, target []float32, s *data.Set) (float64, error) {
		n, sum := data.Size(s.YShape), 0.
		if len(out) != len(target) {
			return 0, fmt.Errorf("%d outputs for %d targets", len(out), len(target))
		}
		for k := range n {
			var p, y []float64
			for i := k; i < len(target); i += n {
				p, y = append(p, float64(out[i])), append(y, float64(target[i]))
			}
			r, err := metric.R2(p, y)
			if err != nil {
				return 0, fmt.Errorf("target %d: %w", k, err)
			}
			sum += r / float64(n)
		}
		return sum, nil
	}}
}

// PSNR is metric.PSNR of outputs and targets up to peak.
func PSNR(peak float64) Metric {
	return Metric{Name: "psnr", Higher: true, Of: func(out, target []float32, _ *data.Set) (float64, error) {
		return metric.PSNR(out, target, peak)
	}}
}

// RMSE is the root of the mean squared error.
func RMSE() Metric {
	return Metric{Name: "rmse", Of: func(out, target []float32, _ *data.Set) (float64, error) {
		if len(out) != len(target) || len(out) == 0 {
			return 0, fmt.Errorf("%d outputs for %d targets", len(out), len(target))
		}
		sum := 0.
		for i, y := range target {
			d := float64(out[i]) - float64(y)
			sum += d * d
		}
		return math.Sqrt(sum / float64(len(target))), nil
	}}
}
