package models

import (
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// perSlice is the least number of elements, or of points with their classes, that is
// worth another goroutine in a loss.
const perSlice = 1 << 12

// checkLogits reports logits, or what has the name and is held against them, that are no
// tensors of floats of one dtype.
func checkLogits(logits, other *gorgonia.Node, name string) error {
	if err := checkNode(logits); err != nil {
		return fmt.Errorf("logits %w", err)
	}
	if err := checkNode(other); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	if logits.Dtype() != other.Dtype() {
		return fmt.Errorf("logits are %v, %s %v, want one dtype", logits.Dtype(), name, other.Dtype())
	}
	return nil
}

// checkClasses reports logits and labels that are not of shapes (batch, classes) and
// (batch), or (batch, classes, height, width) and (batch, height, width).
func checkClasses(logits, labels *gorgonia.Node) error {
	if err := checkLogits(logits, labels, "labels"); err != nil {
		return err
	}
	return checkClassShapes(logits.Shape(), labels.Shape())
}

func checkClassShapes(logits, labels tensor.Shape) error {
	if len(logits) != 2 && len(logits) != 4 {
		return fmt.Errorf("logits of shape %v, want (batch, classes) or (batch, classes, height, width)", logits)
	}
	want := append(tensor.Shape{logits[0]}, logits[2:]...)
	if !slices.Equal(want, labels) {
		return fmt.Errorf("labels of shape %v for logits of shape %v, want %v", labels, logits, want)
	}
	return nil
}

// points walks over the points, images' pixels or examples, of logits.
type points struct {
	count   int // of all points
	classes int
	stride  int // between the logits of a point: the number of pixels of an image
}

func pointsOf(logits tensor.Shape) points {
	p := points{count: logits[0], classes: logits[1], stride: 1}
	for _, n := range logits[2:] {
		p.count *= n
		p.stride *= n
	}
	return p
}

// first returns where the logits of the point lie: there and at multiples of stride
// behind.
func (p points) first(point int) int {
	return point/p.stride*p.classes*p.stride + point%p.stride
}

// slices cuts the points for several goroutines.
func (p points) slices() parallel.Slices {
	return parallel.SlicesOf(p.count, max(1, perSlice/p.classes))
}

// labelsOf returns the labels as class indices, or reports one that is none.
func labelsOf[T values.Float](labels []T, classes int) ([]int, error) {
	out := make([]int, len(labels))
	for i, l := range labels {
		k := int(l)
		if T(k) != l || k < 0 || k >= classes {
			return nil, fmt.Errorf("label %d is %v, want a class from 0 to %d", i, l, classes-1)
		}
		out[i] = k
	}
	return out, nil
}

// softmax sets p to the softmax of the logits of a point, and returns the logarithm of
// the sum by which it divides, with the largest logit.
func softmax[T values.Float](p []float64, logits []T, at, stride int) (largest, logSum float64) {
	largest = math.Inf(-1)
	for k := range p {
		p[k] = float64(logits[at+k*stride])
		if !(p[k] <= largest) { // NaN too
			largest = p[k]
		}
	}
	sum := 0.
	for k, z := range p {
		p[k] = math.Exp(z - largest)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return largest, math.Log(sum)
}
