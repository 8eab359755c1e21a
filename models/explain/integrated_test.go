package explain

import (
	"errors"
	"math"
	"testing"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestLinear: of f = Wᵀx + b the attribution of x_i is W_ik·(x_i − x′_i), for each output k,
// whatever the steps and the batches.
func TestLinear(t *testing.T) {
	for _, c := range []struct {
		dt  tensor.Dtype
		tol float64
	}{{tensor.Float64, 1e-14}, {tensor.Float32, 1e-6}} { // some roundings of numbers below 1
		build := mlp(c.dt, nil, 3, 2)
		net := networkOf(t, build, 3)
		w := numbers(t, net.Weights()) // W by rows, then b
		x := []float32{0.5, -1, 2, 0.25, 0.75, -0.5, 1, 1, 1}
		from := []float32{0.5, 0.25, -1}
		for k := range 2 {
			a, err := IntegratedGradients(build, net, x, []int{3}, Options{Baseline: from, Output: []int{k}, Steps: 3, Batch: 4})
			require.NoError(t, err)
			require.Equal(t, []int{k, k, k}, a.Output)
			for i, v := range x {
				require.InDelta(t, w[i%3*2+k]*float64(v-from[i%3]), a.Values[i], c.tol)
			}
			for i := range 3 {
				f := w[6+k]
				for j := range 3 {
					f += w[2*j+k] * float64(x[3*i+j])
				}
				require.InDelta(t, f, a.At[i], c.tol)
				require.InDelta(t, 0, a.Gap(i), 4*c.tol)
			}
		}
	}
}

// TestProduct: of x₀·x₁ the attributions are (x₀ − b₀)(b₁ + (x₁ − b₁)/2) and its mirror image,
// which the midpoint rule has exactly. Of x₀·x₁·x₂ from 0 each is x₀x₁x₂·∫α²dα, which the
// midpoint rule of n steps takes for 1/3 − 1/(12n²).
func TestProduct(t *testing.T) {
	net := networkOf(t, products, 2)
	x, b := []float32{3, -2, 0.5, 4}, []float32{1, 0.5}
	a, err := IntegratedGradients(products, net, x, []int{2}, Options{Baseline: b, Steps: 5})
	require.NoError(t, err)
	for i := range 2 {
		x0, x1, b0, b1 := float64(x[2*i]), float64(x[2*i+1]), float64(b[0]), float64(b[1])
		require.InDelta(t, (x0-b0)*(b1+(x1-b1)/2), a.Example(i)[0], 1e-14)
		require.InDelta(t, (x1-b1)*(b0+(x0-b0)/2), a.Example(i)[1], 1e-14)
		require.InDelta(t, x0*x1-b0*b1, a.Sum(i), 1e-14)
	}
	for _, n := range []int{1, 2, 10, 1000} {
		a, err := IntegratedGradients(products, net, []float32{1, 2, -3, 3, 1, -2}, []int{3}, Options{Steps: n})
		require.NoError(t, err)
		for _, v := range a.Values {
			require.InDelta(t, -6*(1./3-1/(12*float64(n*n))), v, 1e-12)
		}
		require.InDelta(t, 6/(4*float64(n*n)), a.Gap(0), 1e-12)
		require.Equal(t, math.Abs(a.Gap(0)), a.LargestGap())
	}
}

// TestFiniteDifferences: with one step the attribution is (x − x′)·∂f/∂x halfway, here
// against central differences of outputs that a Predictor computes.
func TestFiniteDifferences(t *testing.T) {
	for _, m := range []models.Maker{models.DiTAC(), baseline(t, "gelu")} {
		build := mlp(tensor.Float64, m, 2, 8, 8, 3)
		net := networkOf(t, build, 2)
		a, err := IntegratedGradients(build, net, []float32{1, -1.5}, []int{2}, Options{Output: []int{2}, Steps: 1})
		require.NoError(t, err)
		p, err := train.NewPredictor(build, []int{2}, 4)
		require.NoError(t, err)
		const h = 1. / 64 // points are float32, and so are the outputs: ε/h = 4e-6, h² = 2e-4
		y, err := p.Predict(net, []float32{0.5 + h, -0.75, 0.5 - h, -0.75, 0.5, -0.75 + h, 0.5, -0.75 - h})
		require.NoError(t, err)
		require.NoError(t, p.Close())
		require.InDelta(t, 1*float64(y[2]-y[5])/(2*h), a.Values[0], 1e-3)
		require.InDelta(t, -1.5*float64(y[8]-y[11])/(2*h), a.Values[1], 1e-3)
	}
}

// TestComplete: attributions of trained networks, smooth ones and with kinks, sum to
// f(x) − f(x′), and the better the more steps there are.
func TestComplete(t *testing.T) {
	for _, name := range []string{"relu", "ditac"} {
		m := models.DiTAC()
		if name == "relu" {
			m = baseline(t, name)
		}
		t.Run("mlp/"+name, func(t *testing.T) {
			build := mlp(tensor.Float64, m, 2, 16, 16, 1)
			r := fit(t, train.Config{Network: build, Loss: models.MSE, Train: waves(64, 1), Steps: 150, LearnRate: 0.01})
			complete(t, build, r.Network, waves(5, 2))
		})
		t.Run("lenet/"+name, func(t *testing.T) {
			build := lenet(m)
			r := fit(t, train.Config{Network: build, Loss: models.CrossEntropy, Train: bars(48, 1), Batch: 12, Steps: 40, LearnRate: 0.01})
			s := bars(6, 2)
			a := complete(t, build, r.Network, s)
			require.Equal(t, s.Labels(), a.Output) // it has learned them
			for i := range s.Len() {               // the bar, of column 1, 4 or 7, matters most
				var column [8]float64
				for k, v := range a.Pixels(i) {
					column[k%8] += v
				}
				best := 0
				for k, v := range column {
					if v > column[best] {
						best = k
					}
				}
				require.Equal(t, 1+3*(i%3), best, "image %d: %v", i, column)
			}
		})
	}
}

func complete(t *testing.T, build train.Builder, net models.Network, s *data.Set) *Attributions {
	t.Helper()
	few, err := IntegratedGradients(build, net, s.X, s.XShape, Options{Steps: 4})
	require.NoError(t, err)
	a, err := IntegratedGradients(build, net, s.X, s.XShape, Options{Steps: 256})
	require.NoError(t, err)
	for i := range a.Len() {
		// A kink of f on the path costs up to its jump of slope / steps.
		require.InDelta(t, a.At[i]-a.AtBaseline[i], a.Sum(i), 0.01)
	}
	// ReLU without biases is linear on the way from 0: nothing but roundings is left then.
	require.Less(t, a.LargestGap(), max(few.LargestGap(), 1e-5))
	return a
}

// TestBatches: batches change roundings at most, and the same call gives the same bits.
func TestBatches(t *testing.T) {
	build := lenet(models.DiTAC())
	net := networkOf(t, build, 1, 8, 8)
	s := bars(3, 1)
	of := func(batch int) *Attributions {
		a, err := IntegratedGradients(build, net, s.X, s.XShape, Options{Steps: 5, Batch: batch, Output: []int{2, 0, 1}})
		require.NoError(t, err)
		return a
	}
	want := of(0)
	require.Equal(t, []int{2, 0, 1}, want.Output)
	require.Equal(t, want, of(0))
	for _, batch := range []int{1, 2, 4, 15, 100} {
		got := of(batch)
		for i, v := range got.Values {
			require.InDelta(t, want.Values[i], v, 1e-6)
		}
		require.InDeltaSlice(t, want.At, got.At, 1e-6)
	}
}

// TestResNet: with batch normalisation the outputs are those of the trained network in
// evaluation, by its running statistics, and examples of a batch do not see each other.
func TestResNet(t *testing.T) {
	build := func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
		return models.NewResNet(g, models.ResNetConfig{Channels: 1, Height: 8, Width: 8, Widths: []int{4, 8}, Classes: 3, Activation: models.DiTAC(), Seed: 1, Mode: mode})
	}
	r := fit(t, train.Config{Network: build, Loss: models.CrossEntropy, Train: bars(48, 1), Batch: 12, Steps: 30, LearnRate: 0.01})
	s := bars(3, 2)
	a := complete(t, build, r.Network, s)
	p, err := train.NewPredictor(build, s.XShape, 3)
	require.NoError(t, err)
	defer p.Close()
	y, err := p.Predict(r.Network, append(make([]float32, 64), s.X[:128]...))
	require.NoError(t, err)
	for i := range 2 {
		require.InDelta(t, y[3+3*i+a.Output[i]], a.At[i], 1e-5)
		require.InDelta(t, y[a.Output[i]], a.AtBaseline[i], 1e-5)
	}
}

