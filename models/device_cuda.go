//go:build cuda

package models

import (
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/gpu"
	"gorgonia.org/gorgonia"
)

// The forms of operations for the GPU, with kernels of internal/ptx/layers.cu and products
// of cuBLAS. None waits for the GPU, unless it leaves its work to the CPU.

// onGPU is a form that the GPU has for all inputs.
func onGPU(f func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error) gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		return true, f(s, out, in)
	}
}

func linearDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		x, w := in[0].Shape(), in[1].Shape()
		return gpu.Linear(s, in[0].Dtype(), out, in[0], in[1], in[2], x[0], w[0], w[1])
	})
}

func linearDxDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		w, g := in[0].Shape(), in[1].Shape()
		return s.MatMul(in[0].Dtype(), false, true, g[0], w[0], w[1], in[1], in[0], out)
	})
}

func linearDwDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		x, g := in[0].Shape(), in[1].Shape()
		return s.MatMul(in[0].Dtype(), true, false, x[1], g[1], x[0], in[0], in[1], out)
	})
}

func biasGradientDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		g := in[1].Shape()
		return gpu.BiasGradient(s, in[1].Dtype(), out, in[1], g[0], g[1])
	})
}

// sizes is the convolution as the GPU takes it.
func (o ConvOptions) sizes(x, filter gorgonia.Value) (gpu.Convolution, error) {
	s, err := o.size(x.Shape(), filter.Shape())
	return gpu.Convolution{
		Batch: s.batch, Channels: s.channels, Height: s.height, Width: s.width,
		Filters: s.filters, Rows: s.rows, Cols: s.cols, OutHeight: s.outHeight, OutWidth: s.outWidth,
		Stride: s.Stride, Pad: s.Pad,
	}, err
}

// onGPU is a form that the GPU has for convolutions whose places it can count.
func (o ConvOptions) onGPU(f func(c gpu.Convolution, s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error) gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		c, err := o.sizes(in[0], in[1])
		if err != nil || !c.Fits(in[0].Dtype()) {
			return false, err
		}
		return true, f(c, s, out, in)
	}
}

func (o ConvOptions) device() gop.Device {
	return o.onGPU(func(c gpu.Convolution, s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		if len(in) == 2 {
			return c.Forward(s, in[0].Dtype(), out, in[0], in[1], nil)
		}
		return c.Forward(s, in[0].Dtype(), out, in[0], in[1], in[2])
	})
}

func (o ConvOptions) dxDevice() gop.Device {
	return o.onGPU(func(c gpu.Convolution, s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return c.GradientX(s, in[0].Dtype(), out, in[1], in[2])
	})
}

func (o ConvOptions) dfilterDevice() gop.Device {
	return o.onGPU(func(c gpu.Convolution, s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return c.GradientFilter(s, in[0].Dtype(), out, in[0], in[2])
	})
}

func channelSumsDevice() gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		g := gpu.GroupsOf(in[1].Shape())
		if !g.Fits() {
			return false, nil
		}
		return true, g.Sums(s, in[1].Dtype(), out, in[1], 1)
	}
}

func planeMeansDevice() gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		x := in[0].Shape()
		g := gpu.Groups{Outer: 1, Count: x[0] * x[1], Length: x[2] * x[3]}
		if !g.Fits() {
			return false, nil
		}
		return true, g.Sums(s, in[0].Dtype(), out, in[0], g.Length)
	}
}

func planeMeansDxDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		x := in[0].Shape()
		return gpu.Spread(s, in[1].Dtype(), out, in[1], x[0]*x[1], x[2]*x[3])
	})
}

// function is the function of an elementwise operation as the GPU takes it.
func (o elementwise) function(in []gorgonia.Value) gpu.Function {
	f := gpu.Function{Name: o.fn.name, Param: o.param}
	if o.trained {
		f.Trained = in[1]
	}
	return f
}

func (o elementwise) device() gop.Device {
	if !gpu.HasFunction(o.fn.name) {
		return nil
	}
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return o.function(in).Apply(s, in[0].Dtype(), out, in[0], in[0].Shape().TotalSize())
	})
}

func (o elementwise) slopeDevice() gop.Device {
	if !gpu.HasFunction(o.fn.name) {
		return nil
	}
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return o.function(in).Gradient(s, in[0].Dtype(), out, in[0], in[len(in)-1], in[0].Shape().TotalSize())
	})
}

// paramDevice is the gradient to the parameter, which functions have that are trained.
func (o elementwise) paramDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return o.function(in).GradientParameter(s, in[0].Dtype(), out, in[0], in[2], in[0].Shape().TotalSize())
	})
}

func crossEntropyDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.CrossEntropy(s, in[0].Dtype(), out, in[0], in[1], gpuPoints(in[0]))
	})
}

func crossEntropySlopeDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.CrossEntropyGradient(s, in[0].Dtype(), out, in[0], in[1], in[2], gpuPoints(in[0]))
	})
}

func gpuPoints(logits gorgonia.Value) gpu.Points {
	p := pointsOf(logits.Shape())
	return gpu.Points{Count: p.count, Classes: p.classes, Stride: p.stride}
}

func binaryDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.BinaryCrossEntropy(s, in[0].Dtype(), out, in[0], in[1], in[0].Shape().TotalSize())
	})
}

func binarySlopeDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.BinaryCrossEntropyGradient(s, in[0].Dtype(), out, in[0], in[1], in[2], in[0].Shape().TotalSize())
	})
}

