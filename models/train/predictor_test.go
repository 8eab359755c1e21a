package train

import (
	"math"
	"testing"

	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestPredictor: outputs do not depend on how the examples are cut into batches, for any
// number of them, in any order of calls.
func TestPredictor(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		c := small()
		c.Network = mlp(models.DiTAC(), dt)
		net := fitOf(t, c).Network
		x := waves(37, 5).X
		one, err := NewPredictor(c.Network, []int{2}, 1)
		require.NoError(t, err)
		want, err := one.Predict(net, x)
		require.NoError(t, err)
		require.Len(t, want, 37)
		require.NoError(t, one.Close())
		p, err := NewPredictor(c.Network, []int{2}, 8)
		require.NoError(t, err)
		for _, n := range []int{37, 8, 5, 3, 16, 13, 1, 37} {
			got, err := p.Predict(net, x[:2*n])
			require.NoError(t, err)
			require.Len(t, got, n)
			for i := range got { // products of other sizes may round in another order
				require.InDelta(t, want[i], got[i], 1e-6)
			}
		}
		require.NoError(t, p.Close())
		require.NoError(t, p.Close())
		_, err = p.Predict(net, x)
		require.ErrorContains(t, err, "train: Predict: the Predictor is closed")
	}
}

func TestPredictorErrors(t *testing.T) {
	_, err := NewPredictor(nil, []int{2}, 1)
	require.ErrorContains(t, err, "train: NewPredictor: network is nil")
	build := mlp(models.DiTAC(), tensor.Float32)
	_, err = NewPredictor(build, []int{2}, 0)
	require.ErrorContains(t, err, "batch is 0")
	_, err = NewPredictor(build, []int{2, 0}, 1)
	require.ErrorContains(t, err, "xshape is [2 0]")
	_, err = new(Predictor).Predict(nil, []float32{1})
	require.ErrorContains(t, err, "not made by NewPredictor")
	require.NoError(t, new(Predictor).Close())
	p, err := NewPredictor(build, []int{2}, 4)
	require.NoError(t, err)
	defer p.Close()
	_, err = p.Predict(nil, []float32{1, 2})
	require.ErrorContains(t, err, "from is nil")
	net := fitOf(t, small()).Network
	_, err = p.Predict(net, []float32{1, 2, 3})
	require.ErrorContains(t, err, "3 inputs, want a multiple of 2")
	_, err = p.Predict(net, nil)
	require.ErrorContains(t, err, "0 inputs")
	_, err = p.Predict(net, []float32{1, 2}) // 6 cells for 30
	require.ErrorContains(t, err, "CopyNetwork")
	three, err := NewPredictor(build, []int{3}, 4)
	require.NoError(t, err)
	defer three.Close()
	_, err = three.Predict(net, []float32{1, 2, 3})
	require.ErrorContains(t, err, "shape (1, 3)")
}

// TestEvaluation: loss and metrics of Valid are those of all its examples, also where these
// leave a short batch or are fewer than one.
func TestEvaluation(t *testing.T) {
	for _, n := range []int{3, 16, 21, 32} {
		c := small()
		c.Valid = waves(n, 2)
		c.Metrics = []Metric{R2(), RMSE(), PSNR(2)}
		r := fitOf(t, c)
		p, err := NewPredictor(c.Network, []int{2}, n)
		require.NoError(t, err)
		out, err := p.Predict(r.Network, c.Valid.X)
		require.NoError(t, err)
		require.NoError(t, p.Close())
		sum, mean, total := 0., 0., 0.
		for i, y := range c.Valid.Y {
			sum += math.Pow(float64(out[i]-y), 2)
			mean += float64(y) / float64(n)
		}
		for _, y := range c.Valid.Y {
			total += math.Pow(float64(y)-mean, 2)
		}
		last := r.History[len(r.History)-1]
		require.InEpsilon(t, sum/float64(n), last.ValidLoss, 1e-5)
		require.InDelta(t, 1-sum/total, last.Metrics[0], 1e-5)
		require.InEpsilon(t, math.Sqrt(sum/float64(n)), last.Metrics[1], 1e-5)
		require.InEpsilon(t, 10*math.Log10(4*float64(n)/sum), last.Metrics[2], 1e-4)
		best := 0
		for i, h := range r.History {
			if h.Metrics[0] > r.History[best].Metrics[0] {
				best = i
			}
			trained := 0.
			for _, l := range r.Losses[h.Step-5 : h.Step] {
				trained += l / 5
			}
			require.InDelta(t, trained, h.TrainLoss, 1e-12)
			require.InDelta(t, float64(h.Step)/3, h.Epoch, 1e-12) // 50 examples are 3 batches
		}
		require.Equal(t, r.History[best], r.Best)
	}
}

