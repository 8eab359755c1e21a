package cuda_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/cuda/bench"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/internal/table"
)

// The tests of this file, too, run in builds with and without the tag cuda.

// newDiTAC is a graph without a word about CUDA: a perceptron with DiTAC, one per layer
// and one per unit.
func newDiTAC(t *testing.T, dt tensor.Dtype) network {
	t.Helper()
	n, node := newInputs(dt)
	w1, w2, w3 := node("w1", 2, 16), node("w2", 16, 12), node("w3", 12, 1)
	h, err := ditacop.DiTAC(gorgonia.Must(gorgonia.Mul(n.x, w1)))
	require.NoError(t, err)
	h, err = ditacop.DiTAC(gorgonia.Must(gorgonia.Mul(h, w2)), ditacop.WithGroups(1, 3), ditacop.WithCells(6), ditacop.WithVariant(ditacop.VariantLeaky))
	require.NoError(t, err)
	y := gorgonia.Must(gorgonia.Mul(h, w3))
	n.learnables = append(gorgonia.Nodes{w1, w2, w3}, ditacop.Learnables(n.x.Graph())...)
	n.cost = gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(y, n.target))))))
	return n
}

// newDiTACCNN is newCNN with a DiTAC for each channel.
func newDiTACCNN(t *testing.T) network {
	t.Helper()
	n := newCNNWith(func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return ditacop.DiTAC(x, ditacop.WithPerChannel(1))
	})
	n.learnables = append(n.learnables, ditacop.Learnables(n.x.Graph())...)
	return n
}

// TestDiTACTraining wants the losses of 50 steps to be those of the CPU build.
func TestDiTACTraining(t *testing.T) {
	for _, c := range []struct {
		dt        tensor.Dtype
		tolerance float64 // relative
	}{{tensor.Float32, 1e-4}, {tensor.Float64, 1e-12}} {
		t.Run(c.dt.String(), func(t *testing.T) {
			bench.Reset()
			losses, err := newDiTAC(t, c.dt).trainOnPoints(c.dt, 50)
			require.NoError(t, err)
			requireLosses(t, fmt.Sprintf("testdata/losses_ditac_%v.txt", c.dt), losses, c.tolerance)
			require.Less(t, losses[len(losses)-1], losses[0]/2, "nothing was learned")
			for _, name := range []string{"make", "forward", "backward_x", "moments", "close"} {
				requireLaunched(t, name, c.dt)
			}
		})
	}
}

func TestDiTACTrainingCNN(t *testing.T) {
	bench.Reset()
	losses, err := newDiTACCNN(t).train(50, nil)
	require.NoError(t, err)
	requireLosses(t, "testdata/losses_ditac_cnn.txt", losses, 1e-4)
	require.Less(t, losses[len(losses)-1], losses[0], "nothing was learned")
	requireLaunched(t, "moments", tensor.Float32)
}

// TestDiTACInAnyOrder wants the same losses to the bit, whatever the order of the
// threads.
func TestDiTACInAnyOrder(t *testing.T) {
	if !bench.Active() {
		t.Skip("needs the bench (cuda/bench.sh)")
	}
	t.Cleanup(func() { bench.Configure(ptxsim.Config{}) })
	var want []float64
	for _, c := range []ptxsim.Config{{}, {Order: ptxsim.Reverse}, {Order: ptxsim.Shuffled, Seed: 1, WarpSize: 1}} {
		bench.Configure(c)
		losses, err := newDiTAC(t, tensor.Float32).trainOnPoints(tensor.Float32, 5)
		require.NoError(t, err)
		if want == nil {
			want = losses
		}
		require.Equal(t, want, losses, "%+v", c)
	}
}

