package main

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// warmSteps are made before steps are measured, so that DiTAC's θ is a trained one.
const warmSteps = 2000

// network makes a network for a batch and returns its output and groups of
// learnables.
type network struct {
	name    string
	shape   tensor.Shape // of the inputs
	outputs int
	warm    int
	make    func(g *gorgonia.ExprGraph, x *gorgonia.Node, a models.Maker) (out *gorgonia.Node, weights, theta gorgonia.Nodes, err error)
	ditac   []ditacop.Option
}

var networks = []network{
	{
		name: "MLP 2→50→1, batch 98 (Figure 1, DiTAC as tuned in examples/regression)", shape: tensor.Shape{98, 2}, outputs: 1, warm: warmSteps,
		make: func(g *gorgonia.ExprGraph, x *gorgonia.Node, a models.Maker) (*gorgonia.Node, gorgonia.Nodes, gorgonia.Nodes, error) {
			net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 50, 1}, Activation: a, Dtype: tensor.Float32, Seed: 1})
			if err != nil {
				return nil, nil, nil, err
			}
			y, err := net.Forward(x)
			return y, net.Weights(), net.ActivationLearnables(), err
		},
		ditac: []ditacop.Option{ditacop.WithCells(30), ditacop.WithDomain(-2, 2), ditacop.WithBasis(cpab.BasisNodal)},
	},
	{
		name: "the same, with tolerance 1e-4", shape: tensor.Shape{98, 2}, outputs: 1, warm: warmSteps,
		ditac: []ditacop.Option{ditacop.WithCells(30), ditacop.WithDomain(-2, 2), ditacop.WithBasis(cpab.BasisNodal), ditacop.WithTolerance(1e-4)},
	},
	{
		name: "the same, DiTAC with its defaults", shape: tensor.Shape{98, 2}, outputs: 1, warm: warmSteps,
	},
	{
		name: "LeNet, 16 and 32 filters, batch 64 of 28×28, DiTAC with its defaults", shape: tensor.Shape{64, 1, 28, 28}, outputs: 10, warm: 3,
		make: func(g *gorgonia.ExprGraph, x *gorgonia.Node, a models.Maker) (*gorgonia.Node, gorgonia.Nodes, gorgonia.Nodes, error) {
			net, err := models.NewLeNet(g, models.LeNetConfig{Activation: a, Seed: 1})
			if err != nil {
				return nil, nil, nil, err
			}
			y, err := net.Forward(x)
			return y, net.Weights(), net.ActivationLearnables(), err
		},
	},
}

func init() { networks[1].make, networks[2].make = networks[0].make, networks[0].make }

// perChannel is the network on which a θ per channel is measured beside one θ per layer.
var perChannel = network{
	name: "MLP 2→64→64→3, batch 512, DiTAC with its defaults", shape: tensor.Shape{512, 2}, outputs: 3, warm: 200,
	make: func(g *gorgonia.ExprGraph, x *gorgonia.Node, a models.Maker) (*gorgonia.Node, gorgonia.Nodes, gorgonia.Nodes, error) {
		net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 64, 64, 3}, Activation: a, Dtype: tensor.Float32, Seed: 1})
		if err != nil {
			return nil, nil, nil, err
		}
		y, err := net.Forward(x)
		return y, net.Weights(), net.ActivationLearnables(), err
	},
}

// stepper returns a function that makes a training step on fresh inputs.
func (n *network) stepper(a models.Maker) (step func() error, done func(), err error) {
	xs, ys := make([]float32, n.shape.TotalSize()), make([]float32, n.shape[0]*n.outputs)
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(n.shape...), tensor.WithBacking(xs)), gorgonia.WithName("x"))
	y := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(n.shape[0], n.outputs), tensor.WithBacking(ys)), gorgonia.WithName("y"))
	out, weights, theta, err := n.make(g, x, a)
	if err != nil {
		return nil, nil, err
	}
	cost, err := models.MSE(out, y)
	if err != nil {
		return nil, nil, err
	}
	trainer, err := models.NewTrainer(cost, models.Group{Name: "weights", Nodes: weights, LearnRate: 0.005}, models.Group{Name: "θ", Nodes: theta, LearnRate: 0.00125})
	if err != nil {
		return nil, nil, err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	return func() error {
		for i := range xs {
			xs[i] = 2*rng.Float32() - 1
		}
		perRow := len(xs) / n.shape[0]
		for i := range ys {
			row := xs[i/n.outputs*perRow:]
			a, b := row[0], row[1]
			ys[i] = 4 * a * b * (a - b)
		}
		_, err := trainer.Step(0, 1)
		return err
	}, func() { _ = trainer.Close() }, nil
}

// steps measures training steps of networks.
func steps(c *config, out io.Writer) error {
	rows := [][]string{{"network", "Rectify µs", "DiTAC µs", "DiTAC ÷ Rectify"}}
	for i := range networks {
		n := &networks[i]
		row, err := n.row(c, models.Fixed(gorgonia.Rectify), models.DiTAC(n.ditac...))
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if err := printTable(out, "one training step (forward, backward, Adam)", rows); err != nil {
		return err
	}
	row, err := perChannel.row(c, models.DiTAC(), models.DiTACPerChannel())
	if err != nil {
		return err
	}
	return printTable(out, "one training step, with a θ per channel", [][]string{{"network", "one θ µs", "per channel µs", "per channel ÷ one θ"}, row})
}

// row returns the name, the times of a step with two activations, and how many times that
// with the first the other takes.
func (n *network) row(c *config, first, second models.Maker) ([]string, error) {
	var fs []func()
	var failed error
	for _, m := range []models.Maker{first, second} {
		step, done, err := n.stepper(m)
		if err != nil {
			return nil, err
		}
		defer done()
		for range n.warm {
			if err := step(); err != nil {
				return nil, err
			}
		}
		fs = append(fs, func() {
			if err := step(); err != nil {
				failed = err
			}
		})
	}
	m := compare(c.rounds, 5*c.atLeast, fs...)
	return []string{n.name, fmt.Sprintf("%.0f", m[0].median()*1e6), fmt.Sprintf("%.0f", m[1].median()*1e6), fmt.Sprintf("%.2f", m[1].over(m[0]))}, failed
}
