package maps

import (
	"context"
	"math"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
)

// waves is a map of 12×10 places with two values each.
func waves() *data.Set {
	s := &data.Set{Name: "waves", XShape: []int{2}, YShape: []int{2}, Inputs: []string{"x", "y"}}
	for r := range 10 {
		for c := range 12 {
			x, y := float64(c)*3, 100+float64(r)
			s.X = append(s.X, float32(x), float32(y))
			s.Y = append(s.Y, float32(1000+50*math.Sin(x/6)), float32(math.Cos(y/3)))
		}
	}
	return s
}

// small returns the task of the waves at a small size.
func small(t *testing.T, s *data.Set) *Task {
	task := New("waves")
	task.Batch, task.Hidden = 32, 16
	require.NoError(t, task.Use(s))
	return task
}

// TestTrain: training fits the map, with activations of all kinds of names; it follows
// from the seed; what it predicts everywhere is kept in the units of the map.
func TestTrain(t *testing.T) {
	task := small(t, waves())
	const steps = 300
	params := map[string]int{}
	for _, name := range []string{"relu", "ditac", "sine3", "relu+fourier2", "relu+chebyshev4"} {
		var settings cli.DiTAC
		a, err := settings.Setting(name, 1)
		require.NoError(t, err)
		run := sweep.Run{Activation: name, Rate: 0.01, Seed: 1}
		counted := 0
		o, err := task.Train(context.Background(), run, a, steps, func() { counted++ })
		require.NoError(t, err)
		require.Equal(t, steps, counted)
		require.Greater(t, o.Scores[0], 50., name) // 0 is what the mean has
		require.Greater(t, o.Scores[1], 50., name)
		values := o.Arrays[Values]
		require.Len(t, values, 2*120)
		require.InDelta(t, 1000, values[0], 100, name) // the map's first values lie within 950 and 1050
		require.Equal(t, name == "ditac", o.Arrays[Theta] != nil)
		params[name] = o.Params
		again, err := task.Train(context.Background(), run, a, steps, func() {})
		require.NoError(t, err)
		require.Equal(t, o.Scores, again.Scores, name)
		require.Equal(t, values, again.Arrays[Values], name)
	}
	require.Equal(t, params["relu"], params["sine3"])
	require.Equal(t, params["relu"]+2*2*2*16, params["relu+fourier2"]) // sine and cosine of 2 octaves of 2 coordinates

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var settings cli.DiTAC
	a, err := settings.Setting("relu", 1)
	require.NoError(t, err)
	o, err := task.Train(ctx, sweep.Run{Activation: "relu", Rate: 0.01, Seed: 1}, a, steps, func() {})
	require.NoError(t, err)
	require.Nil(t, o)
}

// TestSplit: a fifth of the places is held out, another one for another seed; coordinates
// to train on fill [−1,1], values have mean 0.
func TestSplit(t *testing.T) {
	task := small(t, waves())
	_, kept, held, err := task.split(1)
	require.NoError(t, err)
	require.Equal(t, []int{96, 24}, []int{kept.Len(), held.Len()})
	lo, hi, sum := float32(2), float32(-2), 0.0
	for i := range kept.Len() {
		lo, hi = min(lo, kept.X[2*i]), max(hi, kept.X[2*i])
		sum += float64(kept.Y[2*i])
	}
	require.InDelta(t, -1, lo, 1e-6) // the rounding of float32
	require.InDelta(t, 1, hi, 1e-6)
	require.InDelta(t, 0, sum/96, 1e-5)
	_, _, other, err := task.split(2)
	require.NoError(t, err)
	require.NotEqual(t, held.X, other.X)
}

// TestR2 is the mean of the outputs' coefficients: 1 of an exact one, 0 of the mean.
func TestR2(t *testing.T) {
	s := &data.Set{YShape: []int{2}, XShape: []int{1}, X: []float32{0, 1}, Y: []float32{1, 10, 3, 20}}
	got, err := r2([]float32{1, 15, 3, 15}, s)
	require.NoError(t, err)
	require.InDelta(t, 0.5, got, 1e-12)
}

// TestSettings: what is kept with outcomes changes with the map's numbers; one value of a
// place has the shape of a network's output.
func TestSettings(t *testing.T) {
	s := waves()
	first := small(t, s).SHA256
	require.Equal(t, first, small(t, s).SHA256)
	s.Y[3]++
	require.NotEqual(t, first, small(t, s).SHA256)
	series := &data.Set{Name: "series", XShape: []int{1}, X: []float32{0, 1, 2, 3, 4}, Y: []float32{0, 1, 0, 1, 0}}
	require.Equal(t, []int{1}, small(t, series).Set().YShape)
	require.Empty(t, series.YShape)
}

func TestCheck(t *testing.T) {
	for want, change := range map[string]func(*Task){
		"-hold: 1":   func(t *Task) { t.Hold = 1 },
		"-batch: 0":  func(t *Task) { t.Batch = 0 },
		"-hidden: 0": func(t *Task) { t.Hidden = 0 },
		"-map":       func(t *Task) { t.Map = "nowhere" },
		"is no map":  func(t *Task) { t.Map = "digits" },
	} {
		task := New("volcano")
		change(task)
		require.ErrorContains(t, task.Check(), want)
	}
}
