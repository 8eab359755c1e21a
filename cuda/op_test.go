//go:build cuda

package cuda_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gop"
)

// double returns an op 2·x, with its gradient, that runs by device on the GPU.
func double(device gop.Device) *gop.Op {
	twice := func(out []float64, in [][]float64) error {
		x := in[len(in)-1]
		for i := range out {
			out[i] = 2 * x[i]
		}
		return nil
	}
	return &gop.Op{
		Kind: "cuda.double", In: []int{len(shape)}, Out: len(shape), Shape: gop.Like(0), Compute: gop.Float64s(twice), Device: device,
		Grads: []gop.Gradient{{From: []int{gop.Upstream}, Op: &gop.Op{
			Kind: "cuda.doubleGradient", In: []int{len(shape)}, Out: len(shape), Shape: gop.Like(0), Compute: gop.Float64s(twice), Device: device,
		}}},
	}
}

// TestOpDevice: an op with a Device runs there, or on the CPU where the Device has no
// form for its inputs, or fails with the Device's error. One without runs on the CPU,
// and Gorgonia copies what it needs.
func TestOpDevice(t *testing.T) {
	calls, broken := 0, errors.New("broken")
	forms := map[string]gop.Device{
		"none": nil,
		"kernel": func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
			calls++
			blocks, threads := cuda.Grid(shape.TotalSize(), 1024)
			n := cuda.Int(shape.TotalSize())
			if err := gop.Upload(s, out, zeros()); err != nil {
				return false, err
			}
			for range 2 {
				if err := s.Launch("elembinop.add_vv_f32", blocks, threads, 0, cuda.Pointer(out), cuda.Pointer(in[0]), n); err != nil {
					return false, err
				}
			}
			return true, nil
		},
		"by the CPU": func(*cuda.Session, gorgonia.Value, []gorgonia.Value) (bool, error) {
			calls++
			return false, nil
		},
		"broken": func(*cuda.Session, gorgonia.Value, []gorgonia.Value) (bool, error) { return false, broken },
	}
	for name, device := range forms {
		t.Run(name, func(t *testing.T) {
			calls = 0
			g := gorgonia.NewGraph()
			x := input(g, tensor.Float32, "x", values(shape.TotalSize(), -1, 1))
			y, err := double(device).Apply(gorgonia.Must(gorgonia.Neg(x)))
			require.NoError(t, err)
			require.Equal(t, device != nil, y.Op().CallsExtern())
			require.Equal(t, "cuda.double", gop.Of(y.Op()).Kind)
			cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Neg(y))))
			grads, err := gorgonia.Grad(cost, x)
			require.NoError(t, err)
			var read, dx gorgonia.Value
			gorgonia.Read(y, &read)
			gorgonia.Read(grads[0], &dx)
			m, err := cuda.NewTapeMachine(g)
			require.NoError(t, err)
			err = errors.Join(m.RunAll(), m.Close())
			if name == "broken" {
				require.ErrorContains(t, err, "cuda: double: broken")
				return
			}
			require.NoError(t, err)
			want, wantDx := values(shape.TotalSize(), -1, 1), make([]float64, shape.TotalSize())
			for i := range want {
				want[i], wantDx[i] = -2*want[i], 2
			}
			requireNear(t, tensor.Float32, want, floats(t, read), "y")
			requireNear(t, tensor.Float32, wantDx, floats(t, dx), "∂cost/∂x")
			if device != nil {
				require.Equal(t, 2, calls)
			}
		})
	}
}

func zeros() gorgonia.Value {
	return tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
}
