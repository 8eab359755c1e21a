//go:build cuda

package gpu

import (
	"math"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/ptx"
	"gorgonia.org/tensor"
)

// layer launches a kernel of the module layers for n things.
func layer(s *cuda.Session, name string, dt tensor.Dtype, n int, args ...cuda.Arg) error {
	return launch(s, "layers."+name, dt, n, args...)
}

// launch launches a kernel, named without its dtype, for n things.
func launch(s *cuda.Session, kernel string, dt tensor.Dtype, n int, args ...cuda.Arg) error {
	suffix := "_f32"
	if dt == tensor.Float64 {
		suffix = "_f64"
	}
	const most = 1 << 11
	blocks, threads := cuda.Grid(n, most)
	return s.Launch(kernel+suffix, blocks, threads, 0, args...)
}

// AddBias adds the vector b to each row of y.
func AddBias(s *cuda.Session, dt tensor.Dtype, y, b tensor.Memory, rows, columns int) error {
	return layer(s, "add_bias", dt, rows*columns, cuda.Pointer(y), cuda.Pointer(b), cuda.Int(rows), cuda.Int(columns))
}

// BiasGradient sets dst to the sum of the rows of g.
func BiasGradient(s *cuda.Session, dt tensor.Dtype, dst, g tensor.Memory, rows, columns int) error {
	return layer(s, "bias_gradient", dt, columns, cuda.Pointer(dst), cuda.Pointer(g), cuda.Int(rows), cuda.Int(columns))
}

// Function is a function of package models with its parameter, which lies on the device
// if Trained is not nil.
type Function struct {
	Name    string
	Param   float64
	Trained tensor.Memory
}

// HasFunction says whether there are kernels of a function.
func HasFunction(name string) bool {
	switch name {
	case "relu", "leaky", "elu", "gelu", "silu", "mish", "softplus", "tanh":
		return true
	}
	return false
}

// args are the parameters of a function's kernels behind the tensors.
func (f Function) args(s *cuda.Session, n int) ([]cuda.Arg, error) {
	var trained, nodes cuda.Arg
	if f.Trained != nil {
		trained = cuda.Pointer(f.Trained)
	}
	if f.Name == "gelu" {
		var err error
		if nodes, err = s.Resident("normals", 1, ptx.Normals()); err != nil {
			return nil, err
		}
	}
	return []cuda.Arg{trained, number(f.Param), nodes, cuda.Int(n)}, nil
}

// Apply sets dst to the function of n numbers x.
func (f Function) Apply(s *cuda.Session, dt tensor.Dtype, dst, x tensor.Memory, n int) error {
	args, err := f.args(s, n)
	if err != nil {
		return err
	}
	return layer(s, f.Name, dt, n, append([]cuda.Arg{cuda.Pointer(dst), cuda.Pointer(x)}, args...)...)
}

// Gradient sets dst to g times the derivative.
func (f Function) Gradient(s *cuda.Session, dt tensor.Dtype, dst, x, g tensor.Memory, n int) error {
	args, err := f.args(s, n)
	if err != nil {
		return err
	}
	return layer(s, f.Name+"_dx", dt, n, append([]cuda.Arg{cuda.Pointer(dst), cuda.Pointer(x), cuda.Pointer(g)}, args...)...)
}

// GradientParameter sets dst to the gradient to the trained parameter, of which leaky and silu
// have one: the sum of g times the derivative to it.
func (f Function) GradientParameter(s *cuda.Session, dt tensor.Dtype, dst, x, g tensor.Memory, n int) error {
	return sumParts(s, dt, dst, n, 1, func(threads int, parts cuda.Arg) error {
		return launch(s, "layers."+f.Name+"_dp", dt, threads, parts, cuda.Pointer(x), cuda.Pointer(g), cuda.Pointer(f.Trained), cuda.Int(n))
	})
}

// Windows are Size×Size numbers, Step apart, of each of Planes planes of Height×Width.
type Windows struct{ Planes, Height, Width, Size, Step int }

// counts are the numbers of windows down and across a plane.
func (w Windows) counts() (down, across int) {
	return (w.Height-w.Size)/w.Step + 1, (w.Width-w.Size)/w.Step + 1
}

// Fits says whether the kernels can count the places in a plane, in 32 bits.
func (w Windows) Fits() bool {
	return w.Height*w.Width <= math.MaxInt32 && w.Step <= math.MaxInt32
}

func (w Windows) launch(s *cuda.Session, name string, dt tensor.Dtype, n int, tensors ...tensor.Memory) error {
	var args []cuda.Arg
	for _, t := range tensors {
		args = append(args, cuda.Pointer(t))
	}
	down, across := w.counts()
	for _, i := range []int{w.Planes, w.Height, w.Width, down, across, w.Size, w.Step} {
		args = append(args, cuda.Int(i))
	}
	return layer(s, name, dt, n, args...)
}

// Pool sets dst to the largest number, or the mean, of each window of x.
func (w Windows) Pool(s *cuda.Session, mean bool, dt tensor.Dtype, dst, x tensor.Memory) error {
	down, across := w.counts()
	name := "max_pool"
	if mean {
		name = "mean_pool"
	}
	return w.launch(s, name, dt, w.Planes*down*across, dst, x)
}

// PoolGradient sets dst to the gradient to x; g is that to the result.
func (w Windows) PoolGradient(s *cuda.Session, mean bool, dt tensor.Dtype, dst, x, g tensor.Memory) error {
	n := w.Planes * w.Height * w.Width
	if mean {
		return w.launch(s, "mean_pool_dx", dt, n, dst, g)
	}
	return w.launch(s, "max_pool_dx", dt, n, dst, x, g)
}

// Linear sets y to x·w + b, for x of rows×in numbers and y of rows×out.
func Linear(s *cuda.Session, dt tensor.Dtype, y, x, w, b tensor.Memory, rows, in, out int) error {
	if err := s.MatMul(dt, false, false, rows, out, in, x, w, y); err != nil {
		return err
	}
	return AddBias(s, dt, y, b, rows, out)
}
