package explain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// mlp returns a Builder of a multilayer perceptron.
func mlp(dt tensor.Dtype, activation models.Maker, sizes ...int) train.Builder {
	return func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: sizes, Activation: activation, Dtype: dt, Seed: 3, Mode: mode})
	}
}

// networkOf returns a network that nobody trained, after its Forward.
func networkOf(t testing.TB, build train.Builder, xshape ...int) models.Network {
	t.Helper()
	net, err := fresh(build, xshape)
	require.NoError(t, err)
	return net
}

func baseline(t testing.TB, name string) models.Maker {
	t.Helper()
	m, err := models.Baseline(name)
	require.NoError(t, err)
	return m
}

// waves returns n examples of y = sin(3·x₀) + x₁/2.
func waves(n int, seed uint64) *data.Set {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := &data.Set{XShape: []int{2}, YShape: []int{1}, Name: "waves"}
	for range n {
		a, b := 2*rng.Float64()-1, 2*rng.Float64()-1
		s.X = append(s.X, float32(a), float32(b))
		s.Y = append(s.Y, float32(math.Sin(3*a)+b/2))
	}
	return s
}

// bars returns n images of 8×8 pixels with a bar on the left, in the middle or on the
// right, which is their class, and noise.
func bars(n int, seed uint64) *data.Set {
	rng := rand.New(rand.NewPCG(seed, 2))
	s := &data.Set{XShape: []int{1, 8, 8}, Classes: []string{"left", "middle", "right"}, Name: "bars"}
	for i := range n {
		x := make([]float32, 64)
		for k := range x {
			x[k] = 0.2 * rng.Float32()
		}
		for row := range 8 {
			x[8*row+1+3*(i%3)] += 0.8
		}
		s.X, s.Y = append(s.X, x...), append(s.Y, float32(i%3))
	}
	return s
}

func lenet(activation models.Maker) train.Builder {
	return func(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
		return models.NewLeNet(g, models.LeNetConfig{Height: 8, Width: 8, Filters: [2]int{4, 6}, Classes: 3, Activation: activation, Seed: 1, Mode: mode})
	}
}

func fit(t testing.TB, c train.Config) *train.Result {
	t.Helper()
	r, err := train.Fit(context.Background(), c)
	require.NoError(t, err)
	return r
}

// numbers returns the values of nodes, one after another.
func numbers(t testing.TB, nodes gorgonia.Nodes) []float64 {
	t.Helper()
	var all []float64
	for _, n := range nodes {
		x, err := values.Float64s(n.Value())
		require.NoError(t, err)
		all = append(all, x...)
	}
	return all
}

// product is a network whose output is the product of its inputs, of shape (batch).
type product struct{ *models.MLP }

func (p product) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	var y *gorgonia.Node
	for k := range x.Shape()[1] {
		column, err := gorgonia.Slice(x, nil, gorgonia.S(k))
		if err == nil && y != nil {
			column, err = gorgonia.HadamardProd(y, column)
		}
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", k, err)
		}
		y = column
	}
	return y, nil
}

func products(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
	m, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 1}, Dtype: tensor.Float64}) // some learnables
	return product{m}, err
}

// filters is a network of two 3×3 filters.
type filters struct{ *models.LeNet }

func filter(g *gorgonia.ExprGraph) (models.Network, error) {
	same := models.Fixed(func(x *gorgonia.Node) (*gorgonia.Node, error) { return x, nil })
	n, err := models.NewLeNet(g, models.LeNetConfig{Height: 4, Width: 4, Filters: [2]int{2, 2}, Activation: same, Seed: 5})
	return filters{n}, err
}

func (f filters) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	return models.Conv2D(x, f.Weights()[0], nil, models.ConvOptions{Pad: 1})
}