// TestDiTACGraph wants the values and gradients of one run to be the CPU's, for all
// variants and both dtypes.
func TestDiTACGraph(t *testing.T) {
	variants := []ditacop.Variant{ditacop.VariantDiTAC, ditacop.VariantLeaky, ditacop.VariantGE, ditacop.VariantInfinite, ditacop.VariantPlain, ditacop.VariantAmplified}
	for _, v := range variants {
		for _, dt := range dtypes {
			for _, n := range []int{1, 33, 500} { // few elements are evaluated exactly
				t.Run(fmt.Sprintf("%v/%v/%d", v, dt, n), func(t *testing.T) {
					in := values(n, -4, 4)
					g := gorgonia.NewGraph()
					x := gorgonia.NewVector(g, dt, gorgonia.WithShape(n), gorgonia.WithName("x"),
						gorgonia.WithValue(tensor.New(tensor.WithShape(n), tensor.WithBacking(of(dt, in)))))
					opts := []ditacop.Option{ditacop.WithVariant(v), ditacop.WithInit(ditacop.PriorSample(7, 3, 0.5))}
					if v == ditacop.VariantAmplified {
						opts = append(opts, ditacop.WithLearnedAmplification(3))
					}
					a, err := ditacop.New(g, dt, opts...)
					require.NoError(t, err)
					y, err := a.Apply(x)
					require.NoError(t, err)
					cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(y))))
					grads, err := gorgonia.Grad(cost, x, a.Theta())
					require.NoError(t, err)
					got := run(t, g, y, grads[0], grads[1])

					theta, err := a.ThetaValues(0)
					require.NoError(t, err)
					e, err := a.Exact(0)
					require.NoError(t, err)
					exact, err := table.NewExact(table.ShapeOf(e.Curve()), theta)
					require.NoError(t, err)
					wantTheta := make([]float64, exact.Dim())
					wantY, wantX, up := make([]float64, n), make([]float64, n), make([]float64, n)
					if dt == tensor.Float32 {
						for i := range in {
							in[i] = float64(float32(in[i]))
						}
					}
					exact.Forward64(wantY, in)
					for i := range up {
						up[i] = 2 * wantY[i]
					}
					exact.BackwardX64(wantX, in, up)
					exact.BackwardTheta64(wantTheta, in, up)
					largest := 1.0
					for _, d := range wantTheta {
						largest = math.Max(largest, math.Abs(d))
					}
					requireNear(t, dt, wantY, got[0], "y")
					requireNear(t, dt, wantX, got[1], "gradient to x")
					for i := range wantTheta {
						require.InDelta(t, wantTheta[i], got[2][i], tolerance(dt)*largest, "gradient to θ, component %d", i)
					}
				})
			}
		}
	}
}

// TestDiTACParts: several blocks share the elements of each of several θ, and their sums
// are added up behind them.
func TestDiTACParts(t *testing.T) {
	const groups, each = 2, 4200 // a block takes 4096
	for _, dt := range dtypes {
		in := values(groups*each, -4, 4)
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, dt, gorgonia.WithShape(groups, each), gorgonia.WithName("x"),
			gorgonia.WithValue(tensor.New(tensor.WithShape(groups, each), tensor.WithBacking(of(dt, in)))))
		a, err := ditacop.New(g, dt, ditacop.WithGroups(0, groups), ditacop.WithInit(ditacop.PriorSample(7, 3, 0.5)))
		require.NoError(t, err)
		y, err := a.Apply(x)
		require.NoError(t, err)
		grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), a.Theta())
		require.NoError(t, err)
		got := run(t, g, grads[0])[0]
		require.Len(t, got, groups*a.Dim())
		up := make([]float64, each)
		for i := range up {
			up[i] = 1
		}
		for group := range groups {
			theta, err := a.ThetaValues(group)
			require.NoError(t, err)
			e, err := a.Exact(group)
			require.NoError(t, err)
			exact, err := table.NewExact(table.ShapeOf(e.Curve()), theta)
			require.NoError(t, err)
			want := make([]float64, exact.Dim())
			exact.BackwardTheta64(want, in[group*each:(group+1)*each], up)
			largest := 1.0
			for _, d := range want {
				largest = math.Max(largest, math.Abs(d))
			}
			for i := range want {
				require.InDelta(t, want[i], got[group*a.Dim()+i], tolerance(dt)*largest, "%v, θ %d, component %d", dt, group, i)
			}
		}
	}
}

