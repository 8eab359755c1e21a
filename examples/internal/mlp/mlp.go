// Package mlp holds what the examples with a multilayer perceptron share: the network
// with the memory of its inputs, and its outputs for any number of inputs.
package mlp

import (
	"context"
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Net is a float32 network in a graph of its own, with inputs of some batch size.
type Net struct {
	*models.MLP
	Graph *gorgonia.ExprGraph
	Out   *gorgonia.Node

	cfg models.MLPConfig
	x   *tensor.Dense
}

// New makes a network.
func New(cfg models.MLPConfig, batch int) (*Net, error) {
	cfg.Dtype = tensor.Float32
	n := &Net{cfg: cfg, Graph: gorgonia.NewGraph()}
	var err error
	if n.MLP, err = models.NewMLP(n.Graph, cfg); err != nil {
		return nil, err
	}
	n.x = tensor.New(tensor.WithShape(batch, cfg.Sizes[0]), tensor.Of(tensor.Float32))
	n.Out, err = n.Forward(gorgonia.NodeFromAny(n.Graph, n.x, gorgonia.WithName("x")))
	return n, err
}

// Inputs returns the memory of the inputs, row by row.
func (n *Net) Inputs() []float32 { return n.x.Data().([]float32) }

// Target returns a node of the outputs' shape and its memory.
func (n *Net) Target() (*gorgonia.Node, []float32) {
	y := tensor.New(tensor.WithShape(n.Out.Shape()...), tensor.Of(tensor.Float32))
	return gorgonia.NodeFromAny(n.Graph, y, gorgonia.WithName("target")), y.Data().([]float32)
}

// Groups returns the network's learnables for a trainer: the weights, and the
// activations' at their own rate.
func (n *Net) Groups(rate, activationRate float64, schedule models.Schedule) []models.Group {
	return []models.Group{
		{Name: "weights", Nodes: n.Weights(), LearnRate: rate, Schedule: schedule},
		{Name: "activation", Nodes: n.ActivationLearnables(), LearnRate: activationRate, Schedule: schedule},
	}
}

// Fit trains the network's learnables for a number of steps. next fills inputs and
// target before each, progress is called after it.
func (n *Net) Fit(ctx context.Context, cost *gorgonia.Node, groups []models.Group, steps int, next, progress func()) (models.Result, error) {
	trainer, err := models.NewTrainer(cost, groups...)
	if err != nil {
		return models.Result{}, err
	}
	defer trainer.Close()
	trainer.Progress = func(int, float64) { progress() }
	return trainer.Run(ctx, steps, func(int) error {
		next()
		return nil
	})
}

// Penalize returns the cost plus the penalty of the network's DiTAC activations, if it has
// any.
func (n *Net) Penalize(cost *gorgonia.Node) (*gorgonia.Node, error) {
	if len(ditacop.Activations(n.Graph)) == 0 {
		return cost, nil
	}
	penalty, err := ditacop.Penalty(n.Graph)
	if err != nil {
		return nil, err
	}
	return gorgonia.Add(cost, penalty)
}

// Evaluation is what a network makes of some inputs.
type Evaluation struct {
	Out     []float32 // the outputs, row by row
	First   []float32 // the inputs of the first activation
	Seconds float64   // of the evaluation, as cli.Quickest takes them
}

// Evaluate evaluates the network on inputs x of any number, row by row. It makes a graph
// of that batch size.
func (n *Net) Evaluate(x []float32) (*Evaluation, error) {
	fail := func(err error) (*Evaluation, error) { return nil, fmt.Errorf("evaluation: %w", err) }
	e, err := New(n.cfg, len(x)/n.cfg.Sizes[0])
	if err != nil {
		return fail(err)
	}
	if err := ditacop.CopyLearnables(e.Graph, n.Learnables()); err != nil {
		return fail(err)
	}
	copy(e.Inputs(), x)
	var outputs, first gorgonia.Value
	gorgonia.Read(e.Out, &outputs)
	gorgonia.Read(e.PreActivations()[0], &first)
	vm, err := cuda.NewTapeMachine(e.Graph)
	if err != nil {
		return fail(err)
	}
	defer vm.Close()
	seconds, err := cli.Quickest(func() error {
		vm.Reset()
		return vm.RunAll()
	})
	if err != nil {
		return fail(err)
	}
	return &Evaluation{
		Out:     slices.Clone(outputs.Data().([]float32)),
		First:   slices.Clone(first.Data().([]float32)),
		Seconds: seconds,
	}, nil
}
