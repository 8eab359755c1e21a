package ditacop_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// splitProblem returns a small network with DiTAC and the cost of fitting |x₀|.
func splitProblem(t *testing.T) (*models.MLP, *gorgonia.Node) {
	t.Helper()
	const batch = 16
	xs, ys := make([]float32, 2*batch), make([]float32, batch)
	for i := range ys {
		xs[2*i], xs[2*i+1] = float32(math.Sin(float64(3*i))), float32(math.Cos(float64(5*i)))
		ys[i] = float32(math.Abs(float64(xs[2*i])))
	}
	g := gorgonia.NewGraph()
	net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 6, 5, 1}, Activation: models.DiTAC(ditacop.WithCells(6)), Seed: 1})
	require.NoError(t, err)
	y, err := net.Forward(gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 2), tensor.WithBacking(xs)), gorgonia.WithName("x")))
	require.NoError(t, err)
	cost, err := models.MSE(y, gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 1), tensor.WithBacking(ys)), gorgonia.WithName("y")))
	require.NoError(t, err)
	return net, cost
}

// learned returns the numbers of all learnables.
func learned(net *models.MLP) [][]float32 {
	var out [][]float32
	for _, n := range net.Learnables() {
		out = append(out, n.Value().Data().([]float32))
	}
	return out
}

func adam(rate float64) gorgonia.Solver {
	return gorgonia.NewAdamSolver(gorgonia.WithLearnRate(rate))
}

// TestSplitSolverRates: a SplitSolver gives to the last bit what two groups of a
// models.Trainer give, of which one has the rate of the weights and one that of θ:
// inside a Trainer, and in a loop with gorgonia.BindDualValues.
func TestSplitSolverRates(t *testing.T) {
	const steps, rate, thetaRate = 25, 0.05, 0.01
	want, cost := splitProblem(t)
	trainer, err := models.NewTrainer(cost,
		models.Group{Nodes: want.Weights(), Solver: adam(rate)},
		models.Group{Nodes: ditacop.Learnables(cost.Graph()), Solver: adam(thetaRate)})
	require.NoError(t, err)
	defer trainer.Close()
	wanted, err := trainer.Run(context.Background(), steps, nil)
	require.NoError(t, err)

	net, cost := splitProblem(t)
	split, err := ditacop.NewSplitSolver(adam(rate), adam(thetaRate), ditacop.Learnables(cost.Graph()))
	require.NoError(t, err)
	trainer, err = models.NewTrainer(cost, models.Group{Nodes: net.Learnables(), Solver: split})
	require.NoError(t, err)
	defer trainer.Close()
	got, err := trainer.Run(context.Background(), steps, nil)
	require.NoError(t, err)
	require.Equal(t, wanted.Losses, got.Losses)
	require.Equal(t, learned(want), learned(net))

	net, cost = splitProblem(t)
	split, err = ditacop.NewSplitSolver(adam(rate), adam(thetaRate), ditacop.Learnables(cost.Graph()))
	require.NoError(t, err)
	_, err = gorgonia.Grad(cost, net.Learnables()...)
	require.NoError(t, err)
	vm := gorgonia.NewTapeMachine(cost.Graph(), gorgonia.BindDualValues(net.Learnables()...))
	defer vm.Close()
	for range steps {
		require.NoError(t, vm.RunAll())
		require.NoError(t, split.Step(gorgonia.NodesToValueGrads(net.Learnables())))
		vm.Reset()
	}
	require.Equal(t, learned(want), learned(net))
}

// lister is a solver that writes down the names of what it steps.
type lister struct {
	names []string
	err   error
}

func (l *lister) Step(model []gorgonia.ValueGrad) error {
	for _, m := range model {
		l.names = append(l.names, m.(gorgonia.Namer).Name())
	}
	return l.err
}