// firstInputs computes the inputs of the first activation of a network for waves.
func firstInputs(t testing.TB, net models.Network, x []float32) [][]float64 {
	t.Helper()
	w := net.Weights()
	weight, bias := w[0].Value().Data().([]float32), w[1].Value().Data().([]float32)
	var rows [][]float64
	for ; len(x) > 0; x = x[2:] {
		row := make([]float64, len(bias))
		for k := range row {
			row[k] = float64(x[0]*weight[k] + x[1]*weight[len(bias)+k] + bias[k])
		}
		rows = append(rows, row)
	}
	return rows
}

// TestDomains: the in-domain fractions are those of inputs that are computed by hand.
func TestDomains(t *testing.T) {
	fraction := func(rows [][]float64) float64 {
		in, all := 0., 0.
		for _, row := range rows {
			for _, e := range row {
				if e >= -0.25 && e <= 0.5 {
					in++
				}
				all++
			}
		}
		return in / all
	}
	for _, valid := range []bool{true, false} {
		c := small()
		domains := [][2]float64{{-0.25, 0.5}}
		c.Network = mlp(models.DiTACDomains(domains), tensor.Float32)
		x := c.Valid.X
		if !valid {
			c.Valid = nil
			x = make([]float32, 32)
			normal, err := c.withDefaults()
			require.NoError(t, err)
			require.NoError(t, normal.Source.Fill(0, x, make([]float32, 16)))
		}
		g, err := newGraph(c.Network, models.Evaluation, 1, []int{2})
		require.NoError(t, err)
		start := fraction(firstInputs(t, g.net, x))
		r := fitOf(t, c)
		require.Equal(t, []Domain{{
			Name: "mlp.0.activation", A: -0.25, B: 0.5, Start: start, End: fraction(firstInputs(t, r.Network, x)),
		}}, r.Domains)
	}
}

// TestCalibrate: the domains are quantiles of inputs that are computed by hand.
func TestCalibrate(t *testing.T) {
	c := small()
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	c.Network, c.Steps = mlp(relu, tensor.Float32), 0
	g, err := newGraph(c.Network, models.Evaluation, 1, []int{2})
	require.NoError(t, err)
	for _, q := range []float64{0, 0.1, 0.25} {
		got, err := Calibrate(t.Context(), c, q)
		require.NoError(t, err)
		require.Len(t, got, 1)
		below, above, all := 0, 0, 0
		for _, row := range firstInputs(t, g.net, c.Valid.X) {
			for _, e := range row {
				if e < got[0][0]-1e-6 {
					below++
				}
				if e > got[0][1]+1e-6 {
					above++
				}
				all++
			}
		}
		require.InDelta(t, q*float64(all), below, 1)
		require.InDelta(t, q*float64(all), above, 1)
	}
	c.Steps = 40 // of the trained network
	trained, err := Calibrate(t.Context(), c, 0)
	require.NoError(t, err)
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, row := range firstInputs(t, fitOf(t, c).Network, c.Valid.X) {
		for _, e := range row {
			lo, hi = min(lo, e), max(hi, e)
		}
	}
	require.InDelta(t, lo, trained[0][0], 1e-6)
	require.InDelta(t, hi, trained[0][1], 1e-6)
	for _, q := range []float64{-0.1, 0.5, math.NaN()} {
		_, err = Calibrate(t.Context(), c, q)
		require.ErrorContains(t, err, "train: Calibrate: quantile is")
	}
	_, err = Calibrate(t.Context(), Config{}, 0.1)
	require.ErrorContains(t, err, "train: Calibrate: Config.Network is nil")
	ctx, stop := interruptAt(3)
	c.Observers = []Observer{stop}
	_, err = Calibrate(ctx, c, 0.1)
	require.ErrorContains(t, err, "context canceled")
}

// TestNoActivations: a linear network has no domains.
func TestNoActivations(t *testing.T) {
	c := small()
	c.Network = func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 1}})
	}
	require.Empty(t, fitOf(t, c).Domains)
	got, err := Calibrate(t.Context(), c, 0.1)
	require.NoError(t, err)
	require.Empty(t, got)
}
