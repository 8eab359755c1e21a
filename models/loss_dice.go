package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// diceSmoothing is s in Dice, which makes a class that is nowhere count as found.
const diceSmoothing = 1

// Dice returns the soft Dice loss (Milletari et al., "V-Net", 2016, with sums of
// probabilities instead of squares in the denominator), a scalar node:
//
//	1 − mean over classes c of (2·Σ p·t + 1)/(Σ p + Σ t + 1)
//
// where p is softmax(logits)[c], t is 1 where the label is c and 0 elsewhere, and the sums
// are over all pixels of all images of the batch. It weighs all classes alike, however few
// pixels they have. Shapes and labels are those of [CrossEntropy].
func Dice(logits, labels *gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkClasses(logits, labels); err != nil {
		return nil, fmt.Errorf("models: Dice: %w", err)
	}
	return dice(logits.Dims()).Apply(logits, labels)
}

func dice(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.dice", Name: "Dice", In: []int{dims, dims - 1}, Out: 0,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return tensor.ScalarShape(), checkClassShapes(in[0], in[1])
		},
		Compute: gop.Numbers(diceOf[float32], diceOf[float64]),
		Device:  diceDevice(),
		Grads:   []gop.Gradient{{Op: diceGradient(dims)}},
	}
}

func diceGradient(dims int) *gop.Op {
	return &gop.Op{
		Kind: "models.diceDx", Name: "Dice gradient", In: []int{dims, dims - 1, 0}, Out: dims,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			return in[0], checkClassShapes(in[0], in[1])
		},
		Compute: gop.Numbers(diceSlope[float32], diceSlope[float64]),
		Device:  diceSlopeDevice(),
	}
}

// overlap holds, for each class, the numerator and the denominator of its Dice score.
type overlap struct{ num, den []float64 }

func overlapOf[T values.Float](at points, logits []T, labels []int) overlap {
	s := at.slices()
	parts := make([]overlap, s.Count())
	s.Each(func(slice, from, to int) {
		o := overlap{make([]float64, at.classes), make([]float64, at.classes)}
		p := make([]float64, at.classes)
		for i := from; i < to; i++ {
			softmax(p, logits, at.first(i), at.stride)
			label := labels[i]
			o.num[label] += 2 * p[label]
			o.den[label]++
			for k, e := range p {
				o.den[k] += e
			}
		}
		parts[slice] = o
	})
	sum := overlap{make([]float64, at.classes), make([]float64, at.classes)}
	for k := range at.classes {
		for _, o := range parts { // in order, for the same bits on any number of processors
			sum.num[k] += o.num[k]
			sum.den[k] += o.den[k]
		}
		sum.num[k] += diceSmoothing
		sum.den[k] += diceSmoothing
	}
	return sum
}

func diceOf[T values.Float](c gop.Call[T]) error {
	at := pointsOf(c.Values[0].Shape())
	labels, err := labelsOf(c.In[1], at.classes)
	if err != nil {
		return err
	}
	o, score := overlapOf(at, c.In[0], labels), 0.
	for k := range o.num {
		score += o.num[k] / o.den[k]
	}
	c.Out[0] = T(1 - score/float64(at.classes))
	return nil
}

// diceSlope: ∂loss/∂p_c = −(2·t − num_c/den_c)/(den_c·classes), and through the softmax
// ∂loss/∂z_c = p_c·(∂loss/∂p_c − Σ p·∂loss/∂p).
func diceSlope[T values.Float](c gop.Call[T]) error {
	at, logits := pointsOf(c.Values[0].Shape()), c.In[0]
	labels, err := labelsOf(c.In[1], at.classes)
	if err != nil {
		return err
	}
	o := overlapOf(at, logits, labels)
	factor := float64(c.In[2][0]) / float64(at.classes)
	other := make([]float64, at.classes) // ∂loss/∂p where the label is another class
	for k := range other {
		other[k] = factor * o.num[k] / (o.den[k] * o.den[k])
	}
	at.slices().Each(func(_, from, to int) {
		p := make([]float64, at.classes)
		for i := from; i < to; i++ {
			at0 := at.first(i)
			softmax(p, logits, at0, at.stride)
			label := labels[i]
			own := -2 * factor / o.den[label]
			mean := p[label] * own
			for k, e := range p {
				mean += e * other[k]
			}
			for k, e := range p {
				slope := other[k] - mean
				if k == label {
					slope += own
				}
				c.Out[at0+k*at.stride] = T(e * slope)
			}
		}
	})
	return nil
}
