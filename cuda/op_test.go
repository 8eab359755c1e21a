//go:build cuda

package cuda_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/models"
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

// TestOpState: what an op makes of its state comes to the node at the end of a run, of one that
// ran on the GPU, or on the CPU instead; two ops of one state change it one after the other.
func TestOpState(t *testing.T) {
	count := func(v gorgonia.Value) {
		for i, e := range []float64{1, 10, 100} {
			v.Data().([]float64)[i] += e
		}
	}
	forms := map[string]gop.Device{
		"none": nil,
		"on the GPU": func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
			host, err := gop.Download(s, in[1])
			if err != nil {
				return false, err
			}
			count(host)
			return true, errors.Join(gop.Upload(s, in[2], host), gop.Upload(s, out, host))
		},
		"by the CPU": func(*cuda.Session, gorgonia.Value, []gorgonia.Value) (bool, error) { return false, nil },
	}
	for name, device := range forms {
		t.Run(name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			state := vectorNode(g, tensor.Float64, "state", []float64{1, 2, 3})
			for k := range 2 {
				op := &gop.Op{
					Kind: "cuda.counting", Params: []any{k}, In: []int{1, 1}, Out: 1, Shape: gop.Like(0), State: []int{1}, Device: device,
					Compute: func(out gorgonia.Value, in []gorgonia.Value) error {
						count(in[1])
						return tensor.Copy(out.(tensor.Tensor), in[1].(tensor.Tensor))
					},
				}
				_, err := op.Apply(vectorNode(g, tensor.Float64, "x", make([]float64, 3)), state)
				require.NoError(t, err)
			}
			m, err := cuda.NewTapeMachine(g)
			require.NoError(t, err)
			for run := 1.; run <= 3; run++ {
				require.NoError(t, m.RunAll())
				require.Equal(t, []float64{1 + 2*run, 2 + 20*run, 3 + 200*run}, state.Value().Data())
				m.Reset()
			}
			require.NoError(t, m.Close())
		})
	}
}

// TestStateWithoutItsMachine: Gorgonia's own machine would lose what ops change.
func TestStateWithoutItsMachine(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g := gorgonia.NewGraph()
	d, err := models.NewDropout(g, tensor.Float32, "drop", 0.5, 1, models.Training)
	require.NoError(t, err)
	_, err = d.Apply(vectorNode(g, tensor.Float32, "x", []float64{1, 2}))
	require.NoError(t, err)
	m := gorgonia.NewTapeMachine(g)
	defer m.Close()
	require.ErrorContains(t, m.RunAll(), "changes its input 1, which is lost but in machines of cuda.NewTapeMachine")
}

func zeros() gorgonia.Value {
	return tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
}
