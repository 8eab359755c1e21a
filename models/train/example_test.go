package train_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
)

// sine returns n points of y = sin(4·x), x from −1 to 1.
func sine(n int) *data.Set {
	s := &data.Set{XShape: []int{1}, YShape: []int{1}, Name: "sine"}
	for i := range n {
		x := 2*float64(i)/float64(n-1) - 1
		s.X, s.Y = append(s.X, float32(x)), append(s.Y, float32(math.Sin(4*x)))
	}
	return s
}

// network makes an MLP with DiTAC activations.
func network(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
	return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 16, 1}, Activation: models.DiTAC(), Seed: 1})
}

// The example trains on 64 points and evaluates on 33 others. Ctrl-C would end it early.
func ExampleFit() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	result, err := train.Fit(ctx, train.Config{
		Network: network,
		Loss:    models.MSE,
		Train:   sine(64), Valid: sine(33),
		Batch: 16, Epochs: 200,
		LearnRate: 0.02, Schedule: models.Cosine,
		Metrics: []train.Metric{train.R2()},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("steps:", result.Steps, "evaluations:", len(result.History))
	fmt.Println("R² above 0.98:", result.Best.Metrics[0] > 0.98)
	for _, d := range result.Domains {
		fmt.Printf("%s: domain [%v,%v], in it at the start %.0f %%\n", d.Name, d.A, d.B, 100*d.Start)
	}
	// Output:
	// steps: 800 evaluations: 200
	// R² above 0.98: true
	// mlp.0.activation: domain [-3,3], in it at the start 100 %
}

// The example is interrupted, as by Ctrl-C or a kill, and goes on from its checkpoint. The
// same program, started again, does that.
func ExampleFit_resume() {
	folder, err := os.MkdirTemp("", "train")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	c := train.Config{
		Network: network, Loss: models.MSE, Train: sine(64), Batch: 16, Steps: 40,
		Checkpoint: filepath.Join(folder, "checkpoint.safetensors"), CheckpointEvery: 10, Resume: true,
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.Observers = []train.Observer{train.ObserverFunc(func(e train.Event) error {
		if e.Step == 15 {
			cancel()
		}
		return nil
	})}
	result, err := train.Fit(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Steps, "steps, interrupted:", result.Interrupted)
	c.Observers = nil
	if result, err = train.Fit(context.Background(), c); err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Steps, "steps, interrupted:", result.Interrupted)
	// Output:
	// 15 steps, interrupted: true
	// 40 steps, interrupted: false
}

// The example computes the outputs of a trained network for any number of inputs.
func ExamplePredictor() {
	result, err := train.Fit(context.Background(), train.Config{
		Network: network, Loss: models.MSE, Train: sine(64), Batch: 64, Steps: 1000, LearnRate: 0.01,
	})
	if err != nil {
		log.Fatal(err)
	}
	p, err := train.NewPredictor(network, []int{1}, 2)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	y, err := p.Predict(result.Network, []float32{-0.4, 0.5, 0.4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f\n", y)
	// Output: [-1 1 1]
}

// The example puts all but the outermost 2 % of what each activation sees into its domain.
func ExampleCalibrate() {
	gelu, err := models.Baseline("gelu")
	if err != nil {
		log.Fatal(err)
	}
	c := train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 16, 1}, Activation: gelu, Seed: 1})
		},
		Loss: models.MSE, Train: sine(64), Batch: 64, Steps: 100,
	}
	domains, err := train.Calibrate(context.Background(), c, 0.01)
	if err != nil {
		log.Fatal(err)
	}
	c.Network = func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 16, 1}, Activation: models.DiTACDomains(domains), Seed: 1})
	}
	result, err := train.Fit(context.Background(), c)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(domains), "domain; in it at the end more than 90 %:", result.Domains[0].End > 0.9)
	// Output: 1 domain; in it at the end more than 90 %: true
}

// The example logs the evaluations.
func ExampleCSVLog() {
	folder, err := os.MkdirTemp("", "train")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "log.csv")
	_, err = train.Fit(context.Background(), train.Config{
		Network: network, Loss: models.MSE, Train: sine(64), Valid: sine(33), Batch: 16, Epochs: 3,
		Metrics:   []train.Metric{train.RMSE()},
		Observers: []train.Observer{train.CSVLog(path), train.JSONLog(filepath.Join(folder, "log.json"))},
	})
	if err != nil {
		log.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	fmt.Println(lines[0])
	fmt.Println(len(lines)-1, "evaluations")
	// Output:
	// step,epoch,train_loss,valid_loss,seconds,rmse
	// 3 evaluations
}

// The example computes the loss of a trained network on another set.
func ExampleEvaluator() {
	result, err := train.Fit(context.Background(), train.Config{
		Network: network, Loss: models.MSE, Train: sine(64), Batch: 64, Steps: 1000, LearnRate: 0.01,
	})
	if err != nil {
		log.Fatal(err)
	}
	e, err := train.NewEvaluator(network, models.MSE, sine(33), 0)
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	loss, err := e.Loss(result.Network)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("below 0.01:", loss < 0.01)
	// Output: below 0.01: true
}
