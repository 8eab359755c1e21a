package metric

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestR2(t *testing.T) {
	for _, c := range []struct {
		name         string
		pred, target []float64
		want         float64
	}{
		{"perfect", []float64{1, 2, 3}, []float64{1, 2, 3}, 1},
		{"mean", []float64{2, 2, 2}, []float64{1, 2, 3}, 0},
		{"worse", []float64{3, 2, 1}, []float64{1, 2, 3}, -3},
		// The example of scikit-learn's r2_score.
		{"sklearn", []float64{2.5, 0, 2, 8}, []float64{3, -0.5, 2, 7}, 0.9486081370449679},
		{"offset", []float64{1e9 + 1, 1e9 + 2, 1e9 + 2}, []float64{1e9 + 1, 1e9 + 2, 1e9 + 3}, 0.5},
		{"one off", []float64{0, 0}, []float64{0, 1}, -1},
	} {
		got, err := R2(c.pred, c.target)
		require.NoError(t, err, c.name)
		require.InDelta(t, c.want, got, 1e-15, c.name)
	}
}

func TestR2Errors(t *testing.T) {
	_, err := R2([]float64{1}, []float64{1, 2})
	require.ErrorContains(t, err, "1 predictions for 2 targets")
	_, err = R2(nil, nil)
	require.ErrorContains(t, err, "0 predictions for 0 targets")
	_, err = R2([]float64{1, 2, 3}, []float64{0.1, 0.1, 0.1}) // of which the mean is not 0.1
	require.ErrorContains(t, err, "all 3 targets are 0.1")
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		pred, target []float64
		want         string
	}{
		{[]float64{1, nan, nan}, []float64{1, 2, 3}, "pred[1] is NaN"},
		{[]float64{1, 2, inf}, []float64{1, 2, 3}, "pred[2] is +Inf"},
		{[]float64{1, 2, 3}, []float64{nan, nan, nan}, "target[0] is NaN"},
		{[]float64{1, 2, 3}, []float64{1, -inf, 3}, "target[1] is -Inf"},
		{[]float64{0, 0}, []float64{-1e200, 1e200}, "range of float64"},  // the squares overflow
		{[]float64{1, 2}, []float64{0, 1e-200}, "range of float64"},      // total underflows
		{[]float64{0, 0}, []float64{1e-200, 2e-200}, "range of float64"}, // both underflow
	} {
		got, err := R2(c.pred, c.target)
		require.ErrorContains(t, err, "metric: R2: ")
		require.ErrorContains(t, err, c.want)
		require.Zero(t, got)
	}
}
