//go:build cuda

package main

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"time"

	"github.com/chewxy/hm"
	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gpu"
	"github.com/ditac-go/ditac/internal/table"
	"gorgonia.org/cu"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// speed times the kernels alone, without copies from and to the CPU, beside the CPU.
func (r *report) speed() error {
	c, out := r.config, r.out
	fmt.Fprintf(out, "\nns per element, one θ, means of %d passes, each with a look whether θ has moved\n", c.repeats)
	fmt.Fprintf(out, "%12s %22s %22s %22s\n", "elements", "forward GPU / CPU", "to x GPU / CPU", "to θ GPU / CPU")
	for n := 1 << 16; ; n *= 16 {
		n = min(n, c.largest)
		if err := speedOf(n, c.repeats, out); err != nil {
			return err
		}
		if n == c.largest {
			return nil
		}
	}
}

// timing is an operation that times the kernels on its input.
type timing struct {
	form    *gpu.Form
	theta   []float32
	repeats int
	ns      *[3]float64 // per element
}

func speedOf(n, repeats int, out io.Writer) error {
	space, err := cpab.NewSpace(10, cpab.WithDomain(-3, 3))
	if err != nil {
		return err
	}
	prior, err := cpab.NewPrior(space, cpab.KernelCells, 3, 2)
	if err != nil {
		return err
	}
	shape, err := curve.New(space, curve.DiTAC)
	if err != nil {
		return err
	}
	tab, err := table.Of(shape, prior.Sample(1), table.DefaultTolerance)
	if err != nil {
		return err
	}
	theta := make([]float32, space.Dim())
	for i, t := range prior.Sample(1) {
		theta[i] = float32(t)
	}
	form := gpu.NewForm(table.ShapeOf(shape), 1, tensor.Float32, func(_ int, f gpu.Fault, theta []float64) error {
		return fmt.Errorf("fault %d of θ: %v", f, theta)
	})
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(8*float64((i*7919)%n)/float64(n) - 4)
	}
	var onGPU [3]float64
	g := gorgonia.NewGraph()
	node := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithShape(n),
		gorgonia.WithValue(tensor.New(tensor.WithShape(n), tensor.WithBacking(x))))
	if _, err := gorgonia.ApplyOp(timing{form, theta, repeats, &onGPU}, node); err != nil {
		return err
	}
	m, err := cuda.NewTapeMachine(g)
	if err != nil {
		return err
	}
	if err := errors.Join(m.RunAll(), m.Close()); err != nil {
		return err
	}
	y, dtheta := make([]float32, n), make([]float64, tab.Dim())
	var onCPU [3]float64
	for k, f := range []func(){
		func() { tab.Forward32(y, x) },
		func() { tab.BackwardX32(y, x, x) },
		func() { tab.BackwardTheta32(dtheta, x, x) },
	} {
		onCPU[k], _ = mean(n, 3, func() error { f(); return nil }, func() error { return nil })
	}
	fmt.Fprintf(out, "%12d", n)
	for k := range onGPU {
		fmt.Fprintf(out, " %12.4f / %7.3f", onGPU[k], onCPU[k])
	}
	fmt.Fprintln(out)
	return nil
}

// mean returns the ns per element that f takes, after one call to warm up. wait waits for
// what f has launched.
func mean(n, repeats int, f, wait func() error) (float64, error) {
	if err := errors.Join(f(), wait()); err != nil {
		return 0, err
	}
	start := time.Now()
	for range repeats {
		if err := f(); err != nil {
			return 0, err
		}
	}
	if err := wait(); err != nil {
		return 0, err
	}
	return float64(time.Since(start).Nanoseconds()) / float64(repeats) / float64(n), nil
}

// CUDADo times the passes. x is its own upstream gradient.
func (o timing) CUDADo(extern gorgonia.External, dev gorgonia.Device, out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	s, err := cuda.Open(extern, dev)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	curves, err := o.form.Open(s)
	if err != nil {
		return nil, err
	}
	theta, err := s.Scratch("θ", 4*len(o.theta))
	if err != nil {
		return nil, err
	}
	if err := s.Upload(theta, o.theta); err != nil {
		return nil, err
	}
	dtheta, err := s.Scratch("gradient to θ", 4*len(o.theta))
	if err != nil {
		return nil, err
	}
	x := in[0]
	n := x.Shape().TotalSize()
	e := gpu.Elements{Outer: 1, Length: n}
	make := func() error { return curves.Make(cu.DevicePtr(theta)) } // as each pass of a step does
	for k, f := range []func() error{
		func() error { return errors.Join(make(), curves.Forward(e, out, x)) },
		func() error { return errors.Join(make(), curves.BackwardX(e, out, x, x)) },
		func() error { return errors.Join(make(), curves.BackwardTheta(e, cu.DevicePtr(dtheta), x, x)) },
	} {
		if o.ns[k], err = mean(n, o.repeats, f, s.Wait); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (timing) Arity() int    { return 1 }
func (timing) Type() hm.Type { return hm.NewFnType(hm.TypeVariable('a'), hm.TypeVariable('a')) }
func (timing) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return in[0].(tensor.Shape).Clone(), nil
}
func (timing) Do(...gorgonia.Value) (gorgonia.Value, error) {
	return nil, errors.New("runs on the GPU only")
}
func (timing) ReturnsPtr() bool      { return true }
func (timing) CallsExtern() bool     { return true }
func (timing) OverwritesInput() int  { return -1 }
func (timing) WriteHash(h hash.Hash) { h.Write([]byte("timing")) }
func (timing) String() string        { return "timing" }
func (o timing) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}