// TestDiTACManyCells: the parts of a curve that are too many for a block's shared memory stay
// in the GPU's.
func TestDiTACManyCells(t *testing.T) {
	const n = 300
	g := gorgonia.NewGraph()
	in := values(n, -4, 4)
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithShape(n), gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(n), tensor.WithBacking(of(tensor.Float64, in)))))
	a, err := ditacop.New(g, tensor.Float64, ditacop.WithCells(2500))
	require.NoError(t, err)
	theta := a.Theta().Value().Data().([]float64)
	for i := range theta {
		theta[i] = math.Sin(float64(i)) / 2 // each cell has an affine field of its own
	}
	y, err := a.Apply(x)
	require.NoError(t, err)
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), a.Theta())
	require.NoError(t, err)
	bench.Reset()
	got := run(t, g, y, grads[0])
	requireLaunched(t, "forward_long", tensor.Float64)
	requireLaunched(t, "moments_long", tensor.Float64)
	e, err := a.Exact(0)
	require.NoError(t, err)
	for i := range in {
		require.InDelta(t, e.Value(in[i]), got[0][i], 1e-12)
	}
	exact, err := table.NewExact(table.ShapeOf(e.Curve()), theta)
	require.NoError(t, err)
	want, up := make([]float64, a.Dim()), make([]float64, n)
	for i := range up {
		up[i] = 1
	}
	exact.BackwardTheta64(want, in, up)
	require.InDeltaSlice(t, want, got[1], 1e-12)
}

// TestDiTACErrors: bad input is the same error on the GPU as on the CPU.
func TestDiTACErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, "x", values(shape.TotalSize(), -1, 1))
	y, err := ditacop.DiTAC(x, ditacop.WithName("act"))
	require.NoError(t, err)
	var read gorgonia.Value
	gorgonia.Read(y, &read)
	m, err := cuda.NewTapeMachine(g)
	require.NoError(t, err)
	defer m.Close()
	theta := ditacop.Learnables(g)[0].Value().Data().([]float32)
	theta[2] = float32(math.NaN())
	require.ErrorContains(t, m.RunAll(), "ditacop: act: θ of group 0: ")
	m.Reset()
	theta[2] = 0
	require.NoError(t, m.RunAll())
	require.NotNil(t, read)
}

// TestDiTACErrorUnread: what is wrong with θ is an error of the run even if nothing of it is
// read, so that the kernel that finds it may run as late as can be; and of no other run.
func TestDiTACErrorUnread(t *testing.T) {
	if !bench.Active() {
		t.Skip("needs the bench (cuda/bench.sh), or a GPU")
	}
	for _, dt := range dtypes {
		g := gorgonia.NewGraph()
		x := input(g, dt, "x", values(shape.TotalSize(), -1, 1))
		a, err := ditacop.New(g, dt, ditacop.WithName("act"))
		require.NoError(t, err)
		_, err = a.Apply(x)
		require.NoError(t, err)
		m, err := cuda.NewTapeMachine(g)
		require.NoError(t, err)
		require.NoError(t, m.RunAll())
		m.Reset()
		theta := a.Theta().Value()
		set := func(v float64) { copyTo(theta, v) }
		set(1e4)
		require.ErrorContains(t, m.RunAll(), "ditacop: act: θ of group 0: the velocity field has slope 20000 in cell 0, want less than ")
		m.Reset()
		set(math.Inf(1))
		require.ErrorContains(t, m.RunAll(), "ditacop: act: θ of group 0: ")
		m.Reset()
		set(0)
		require.NoError(t, m.RunAll())
		require.NoError(t, m.Close())
	}
}

// copyTo sets the first number of a value.
func copyTo(v gorgonia.Value, x float64) {
	switch data := v.Data().(type) {
	case []float32:
		data[0] = float32(x)
	case []float64:
		data[0] = x
	}
}

// TestDiTACFaults: a kernel that fails is an error of the run, and so is one that is not
// there.
func TestDiTACFaults(t *testing.T) {
	if !bench.Active() {
		t.Skip("needs the bench (cuda/bench.sh)")
	}
	t.Cleanup(func() { bench.Configure(ptxsim.Config{}) })
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(200), gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(200), tensor.Of(tensor.Float32))))
	_, err := ditacop.DiTAC(x, ditacop.WithName("act"))
	require.NoError(t, err)
	m, err := cuda.NewTapeMachine(g)
	require.NoError(t, err)
	defer m.Close()
	bench.Configure(ptxsim.Config{MaxSteps: 10})
	t.Setenv("CUDA_LAUNCH_BLOCKING", "1") // for the error to be that of the op
	require.ErrorContains(t, m.RunAll(), `ditacop: act: cuda: Session.Launch: kernel "curves.make_f32" on 1 blocks of 256 threads: `)
}
