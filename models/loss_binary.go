package models

import (
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BinaryCrossEntropy returns the mean over all elements, of logits z and targets t of
// equal shapes, of
//
//	−t·log σ(z) − (1 − t)·log(1 − σ(z)) = max(z, 0) − z·t + log(1 + exp(−|z|))
//
// a scalar node, with σ the logistic function. Targets are probabilities: one outside
// [0, 1] is an error of the run; on a GPU it makes the loss NaN. The right-hand side, which is computed, overflows for no
// logits.
func BinaryCrossEntropy(logits, targets *gorgonia.Node) (*gorgonia.Node, error) {
	err := checkLogits(logits, targets, "targets")
	if err == nil {
		err = sameShapes([]tensor.Shape{logits.Shape(), targets.Shape()})
	}
	if err != nil {
		return nil, fmt.Errorf("models: BinaryCrossEntropy: %w", err)
	}
	return binaryCrossEntropy(logits.Dims()).Apply(logits, targets)
}

func sameShapes(in []tensor.Shape) error {
	if !slices.Equal(in[0], in[1]) {
		return fmt.Errorf("logits of shape %v, targets of shape %v", in[0], in[1])
	}
	return nil
}

func binaryCrossEntropy(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.binaryCrossEntropy", Name: "BinaryCrossEntropy", In: []int{dims, dims}, Out: 0,
		Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), sameShapes(in) },
		Compute: gop.Numbers(binaryOf[float32], binaryOf[float64]),
		Device:  binaryDevice(),
		Grads:   []gop.Gradient{{Op: binaryGradient(dims)}},
	}
}

// binaryGradient is g·(σ(z) − t)/elements.
func binaryGradient(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.binaryCrossEntropyDx", Name: "BinaryCrossEntropy gradient", In: []int{dims, dims, 0}, Out: dims,
		Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return in[0], sameShapes(in) },
		Compute: gop.Numbers(binarySlope[float32], binarySlope[float64]),
		Device:  binarySlopeDevice(),
	}
}

func binaryOf[T values.Float](c gop.Call[T]) error {
	logits, targets := c.In[0], c.In[1]
	if err := checkProbabilities(targets); err != nil {
		return err
	}
	sum := sumOf(parallel.SlicesOf(len(logits), perSlice), func(from, to int) float64 {
		sum := 0.
		for i := from; i < to; i++ {
			z := float64(logits[i])
			sum += math.Max(z, 0) - z*float64(targets[i]) + math.Log1p(math.Exp(-math.Abs(z)))
		}
		return sum
	})
	c.Out[0] = T(sum / float64(len(logits)))
	return nil
}

func binarySlope[T values.Float](c gop.Call[T]) error {
	logits, targets := c.In[0], c.In[1]
	if err := checkProbabilities(targets); err != nil {
		return err
	}
	factor := float64(c.In[2][0]) / float64(len(logits))
	parallel.SlicesOf(len(logits), perSlice).Each(func(_, from, to int) {
		for i := from; i < to; i++ {
			c.Out[i] = T((1/(1+math.Exp(-float64(logits[i]))) - float64(targets[i])) * factor)
		}
	})
	return nil
}

func checkProbabilities[T values.Float](targets []T) error {
	for i, t := range targets {
		if !(t >= 0 && t <= 1) {
			return fmt.Errorf("target %d is %v, want 0 to 1", i, t)
		}
	}
	return nil
}
