//go:build cuda

package ditacop

import (
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/gpu"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
)

// device returns the op's form for the GPU. θ comes to the CPU, which works out the
// curve: a table for float32, the parts of the closed form for float64. That goes to
// the GPU, which evaluates the elements. What the GPU has no form for (few float32
// elements, curves that are too steep or of too many cells) is left to the CPU.
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
		theta, err := gop.Download(s, in[1])
		if err != nil {
			return false, err
		}
		e, evs, err := a.acquire(theta, x.TotalSize()/a.groups)
		if err != nil {
			return false, err
		}
		defer a.release(e)
		c := a.forDevice(e, evs)
		if c == nil {
			return false, nil
		}
		data, err := c.upload(s, fmt.Sprintf("curves of %s %p", a.name, a))
		if err != nil {
			return false, err
		}
		elements := gpu.Elements{Outer: l.outer, Length: l.channels / l.groups * l.inner}
		switch kind {
		case forward:
			err = c.forward(s, data, elements, out, in[0])
		case backwardX:
			err = c.backwardX(s, data, elements, out, in[0], in[2])
		default:
			var dtheta []float64
			if dtheta, err = c.backwardTheta(s, data, elements, in[0], in[2]); err == nil {
				err = gop.Upload(s, out, values.Dense(a.dt, in[1].Shape(), dtheta))
			}
		}
		return true, err
	}
}
