//go:build cuda

package ditacop

import (
	"fmt"
	"math"
	"sync"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/gpu"
	"github.com/ditac-go/ditac/internal/ptx"
	"github.com/ditac-go/ditac/internal/table"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// device returns the op's form for the GPU, where θ is and stays: kernels make its curves, the
// first op of a run that sees it for all of them, evaluate the elements, and make the gradient
// to θ. Nothing waits.
func (a *Activation) device(kind opKind) gop.Device {
	return func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
		x := in[0].Shape()
		l, err := newLayout(x, a.axis, a.groups)
		if err != nil {
			return false, err
		}
		if err := checkGradient(kind, in); err != nil {
			return false, err
		}
		if n := in[1].Shape().TotalSize(); n != a.groups*a.curve.Dim() {
			return false, fmt.Errorf("θ has %d numbers, want %d × %d", n, a.groups, a.curve.Dim())
		}
		c, err := a.onDevice().Open(s)
		if err != nil {
			return false, err
		}
		if err := c.Make(in[1]); err != nil {
			return false, err
		}
		elements := gpu.Elements{Outer: l.outer, Length: l.channels / l.groups * l.inner}
		switch kind {
		case forward:
			err = c.Forward(elements, out, in[0])
		case backwardX:
			err = c.BackwardX(elements, out, in[0], in[2])
		default:
			err = c.BackwardTheta(elements, out, in[0], in[2])
		}
		return true, err
	}
}

// deviceForm makes what the activation's curves are on a GPU but for θ, the first time that it
// is called.
type deviceForm = func() *gpu.Form

// newDeviceForm returns that of an activation without θ, whose graph may hold the machine that
// holds the form.
func newDeviceForm(of spec) deviceForm {
	return sync.OnceValue(func() *gpu.Form { return gpu.NewForm(table.ShapeOf(of.curve), of.groups, of.dt, of.fault) })
}

// fault is the error of a θ that the GPU has found.
func (s spec) fault(group int, f gpu.Fault, theta []float64) error {
	err := fmt.Errorf("gpu: fault %d of θ = %v", f, theta)
	if f == gpu.TooSteep {
		err = s.tooSteep(theta)
	} else if _, wrong := table.NewExact(table.ShapeOf(s.curve), theta); wrong != nil {
		err = wrong
	}
	return fmt.Errorf("ditacop: %s: θ of group %d: %w", s.name, group, err)
}

// tooSteep is the error of a θ whose field is too steep for the GPU.
func (s spec) tooSteep(theta []float64) error {
	most := ptx.Steepest32
	if s.dt == tensor.Float64 {
		most = ptx.Steepest64
	}
	e, err := table.NewExact(table.ShapeOf(s.curve), theta)
	if err != nil {
		return err
	}
	steepest := 0
	for c := range e.Curve.Grid.Cells {
		if math.Abs(e.Field.Slope(c)) > math.Abs(e.Field.Slope(steepest)) {
			steepest = c
		}
	}
	return fmt.Errorf("the velocity field has slope %v in cell %d, want less than %d on a GPU (%v)", e.Field.Slope(steepest), steepest, most, s.dt)
}
