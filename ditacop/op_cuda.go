//go:build cuda

package ditacop

import (
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gpu"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// In a build with the tag cuda, Gorgonia runs the ops on the GPU, because they have
// CUDADo. θ comes to the CPU, which works out the curve: a table for float32, the parts of
// the exact form for float64. That goes to the GPU, which evaluates the elements. What
// the GPU has no form for (few float32 elements, curves that are too steep) is computed
// on the CPU and goes back.

var _ gorgonia.CUDADoer = (*op)(nil)

// CallsExtern implements gorgonia.Op. An op on the GPU is given its result's memory.
func (o *op) CallsExtern() bool { return true }

// CUDADo implements gorgonia.CUDADoer. Its errors are those of Do.
func (o *op) CUDADo(extern gorgonia.External, dev gorgonia.Device, out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := o.checkInputs(in); err != nil {
		return nil, err
	}
	if out == nil {
		return nil, fmt.Errorf("ditacop: %v: no memory for the result on device %v", o, dev)
	}
	s, err := cuda.Open(extern, dev)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %v: %w", o, err)
	}
	defer s.Close()
	if o.act.dt == tensor.Float32 {
		err = onDevice[float32](o, s, out, in)
	} else {
		err = onDevice[float64](o, s, out, in)
	}
	return out, err
}

// onDevice runs the op on the GPU if its curves have a form there.
func onDevice[T values.Float](o *op, s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
	fail := func(err error) error { return fmt.Errorf("ditacop: %v: %w", o, err) }
	l, err := newLayout(in[0].Shape(), o.act.axis, o.act.groups)
	if err != nil {
		return fail(err)
	}
	if o.kind != forward && !in[2].Shape().Eq(in[0].Shape()) && in[2].Shape().TotalSize() != in[0].Shape().TotalSize() {
		return fail(fmt.Errorf("gradient of shape %v, but x has shape %v", in[2].Shape(), in[0].Shape()))
	}
	theta, err := download[T](s, in[1])
	if err != nil {
		return fail(err)
	}
	e, evs, err := o.act.acquire(theta, in[0].Shape().TotalSize()/o.act.groups)
	if err != nil {
		return fail(err)
	}
	defer o.act.release(e)
	c := o.act.forDevice(e, evs)
	if c == nil {
		return onHost[T](o, s, out, in)
	}
	data, err := c.upload(s, fmt.Sprintf("curves of %s %p", o.act.name, o.act))
	if err != nil {
		return fail(err)
	}
	elements := gpu.Elements{Outer: l.outer, Length: l.channels / l.groups * l.inner}
	switch o.kind {
	case forward:
		err = c.forward(s, data, elements, out, in[0])
	case backwardX:
		err = c.backwardX(s, data, elements, out, in[0], in[2])
	default:
		var dtheta []float64
		if dtheta, err = c.backwardTheta(s, data, elements, in[0], in[2]); err == nil {
			err = s.Upload(cuda.Pointer(out), values.Convert[T](dtheta))
		}
	}
	if err != nil {
		return fail(err)
	}
	return nil
}

// onHost runs the op on the CPU.
func onHost[T values.Float](o *op, s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
	host := make([]gorgonia.Value, len(in))
	for i, v := range in {
		var err error
		if host[i], err = download[T](s, v); err != nil {
			return fmt.Errorf("ditacop: %v: %w", o, err)
		}
	}
	result := values.New(o.act.dt, o.outShape(in))
	if err := o.run(result, host); err != nil {
		return err
	}
	x, err := values.Elements[T](result)
	if err == nil {
		err = s.Upload(cuda.Pointer(out), x)
	}
	if err != nil {
		return fmt.Errorf("ditacop: %v: %w", o, err)
	}
	return nil
}

// download returns a value on the GPU as one on the CPU.
func download[T values.Float](s *cuda.Session, v gorgonia.Value) (gorgonia.Value, error) {
	host := values.New(v.Dtype(), v.Shape())
	x := make([]T, v.Shape().TotalSize())
	if err := s.Download(x, cuda.Pointer(v)); err != nil {
		return nil, err
	}
	return host, values.Store(host, x)
}
