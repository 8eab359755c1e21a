package explain_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// squares returns examples of y = x₀², in which x₁ has no part.
func squares() *data.Set {
	s := &data.Set{XShape: []int{2}, YShape: []int{1}, Name: "squares", Inputs: []string{"x₀", "x₁"}}
	for i := range 15 {
		for j := range 5 {
			x := float32(i-7) / 7
			s.X, s.Y = append(s.X, x, float32(j-2)/2), append(s.Y, x*x)
		}
	}
	return s
}

func network(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
	return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 8, 8, 1}, Activation: models.DiTAC(), Seed: 1})
}

// The example asks which activation contributed what.
func ExampleAblate() {
	result, err := train.Fit(context.Background(), train.Config{
		Network: network, Loss: models.MSE, Train: squares(), Batch: 75, Steps: 300, LearnRate: 0.01,
	})
	if err != nil {
		log.Fatal(err)
	}
	a, err := explain.Ablate(network, result.Network, squares(), models.MSE, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("all that was learned helps:", a.Loss < a.Start)
	for _, r := range a.Activations {
		fmt.Printf("%s, %d parameters: worse without: %v\n", r.Name, r.Params, r.Reset > a.Loss)
	}
	// Output:
	// all that was learned helps: true
	// mlp.0.activation, 59 parameters: worse without: true
	// mlp.1.activation, 59 parameters: worse without: true
}

// The example asks what the inputs contribute, in comparison with x = (0, 0).
func ExampleIntegratedGradients() {
	result, err := train.Fit(context.Background(), train.Config{
		Network: network, Loss: models.MSE, Train: squares(), Batch: 75, Steps: 1000, LearnRate: 0.01,
	})
	if err != nil {
		log.Fatal(err)
	}
	a, err := explain.IntegratedGradients(network, result.Network, []float32{-1, 1, 0.5, -1}, []int{2}, explain.Options{Steps: 512})
	if err != nil {
		log.Fatal(err)
	}
	for i := range a.Len() {
		x := a.Example(i)
		fmt.Printf("x₀: %.1f, x₁ below 0.05: %v\n", x[0], x[1]*x[1] < 0.05*0.05)
	}
	fmt.Println("complete within 0.001:", a.LargestGap() < 0.001)
	// Output:
	// x₀: 1.0, x₁ below 0.05: true
	// x₀: 0.2, x₁ below 0.05: true
	// complete within 0.001: true
}