// TestSeveralAxes: of an output of the shape (channels, height, width) a number is chosen by
// its index in row-major order; what it does not see, beyond 3×3 filters, has no part in it.
func TestSeveralAxes(t *testing.T) {
	build := func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) { return filter(g) }
	net := networkOf(t, build, 1, 5, 5)
	x := make([]float32, 25)
	for i := range x {
		x[i] = 1
	}
	a, err := IntegratedGradients(build, net, x, []int{1, 5, 5}, Options{Output: []int{25 + 2*5 + 1}, Steps: 2}) // channel 1, row 2, column 1
	require.NoError(t, err)
	w := numbers(t, net.Weights())[9:] // of the filter of channel 1
	for i := range 5 {
		for j := range 5 {
			want := 0.
			if 1 <= i && i <= 3 && j <= 2 {
				want = w[(i-1)*3+j]
			}
			require.InDelta(t, want, a.Values[5*i+j], 1e-6)
		}
	}
}

func TestSums(t *testing.T) {
	a := &Attributions{XShape: []int{2, 1, 2}, Values: []float64{1, -2, 3, 4, -5, 6, 7, 8}, Output: []int{0, 1}, At: []float64{7, 18}, AtBaseline: []float64{1, 1}, Steps: 2}
	require.Equal(t, []float64{4, 2}, a.Pixels(0))
	require.Equal(t, []float64{2, 14}, a.Pixels(1))
	require.Equal(t, []float64{3, 4, 5, 6}, a.MeanAbs())
	require.Equal(t, 6., a.Sum(0))
	require.Equal(t, 0., a.Gap(0))
	require.Equal(t, -1., a.Gap(1))
	require.Equal(t, 1., a.LargestGap())
	require.Nil(t, a.Example(2))
	require.Nil(t, a.Pixels(-1))
	require.True(t, math.IsNaN(a.Gap(2)))
	require.Contains(t, a.String(), "      1      1          18           1          16         -1\n")
	a.XShape = []int{4}
	require.Nil(t, a.Pixels(0))
}

