package nb

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/metric"
	"github.com/ditac-go/ditac/models/train"
)

// batch is the number of examples that networks are evaluated on at a time.
const batch = 256

// Classes returns the class that a network says of each example of a set. The builder is the
// one that made the network.
func Classes(build train.Builder, from models.Network, s *data.Set) ([]float32, error) {
	p, err := train.NewPredictor(build, s.XShape, min(batch, s.Len()))
	if err != nil {
		return nil, err
	}
	defer p.Close()
	logits, err := p.Predict(from, s.X)
	if err != nil {
		return nil, err
	}
	return metric.Argmax(logits, len(logits)/s.Len(), 1)
}

// FlipAndShift returns an augmentation for data.Batches: it mirrors half of the pictures, and
// moves each by up to so many pixels; what comes in has the number fill.
func FlipAndShift(pixels int, fill float32) func(x []float32, shape []int, rng *rand.Rand) {
	return func(x []float32, shape []int, rng *rand.Rand) {
		flip := rng.IntN(2) == 1
		dx, dy := rng.IntN(2*pixels+1)-pixels, rng.IntN(2*pixels+1)-pixels
		h, w := shape[len(shape)-2], shape[len(shape)-1]
		from := make([]float32, h*w)
		for c := 0; c < len(x); c += h * w {
			copy(from, x[c:c+h*w])
			for i := range h {
				for j := range w {
					y, z := i-dy, j-dx
					if flip {
						z = w - 1 - z
					}
					v := fill
					if y >= 0 && y < h && z >= 0 && z < w {
						v = from[y*w+z]
					}
					x[c+i*w+j] = v
				}
			}
		}
	}
}

// Softmax returns the probabilities that logits stand for.
func Softmax(logits []float32) []float64 {
	out := make([]float64, len(logits))
	most := slices.Max(logits)
	sum := 0.0
	for i, l := range logits {
		out[i] = math.Exp(float64(l - most))
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
