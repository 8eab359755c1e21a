package train

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestConfigErrors: what is wrong with a configuration is said by its name and value.
func TestConfigErrors(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"Network is nil":           func(c *Config) { c.Network = nil },
		"Loss is nil":              func(c *Config) { c.Loss = nil },
		"Train and Source are nil": func(c *Config) { c.Train = nil },
		"Train: data: waves: ":     func(c *Config) { c.Train = waves(50, 1); c.Train.Y = c.Train.Y[1:] },
		"Valid: data: ":            func(c *Config) { c.Valid = &data.Set{} },
		"Valid has inputs of shape [1]": func(c *Config) {
			c.Valid = &data.Set{X: []float32{1}, Y: []float32{1}, XShape: []int{1}, YShape: []int{1}}
		},
		"Batch is -1":                     func(c *Config) { c.Batch = -1 },
		"batches of 51 of 50 examples":    func(c *Config) { c.Batch = 51 },
		"Steps is -2":                     func(c *Config) { c.Steps = -2 },
		"Steps and Epochs are 0":          func(c *Config) { c.Steps = 0 },
		"Steps is 40 and Epochs 1":        func(c *Config) { c.Epochs = 1 },
		"which is too many":               func(c *Config) { c.Steps, c.Epochs = 0, math.MaxInt },
		"EvalEvery is -1":                 func(c *Config) { c.EvalEvery = -1 },
		"Patience is -1":                  func(c *Config) { c.Patience = -1 },
		"Observers[1] is nil":             func(c *Config) { c.Observers = []Observer{CSVLog("x"), nil} },
		"CheckpointEvery is -1":           func(c *Config) { c.CheckpointEvery = -1 },
		"LearnRate is NaN":                func(c *Config) { c.LearnRate = math.NaN() },
		"ThetaRate is -1":                 func(c *Config) { c.ThetaRate = -1 },
		"Clip is +Inf":                    func(c *Config) { c.Clip = math.Inf(1) },
		"Metrics[0] (\"\") has no Name":   func(c *Config) { c.Metrics = []Metric{{}} },
		"Metrics and Patience need Valid": func(c *Config) { c.Valid, c.Patience = nil, 1 },
		"Resume needs a Checkpoint":       func(c *Config) { c.Resume = true },
		"has no StepsPerEpoch: say Steps": func(c *Config) { c.Source, c.Steps, c.Epochs = source(nil), 0, 2 },
		"XShape [0] and YShape []":        func(c *Config) { c.Train, c.Source, c.XShape = nil, source(nil), []int{0} },
		"the Builder for training: no":    func(c *Config) { c.Network = failing("no") },
		"the Builder made nil for training": func(c *Config) {
			c.Network = func(*gorgonia.ExprGraph, models.Mode) (models.Network, error) { return nil, nil }
		},
		"in another graph than it was given": func(c *Config) { c.Network = elsewhere },
		"Loss: of no use": func(c *Config) {
			c.Loss = func(_, _ *gorgonia.Node) (*gorgonia.Node, error) { return nil, errors.New("of no use") }
		},
		"Loss made no scalar node":           func(c *Config) { c.Loss = func(out, _ *gorgonia.Node) (*gorgonia.Node, error) { return out, nil } },
		"the network for 16 inputs of shape": func(c *Config) { c.Train.XShape, c.Train.X, c.Valid = []int{1}, c.Train.X[:50], nil },
		"metric bad: no classes": func(c *Config) {
			c.Metrics = []Metric{{Name: "bad", Of: func(_, _ []float32, _ *data.Set) (float64, error) { return 0, errors.New("no classes") }}}
		},
		"metric accuracy: the set has no Clas": func(c *Config) { c.Metrics = []Metric{Accuracy()} },
		"group \"g\": LearnRate is -1": func(c *Config) {
			c.Groups = func(models.Network) []models.Group { return []models.Group{{Name: "g", LearnRate: -1}} }
		},
		"no such file": func(c *Config) { c.Checkpoint = "no/such/folder/c" },
	} {
		c := small()
		change(&c)
		_, err := Fit(context.Background(), c)
		require.ErrorContains(t, err, "train: Fit: ")
		require.ErrorContains(t, err, want)
	}
	var none context.Context
	_, err := Fit(none, small())
	require.ErrorContains(t, err, "ctx is nil")
}

func failing(text string) Builder {
	return func(*gorgonia.ExprGraph, models.Mode) (models.Network, error) { return nil, errors.New(text) }
}

func elsewhere(_ *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
	return mlp(models.DiTAC(), tensor.Float32)(gorgonia.NewGraph(), mode)
}

// TestEpochs: Epochs makes as many steps as whole batches fit, and an evaluation after
// each; a small Train is one batch.
func TestEpochs(t *testing.T) {
	c := small()
	c.Steps, c.EvalEvery, c.Epochs = 0, 0, 4
	r := fitOf(t, c)
	require.Equal(t, 4*3, r.Steps)
	require.Len(t, r.History, 4)
	require.Equal(t, 2., r.History[1].Epoch)
	c.Train, c.Batch = waves(20, 1), 0
	require.Equal(t, 4, fitOf(t, c).Steps)
	c.Train, c.Source, c.Batch, c.XShape, c.YShape = nil, source(func(_ int, x, y []float32) error {
		require.Len(t, x, 64)
		require.Len(t, y, 32)
		return nil
	}), 0, []int{2}, []int{1}
	c.Steps, c.Epochs = 7, 0
	r = fitOf(t, c)
	require.Len(t, r.History, 1) // at the end
	require.Zero(t, r.History[0].Epoch)
}

// TestClasses: labels without a shape, and metrics of classes.
func TestClasses(t *testing.T) {
	s := waves(60, 1)
	for i, y := range s.Y {
		s.Y[i] = 0
		if y > 0 {
			s.Y[i] = 1
		}
	}
	s.Classes, s.YShape = []string{"below", "above"}, nil
	c := small()
	c.Train, c.Valid, c.Loss = s, s, models.CrossEntropy
	c.Network = func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 16, 2}, Activation: models.DiTAC(), Seed: 1})
	}
	c.Metrics, c.Steps = []Metric{Accuracy(), MeanIoU()}, 100
	r := fitOf(t, c)
	require.Greater(t, r.Best.Metrics[0], 0.9)
	require.Greater(t, r.Best.Metrics[1], 0.8)
	// One output, and targets of one number without a shape: (batch, 1) too.
	c.Network, c.Loss, c.Metrics = mlp(models.DiTAC(), tensor.Float32), models.BinaryCrossEntropy, nil
	r = fitOf(t, c)
	require.Less(t, r.Losses[99], r.Losses[0])
}

func TestBetter(t *testing.T) {
	nan := math.NaN()
	require.True(t, better(2, 1, true))
	require.False(t, better(2, 1, false))
	require.True(t, better(1, 2, false))
	require.False(t, better(1, 1, true) || better(1, 1, false))
	for _, higher := range []bool{true, false} {
		require.True(t, better(1, nan, higher))
		require.False(t, better(nan, 1, higher) || better(nan, nan, higher))
	}
}
