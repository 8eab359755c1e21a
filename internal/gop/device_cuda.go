//go:build cuda

package gop

import (
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Device is the form of an op for the GPU: it computes the result from inputs there,
// of checked number and dtype, to the memory of out there. It returns false, and has
// written nothing, if the GPU has no form for these inputs: then they come to the CPU,
// which computes the result for the GPU. Behind the inputs, in has the memory for what
// becomes of those of the op's State, which may be the inputs' own.
//
// In a build with the tag cuda, an op that has a Device has a method CUDADo, by which
// Gorgonia places it on the GPU, and CallsExtern is true, by which Gorgonia gives it
// memory for its result there. All others run on the CPU, with copies of what they need.
type Device func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error)

// deviceOp is an Op with a Device.
type deviceOp struct{ *Op }

var (
	_ gorgonia.SDOp     = deviceOp{}
	_ gorgonia.ADOp     = deviceOp{}
	_ gorgonia.CUDADoer = deviceOp{}
	_ cuda.Stateful     = deviceOp{}
)

// inGraph returns what a graph has for the op.
func (o *Op) inGraph() gorgonia.Op {
	if o.Device == nil {
		return o
	}
	return deviceOp{o}
}

// Of returns the Op that a graph has as op, nil if it is of another make.
func Of(op gorgonia.Op) *Op {
	switch op := op.(type) {
	case *Op:
		return op
	case deviceOp:
		return op.Op
	}
	return nil
}

// CallsExtern implements gorgonia.Op. An op on the GPU is given its result's memory.
func (o deviceOp) CallsExtern() bool { return true }

// CUDADo implements gorgonia.CUDADoer. Its errors are those of Do.
func (o deviceOp) CUDADo(extern gorgonia.External, dev gorgonia.Device, out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := o.check(in); err != nil {
		return nil, o.fail(err)
	}
	if out == nil {
		return nil, o.fail(fmt.Errorf("no memory for the result on device %v", dev))
	}
	s, err := cuda.Open(extern, dev)
	if err != nil {
		return nil, o.fail(err)
	}
	defer s.Close()
	in, err = o.withState(s, in)
	if err != nil {
		return nil, o.fail(err)
	}
	done, err := o.Device(s, out, in)
	if err == nil && !done {
		err = o.onHost(s, out, in)
	}
	if err != nil {
		return nil, o.fail(err)
	}
	return out, nil
}

// Changes implements cuda.Stateful.
func (o deviceOp) Changes() (name string, inputs []int) { return fmt.Sprintf("op %p", o.Op), o.State }

// withState returns the inputs with the memory for what becomes of the op's state.
func (o deviceOp) withState(s *cuda.Session, in []gorgonia.Value) ([]gorgonia.Value, error) {
	in = slices.Clone(in)
	for _, k := range o.State {
		from, to, err := s.State(o, k, in[k])
		if err != nil {
			return nil, err
		}
		in = append(in, elsewhere{in[k], uintptr(to)})
		in[k] = elsewhere{in[k], uintptr(from)}
	}
	return in, nil
}

// elsewhere is a value on the device with memory of its own.
type elsewhere struct {
	gorgonia.Value
	at uintptr
}

func (v elsewhere) Uintptr() uintptr { return v.at }

// onHost computes the op on the CPU.
func (o *Op) onHost(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) error {
	host := make([]gorgonia.Value, o.Arity())
	for i, v := range in[:o.Arity()] {
		var err error
		if host[i], err = Download(s, v); err != nil {
			return err
		}
	}
	shape, err := o.shapeOf(host)
	if err != nil {
		return err
	}
	result := values.New(in[0].Dtype(), shape)
	if err := o.Compute(result, host); err != nil {
		return err
	}
	for i, k := range o.State {
		if err := Upload(s, in[o.Arity()+i], host[k]); err != nil {
			return err
		}
	}
	return Upload(s, out, result)
}

// Download returns a value on the GPU as one on the CPU.
func Download(s *cuda.Session, v gorgonia.Value) (gorgonia.Value, error) {
	host := values.New(v.Dtype(), v.Shape())
	x, err := numbers(host)
	if err == nil {
		err = s.Download(x, cuda.Pointer(v))
	}
	return host, err
}

// Upload copies a value on the CPU to the memory of one on the GPU, of the same dtype
// and size.
func Upload(s *cuda.Session, dst tensor.Memory, host gorgonia.Value) error {
	x, err := numbers(host)
	if err != nil {
		return err
	}
	return s.Upload(cuda.Pointer(dst), x)
}

// numbers returns the numbers of a value in row-major order, a []float32 or []float64:
// the value's memory if it lies in that order.
func numbers(v gorgonia.Value) (any, error) {
	if v.Dtype() == tensor.Float32 {
		return values.Elements[float32](v)
	}
	return values.Elements[float64](v)
}
