package dashboard_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/dashboard"
	"gorgonia.org/gorgonia"
)

// The example shows a training at the address that it prints.
func ExampleStart() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	board, err := dashboard.Start(dashboard.Options{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	defer board.Close()
	fmt.Fprintln(os.Stderr, "see", board.URL())
	result, err := train.Fit(context.Background(), train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 8, 1}, Activation: models.DiTAC(), Seed: 1})
		},
		Loss: models.MSE, Train: &data.Set{X: []float32{-1, 0, 1}, Y: []float32{1, 0, 1}, XShape: []int{1}, YShape: []int{1}},
		Steps: 20, Observers: []train.Observer{board.Run("parabola")},
	})
	fmt.Println(result.Steps, "steps", err)
	// Output: 20 steps <nil>
}