// TestSplitSolverRoles: which solver steps what, and whose error is whose.
func TestSplitSolverRoles(t *testing.T) {
	net, cost := splitProblem(t)
	weights, theta := &lister{}, &lister{}
	split, err := ditacop.NewSplitSolver(weights, theta, ditacop.Learnables(cost.Graph()))
	require.NoError(t, err)
	trainer, err := models.NewTrainer(cost, models.Group{Nodes: net.Learnables(), Solver: split})
	require.NoError(t, err)
	defer trainer.Close()
	_, err = trainer.Step(0, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"mlp.0.weight", "mlp.0.bias", "mlp.1.weight", "mlp.1.bias", "mlp.2.weight", "mlp.2.bias"}, weights.names)
	require.Equal(t, []string{"mlp.0.activation.theta", "mlp.1.activation.theta"}, theta.names)
	theta.err = errors.New("not today")
	_, err = trainer.Step(0, 1)
	require.ErrorIs(t, err, theta.err)
	require.ErrorContains(t, err, "ditacop: step of θ")
	weights.err = errors.New("nor tomorrow")
	_, err = trainer.Step(0, 1)
	require.ErrorIs(t, err, weights.err)
	require.ErrorContains(t, err, "ditacop: step of the weights")
}

// opaque is a part of a model that says of which node it is to nobody.
type opaque struct{ gorgonia.ValueGrad }

// TestSplitSolverFindsNone: a step that finds no θ is an error and steps nothing.
func TestSplitSolverFindsNone(t *testing.T) {
	net, cost := splitProblem(t)
	weights, theta := &lister{}, &lister{}
	split, err := ditacop.NewSplitSolver(weights, theta, ditacop.Learnables(cost.Graph()))
	require.NoError(t, err)
	var model []gorgonia.ValueGrad
	for _, n := range net.Learnables() {
		model = append(model, opaque{n})
	}
	other, _ := splitProblem(t)
	for _, m := range [][]gorgonia.ValueGrad{nil, model, gorgonia.NodesToValueGrads(net.Weights()), gorgonia.NodesToValueGrads(other.Learnables())} {
		require.ErrorContains(t, split.Step(m), "ditacop: SplitSolver: none of the 2 θ nodes is among the")
	}
	require.Empty(t, weights.names)
	require.Empty(t, theta.names)
	require.ErrorContains(t, new(ditacop.SplitSolver).Step(model), "not made by NewSplitSolver")
}

// byValue is a solver that is no pointer and cannot be compared by ==.
type byValue struct{ state []float64 }

func (s byValue) Step([]gorgonia.ValueGrad) error {
	clear(s.state)
	return nil
}

func TestNewSplitSolverErrors(t *testing.T) {
	net, cost := splitProblem(t)
	thetas := ditacop.Learnables(cost.Graph())
	one := adam(0.1)
	for _, c := range []struct {
		name           string
		weights, theta gorgonia.Solver
		thetas         gorgonia.Nodes
		want           string
	}{
		{"nil weights", nil, one, thetas, "nil solver"},
		{"nil theta", one, nil, thetas, "nil solver"},
		{"nil of a type", one, (*gorgonia.AdamSolver)(nil), thetas, "nil solver"},
		{"one solver", one, one, thetas, "weights and theta are one *gorgonia.AdamSolver"},
		{"no nodes", one, adam(0.1), nil, "no θ nodes"},
		{"nil node", one, adam(0.1), gorgonia.Nodes{thetas[0], nil}, "thetas[1] is nil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ditacop.NewSplitSolver(c.weights, c.theta, c.thetas)
			require.Nil(t, s)
			require.ErrorContains(t, err, "ditacop: NewSplitSolver: ")
			require.ErrorContains(t, err, c.want)
		})
	}
	s, err := ditacop.NewSplitSolver(byValue{}, byValue{}, thetas)
	require.NoError(t, err)
	require.NoError(t, s.Step(gorgonia.NodesToValueGrads(net.Learnables())))
}