func gpuDice(logits gorgonia.Value) gpu.Dice {
	return gpu.Dice{Points: gpuPoints(logits), Smoothing: diceSmoothing}
}

func diceDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpuDice(in[0]).Forward(s, in[0].Dtype(), out, in[0], in[1])
	})
}

func diceSlopeDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpuDice(in[0]).Gradient(s, in[0].Dtype(), out, in[0], in[1], in[2])
	})
}

func meanDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.Mean(s, in[0].Dtype(), out, in[0], in[0].Shape().TotalSize())
	})
}

func meanDxDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.Spread(s, in[0].Dtype(), out, in[1], 1, in[0].Shape().TotalSize())
	})
}

func (u upsampling) device() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		x := in[0].Shape()
		return gpu.Upsample(s, in[0].Dtype(), out, in[0], x[0]*x[1]*x[2], x[3], int(u))
	})
}

func (u upsampling) dxDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		g := in[0].Shape()
		return gpu.UpsampleGradient(s, in[0].Dtype(), out, in[0], g[0]*g[1]*g[2]/int(u), g[3]/int(u), int(u))
	})
}

// perImage is how many numbers of each image x has.
func perImage(x gorgonia.Value) int { return x.Shape()[1:].TotalSize() }

func concatDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.Join(s, in[0].Dtype(), out, in[0], in[1], in[0].Shape()[0], perImage(in[0]), perImage(in[1]))
	})
}

func concatDxDevice(part int) gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		n, whole, from := perImage(in[part]), perImage(in[2]), 0
		if part == 1 {
			from = whole - n
		}
		return gpu.Take(s, in[2].Dtype(), out, in[2], in[2].Shape()[0], n, whole, from)
	})
}

// norm is the normalisation as the GPU takes it: in has x, scale, mean and variance at the
// given places.
func (n normalisation) norm(in []gorgonia.Value, scale, mean, variance int) gpu.Norm {
	return gpu.Norm{
		Groups: gpu.GroupsOf(in[0].Shape()), Training: n.training, Eps: normEps, Momentum: normMomentum,
		X: in[0], Scale: in[scale], Mean: in[mean], Variance: in[variance],
	}
}

// onGPU is a form that the GPU has for channels whose numbers it can count.
func (n normalisation) onGPU(f func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error) gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		if !gpu.GroupsOf(in[0].Shape()).Fits() {
			return false, nil
		}
		return true, f(s, out, in)
	}
}

func (n normalisation) device() gop.Device {
	return n.onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		if !n.training {
			return n.norm(in, 1, 3, 4).Forward(s, in[0].Dtype(), out, in[2], nil, nil)
		}
		return n.norm(in, 1, 3, 4).Forward(s, in[0].Dtype(), out, in[2], in[5], in[6])
	})
}

func (n normalisation) dxDevice() gop.Device {
	return n.onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return n.norm(in, 1, 2, 3).GradientX(s, in[0].Dtype(), out, in[4])
	})
}

func (n normalisation) dscaleDevice() gop.Device {
	return n.onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return n.norm(in, 1, 2, 3).GradientScale(s, in[0].Dtype(), out, in[4])
	})
}

func (n normalisation) dshiftDevice() gop.Device {
	return n.onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		return gpu.GroupsOf(in[0].Shape()).Sums(s, in[0].Dtype(), out, in[4], 1)
	})
}

// onGPU is the mask as the GPU takes it.
func (m *masks) onGPU() gpu.Mask { return gpu.Mask{ID: m.id, Seed: m.seed, P: m.p, Limit: m.limit()} }

func (m *masks) device() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		if in[1].Shape().TotalSize() != 1 {
			return fmt.Errorf("count of shape %v, want one number", in[1].Shape())
		}
		if err := m.onGPU().Next(s, in[0].Dtype(), in[2], in[1], maxCount); err != nil {
			return err
		}
		return m.onGPU().Apply(s, in[0].Dtype(), out, in[0], in[0].Shape().TotalSize())
	})
}

func (m *masks) dxDevice() gop.Device {
	return onGPU(func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
		if in[0].Shape().TotalSize() != in[1].Shape().TotalSize() { // Gorgonia may have reshaped the result in place
			return fmt.Errorf("gradient of shape %v for a result of shape %v", in[1].Shape(), in[0].Shape())
		}
		return m.onGPU().Apply(s, in[0].Dtype(), out, in[1], in[1].Shape().TotalSize())
	})
}

func (p pooling) windows(x gorgonia.Value) gpu.Windows {
	s := x.Shape()
	return gpu.Windows{Planes: s[0] * s[1], Height: s[2], Width: s[3], Size: p.k, Step: p.stride}
}

func (p pooling) device() gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		w := p.windows(in[0])
		if !w.Fits() {
			return false, nil
		}
		return true, w.Pool(s, p.means(), in[0].Dtype(), out, in[0])
	}
}

func (p pooling) slopeDevice() gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		w := p.windows(in[0])
		if !w.Fits() {
			return false, nil
		}
		return true, w.PoolGradient(s, p.means(), in[0].Dtype(), out, in[0], in[1])
	}
}

// meanSquare is the mean of (pred − target)²: three nodes, which all stay on the GPU, where
// the one op of the other build has no kernel.
func meanSquare(pred, target *gorgonia.Node) (*gorgonia.Node, error) {
	d, err := gorgonia.Sub(pred, target)
	if err == nil {
		d, err = gorgonia.Square(d)
	}
	if err != nil {
		return nil, err
	}
	return mean(d)
}
