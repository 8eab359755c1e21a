//go:build cuda

package gpu

import (
	"github.com/ditac-go/ditac/cuda"
	"gorgonia.org/tensor"
)

// Points are the rows of logits, of Stride 1, or the pixels of images, Stride of each.
type Points struct{ Count, Classes, Stride int }

func (p Points) args() []cuda.Arg {
	return []cuda.Arg{cuda.Int(p.Count), cuda.Int(p.Classes), cuda.Int(p.Stride)}
}

// launch launches a kernel of the module losses for each point.
func (p Points) launch(s *cuda.Session, name string, dt tensor.Dtype, args ...cuda.Arg) error {
	return launch(s, "losses."+name, dt, p.Count, append(args, p.args()...)...)
}

// CrossEntropy sets dst to the mean cross-entropy of the points.
func CrossEntropy(s *cuda.Session, dt tensor.Dtype, dst, logits, labels tensor.Memory, p Points) error {
	return meanLoss(s, dt, dst, p.Count, func(losses cuda.Arg) error {
		return p.launch(s, "cross_entropy", dt, losses, cuda.Pointer(logits), cuda.Pointer(labels))
	})
}

// CrossEntropyGradient sets dst to the gradient to the logits; g is that to the mean.
func CrossEntropyGradient(s *cuda.Session, dt tensor.Dtype, dst, logits, labels, g tensor.Memory, p Points) error {
	return p.launch(s, "cross_entropy_dx", dt, cuda.Pointer(dst), cuda.Pointer(logits), cuda.Pointer(labels), cuda.Pointer(g))
}

// BinaryCrossEntropy sets dst to the mean binary cross-entropy of n logits.
func BinaryCrossEntropy(s *cuda.Session, dt tensor.Dtype, dst, logits, targets tensor.Memory, n int) error {
	return meanLoss(s, dt, dst, n, func(losses cuda.Arg) error {
		return launch(s, "losses.binary_cross_entropy", dt, n, losses, cuda.Pointer(logits), cuda.Pointer(targets), cuda.Int(n))
	})
}

// BinaryCrossEntropyGradient sets dst to the gradient to the logits; g is that to the mean.
func BinaryCrossEntropyGradient(s *cuda.Session, dt tensor.Dtype, dst, logits, targets, g tensor.Memory, n int) error {
	return launch(s, "losses.binary_cross_entropy_dx", dt, n, cuda.Pointer(dst), cuda.Pointer(logits), cuda.Pointer(targets), cuda.Pointer(g), cuda.Int(n))
}

// meanLoss sets dst to the mean of n losses, which a function makes.
func meanLoss(s *cuda.Session, dt tensor.Dtype, dst tensor.Memory, n int, of func(losses cuda.Arg) error) error {
	losses, err := s.Scratch("losses", 8*n)
	if err == nil {
		err = of(losses)
	}
	if err != nil {
		return err
	}
	return mean(s, dt, dst, tensor.Float64, losses, n)
}

// Dice is the Dice loss of points with a smoothing; see models.Dice.
type Dice struct {
	Points
	Smoothing float64
}

// overlap makes the points' probabilities and the classes' numerators and denominators.
func (d Dice) overlap(s *cuda.Session, dt tensor.Dtype, logits, labels tensor.Memory) (p, overlap cuda.Arg, err error) {
	if p, err = s.Scratch("probabilities", 8*d.Count*d.Classes); err != nil {
		return 0, 0, err
	}
	if overlap, err = s.Scratch("overlap", 16*d.Classes); err != nil {
		return 0, 0, err
	}
	if err = d.launch(s, "softmax", dt, p, cuda.Pointer(logits), cuda.Pointer(labels)); err != nil {
		return 0, 0, err
	}
	return p, overlap, launch(s, "losses.dice_overlap", dt, d.Classes*256, overlap, p, cuda.Pointer(labels), number(d.Smoothing), cuda.Int(d.Count), cuda.Int(d.Classes))
}

// Forward sets dst to the loss.
func (d Dice) Forward(s *cuda.Session, dt tensor.Dtype, dst, logits, labels tensor.Memory) error {
	_, overlap, err := d.overlap(s, dt, logits, labels)
	if err != nil {
		return err
	}
	return launch(s, "losses.dice", dt, 1, cuda.Pointer(dst), overlap, cuda.Int(d.Classes))
}

// Gradient sets dst to the gradient to the logits; g is that to the loss.
func (d Dice) Gradient(s *cuda.Session, dt tensor.Dtype, dst, logits, labels, g tensor.Memory) error {
	p, overlap, err := d.overlap(s, dt, logits, labels)
	if err != nil {
		return err
	}
	return d.launch(s, "dice_dx", dt, cuda.Pointer(dst), p, overlap, cuda.Pointer(labels), cuda.Pointer(g))
}