func TestIntegratedGradientsErrors(t *testing.T) {
	build := mlp(tensor.Float32, nil, 2, 3)
	net := networkOf(t, build, 2)
	x := []float32{1, 2, 3, 4}
	nan := float32(math.NaN())
	for _, c := range []struct {
		want   string
		build  train.Builder
		net    models.Network
		x      []float32
		xshape []int
		opts   Options
	}{
		{"build is nil", nil, net, x, []int{2}, Options{}},
		{"from is nil", build, nil, x, []int{2}, Options{}},
		{"x has 0 numbers", build, net, nil, []int{2}, Options{}},
		{"x has 4 numbers, want those of one or more examples of shape [3]", build, net, x, []int{3}, Options{}},
		{"xshape is [-2]", build, net, x, []int{-2}, Options{}},
		{"xshape is [1099511627776]", build, net, x, []int{1 << 40}, Options{}},
		{"shape (2, 2, 1)", build, net, x, []int{2, 1}, Options{Batch: 2}},
		{"x[1] is NaN", build, net, []float32{1, nan}, []int{2}, Options{}},
		{"Options.Baseline has 1 numbers", build, net, x, []int{2}, Options{Baseline: []float32{1}}},
		{"Options.Baseline[0] is NaN", build, net, x, []int{2}, Options{Baseline: []float32{nan, 1}}},
		{"Options.Output has 3 indices", build, net, x, []int{2}, Options{Output: []int{1, 1, 1}}},
		{"Options.Output has index 3, want one in [0, 3)", build, net, x, []int{2}, Options{Output: []int{3}}},
		{"Options.Output has index -1", build, net, x, []int{2}, Options{Output: []int{0, -1}}},
		{"Options.Steps is -1", build, net, x, []int{2}, Options{Steps: -1}},
		{"Options.Batch is -1", build, net, x, []int{2}, Options{Batch: -1}},
		{"CopyNetwork", mlp(tensor.Float32, nil, 2, 4), net, x, []int{2}, Options{}},
	} {
		_, err := IntegratedGradients(c.build, c.net, c.x, c.xshape, c.opts)
		require.ErrorContains(t, err, "explain: IntegratedGradients: ", c.want)
		require.ErrorContains(t, err, c.want)
	}
	bad := func(net models.Network, err error) train.Builder {
		return func(*gorgonia.ExprGraph, models.Mode) (models.Network, error) { return net, err }
	}
	_, err := IntegratedGradients(bad(nil, nil), net, x, []int{2}, Options{})
	require.ErrorContains(t, err, "build made nil")
	_, err = IntegratedGradients(bad(nil, errors.ErrUnsupported), net, x, []int{2}, Options{})
	require.ErrorContains(t, err, "build: unsupported")
	_, err = IntegratedGradients(bad(net, nil), net, x, []int{2}, Options{})
	require.ErrorContains(t, err, "another graph")
}
