package progress_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/progress"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
)

func config() train.Config {
	s := &data.Set{XShape: []int{1}, YShape: []int{1}}
	for i := range 20 {
		s.X, s.Y = append(s.X, float32(i)/20), append(s.Y, float32(i%3))
	}
	return train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 1}})
		},
		Loss: models.MSE, Train: s, Valid: s, Batch: 5, Epochs: 5, Metrics: []train.Metric{train.RMSE()},
	}
}

// TestBar: the bar says loss, metric, throughput and the count of steps.
func TestBar(t *testing.T) {
	var out bytes.Buffer
	bar := progress.Bar(&out)
	c := config()
	c.Observers = []train.Observer{train.ObserverFunc(func(e train.Event) error {
		if e.Step == 10 && e.Kind == train.Stepped {
			time.Sleep(300 * time.Millisecond) // past the throttle
		}
		return nil
	}), bar}
	_, err := train.Fit(context.Background(), c)
	require.NoError(t, err)
	require.Regexp(t, `loss [0-9.e-]+, rmse [0-9.]+, [0-9.e+]+ examples/s`, out.String())
	require.Contains(t, out.String(), "10/20")
	// A training that fails before it starts, and events out of order, harm nothing.
	require.NoError(t, progress.Bar(&out).Observe(train.Event{Kind: train.Ended}))
	require.NoError(t, progress.Bar(&out).Observe(train.Event{Kind: train.Stepped, Step: 1, Steps: 2}))
	require.NoError(t, bar.Observe(train.Event{Kind: train.Started, Step: 5, Steps: 20, Resumed: true}))
}

func ExampleBar() {
	var terminal bytes.Buffer // os.Stderr in a program
	c := config()
	c.Observers = []train.Observer{progress.Bar(&terminal)}
	result, err := train.Fit(context.Background(), c)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Steps)
	// Output: 20
}
