//go:build cuda

package gpu

import (
	"github.com/ditac-go/ditac/cuda"
	"gorgonia.org/tensor"
)

// Norm is a batch normalisation; see models.BatchNorm. Groups are the channels of X; Mean and
// Variance are the running statistics, which count if it is not in training.
type Norm struct {
	Groups
	Training                 bool
	Eps, Momentum            float64
	X, Scale, Mean, Variance tensor.Memory
}

// Forward sets y to the normalised x and, in training, nextMean and nextVariance to what
// becomes of the running statistics.
func (n Norm) Forward(s *cuda.Session, dt tensor.Dtype, y, shift, nextMean, nextVariance tensor.Memory) error {
	factors, err := s.Scratch("norm factors", 2*n.Count*int(dt.Size()))
	if err != nil {
		return err
	}
	var nexts [2]cuda.Arg
	if n.Training {
		nexts = [2]cuda.Arg{cuda.Pointer(nextMean), cuda.Pointer(nextVariance)}
	}
	args := append([]cuda.Arg{factors}, n.args()...)
	args = append(args, cuda.Pointer(shift), nexts[0], nexts[1], number(n.Momentum))
	if err := n.launch(s, "norm.factors", dt, args...); err != nil {
		return err
	}
	return n.each(s, "norm.apply", dt, cuda.Pointer(y), cuda.Pointer(n.X), factors)
}

// GradientX sets dx to the gradient to x; g is that to the result.
func (n Norm) GradientX(s *cuda.Session, dt tensor.Dtype, dx, g tensor.Memory) error {
	factors, err := s.Scratch("norm factors", 3*n.Count*int(dt.Size()))
	if err != nil {
		return err
	}
	if err := n.gradients(s, dt, factors, 0, g); err != nil {
		return err
	}
	return n.each(s, "norm.apply_dx", dt, cuda.Pointer(dx), cuda.Pointer(n.X), cuda.Pointer(g), factors)
}

// GradientScale sets dscale to the gradient to the scale; g is that to the result.
func (n Norm) GradientScale(s *cuda.Session, dt tensor.Dtype, dscale, g tensor.Memory) error {
	return n.gradients(s, dt, 0, cuda.Pointer(dscale), g)
}

// gradients makes the factors of the gradient to x, or the gradient to the scale; the other is
// 0.
func (n Norm) gradients(s *cuda.Session, dt tensor.Dtype, factors, dscale cuda.Arg, g tensor.Memory) error {
	args := append([]cuda.Arg{factors, dscale, cuda.Pointer(g)}, n.args()...)
	return n.launch(s, "norm.gradients", dt, args...)
}

// args are what all kernels need for the statistics of the channels.
func (n Norm) args() []cuda.Arg {
	training := 0
	if n.Training {
		training = 1
	}
	return []cuda.Arg{cuda.Pointer(n.X), cuda.Pointer(n.Scale), cuda.Pointer(n.Mean), cuda.Pointer(n.Variance), cuda.Int(training), number(n.Eps)}
}

// each launches a kernel for all numbers of x.
func (n Norm) each(s *cuda.Session, kernel string, dt tensor.Dtype, args ...cuda.Arg) error {
	return launch(s, kernel, dt, n.Outer*n.Count*n.Length, append(args, cuda.Int(n.Outer), cuda.Int(n.Count), cuda.Int(n.Length))...)
}
