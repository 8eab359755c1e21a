package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// CrossEntropy returns the mean over the batch, and over the pixels of images, of
//
//	−log softmax(logits)[label]
//
// a scalar node. Logits have the shape (batch, classes) or (batch, classes, height,
// width), labels (batch) or (batch, height, width); labels are class indices, from 0, in
// the logits' dtype, and another number is an error of the run; on a GPU, which nobody waits
// for, it makes the loss NaN. It is one operation,
// computed in float64 from the largest logit down, so that no logits overflow; in its
// place, Gorgonia's SoftMax and LogSoftMax of one node are merged and give wrong losses.
func CrossEntropy(logits, labels *gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkClasses(logits, labels); err != nil {
		return nil, fmt.Errorf("models: CrossEntropy: %w", err)
	}
	return crossEntropy(logits.Dims()).Apply(logits, labels)
}

func crossEntropy(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.crossEntropy", Name: "CrossEntropy", In: []int{dims, dims - 1}, Out: 0,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return tensor.ScalarShape(), checkClassShapes(in[0], in[1])
		},
		Compute: gop.Numbers(crossEntropyOf[float32], crossEntropyOf[float64]),
		Device:  crossEntropyDevice(),
		Grads:   []gop.Gradient{{Op: crossEntropyGradient(dims)}},
	}
}

// crossEntropyGradient is g·(softmax(logits) − [class = label])/points.
func crossEntropyGradient(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.crossEntropyDx", Name: "CrossEntropy gradient", In: []int{dims, dims - 1, 0}, Out: dims,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return in[0], checkClassShapes(in[0], in[1])
		},
		Compute: gop.Numbers(crossEntropySlope[float32], crossEntropySlope[float64]),
		Device:  crossEntropySlopeDevice(),
	}
}

func crossEntropyOf[T values.Float](c gop.Call[T]) error {
	at, logits := pointsOf(c.Values[0].Shape()), c.In[0]
	labels, err := labelsOf(c.In[1], at.classes)
	if err != nil {
		return err
	}
	sum := sumOf(at.slices(), func(from, to int) float64 {
		p, sum := make([]float64, at.classes), 0.
		for i := from; i < to; i++ {
			k := at.first(i)
			largest, logSum := softmax(p, logits, k, at.stride)
			sum += logSum + largest - float64(logits[k+labels[i]*at.stride])
		}
		return sum
	})
	c.Out[0] = T(sum / float64(at.count))
	return nil
}

func crossEntropySlope[T values.Float](c gop.Call[T]) error {
	at, logits := pointsOf(c.Values[0].Shape()), c.In[0]
	labels, err := labelsOf(c.In[1], at.classes)
	if err != nil {
		return err
	}
	factor := float64(c.In[2][0]) / float64(at.count)
	at.slices().Each(func(_, from, to int) {
		p := make([]float64, at.classes)
		for i := from; i < to; i++ {
			k := at.first(i)
			softmax(p, logits, k, at.stride)
			p[labels[i]]--
			for j, e := range p {
				c.Out[k+j*at.stride] = T(e * factor)
			}
		}
	})
	return nil
}
