package models

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// swap is the function of the README's swap.
func swap(x *gorgonia.Node) (*gorgonia.Node, error) {
	return ditacop.DiTAC(x, ditacop.WithCells(6))
}

// TestFixedDiTAC: a network of the swap's function trains as one of DiTAC does, on
// the same θ for two inputs, to the last bit.
func TestFixedDiTAC(t *testing.T) {
	train := func(maker Maker) (theta, losses []float64) {
		g := gorgonia.NewGraph()
		net, err := NewMLP(g, MLPConfig{Sizes: []int{2, 8, 5, 1}, Activation: maker, Seed: 1})
		require.NoError(t, err)
		var cost *gorgonia.Node
		for i, batch := range []int{7, 3} {
			x := input(g, tensor.Float32, tensor.Shape{batch, 2}, fmt.Sprint("x", i), ramp(2*batch))
			y, err := net.Forward(x)
			require.NoError(t, err)
			mse, err := MSE(y, input(g, tensor.Float32, tensor.Shape{batch, 1}, fmt.Sprint("target", i), ramp(batch)))
			require.NoError(t, err)
			if i == 0 {
				cost = mse
			} else {
				cost = gorgonia.Must(gorgonia.Add(cost, mse))
			}
		}
		require.Len(t, net.ActivationLearnables(), 2)
		require.Equal(t, 2*8+8+8*5+5+5+1+2*5, net.NumParams()) // 6 cells have 5 parameters
		r, err := trainerOf(t, cost, Group{Nodes: net.Learnables(), LearnRate: 0.05}).Run(context.Background(), 20, nil)
		require.NoError(t, err)
		return parameters(t, net.ActivationLearnables()), r.Losses
	}
	wantTheta, wantLosses := train(DiTAC(ditacop.WithCells(6)))
	theta, losses := train(Fixed(swap))
	require.Equal(t, wantTheta, theta)
	require.Equal(t, wantLosses, losses)
	require.NotContains(t, theta, 0., "θ did not learn")
}

// ramp returns n numbers from −1 to 1.
func ramp(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 2*float64(i)/float64(n-1) - 1
	}
	return x
}

// TestFixedFinds: the θ on which the result depends are found wherever they are from,
// in the order in which the graph has them, and a second Apply shares them or is an
// error.
func TestFixedFinds(t *testing.T) {
	residual := func(f func(*gorgonia.Node) (*gorgonia.Node, error)) func(*gorgonia.Node) (*gorgonia.Node, error) {
		return func(x *gorgonia.Node) (*gorgonia.Node, error) {
			y, err := f(x)
			if err != nil {
				return nil, err
			}
			return gorgonia.Add(x, y)
		}
	}
	for _, c := range []struct {
		name  string
		f     func(held *ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error)
		names []string
		again string // error of the second Apply
	}{
		{"rectify", func(*ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Rectify }, nil, ""},
		{"ditac", func(*ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) { return swap }, []string{"ditac1.theta"}, ""},
		{"per channel", func(*ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) {
			return func(x *gorgonia.Node) (*gorgonia.Node, error) { return ditacop.DiTAC(x, ditacop.WithPerChannel(1)) }
		}, []string{"ditac1.theta"}, ""},
		{"made and more", func(*ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) { return residual(swap) },
			[]string{"ditac1.theta"}, "makes a θ in every call"},
		{"two", func(*ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) {
			return func(x *gorgonia.Node) (*gorgonia.Node, error) {
				y, err := swap(x)
				if err != nil {
					return nil, err
				}
				return swap(y)
			}
		}, []string{"ditac1.theta", "ditac2.theta"}, "makes a θ in every call"},
		{"of twice x", func(*ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) {
			return func(x *gorgonia.Node) (*gorgonia.Node, error) { return swap(gorgonia.Must(gorgonia.Add(x, x))) }
		}, []string{"ditac1.theta"}, "makes a θ in every call"},
		{"held", func(held *ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) { return held.Apply }, []string{"held.theta"}, ""},
		{"held and more", func(held *ditacop.Activation) func(*gorgonia.Node) (*gorgonia.Node, error) {
			return residual(held.Apply)
		},
			[]string{"held.theta"}, ""},
	} {
		for _, used := range []bool{false, true} { // whether held is in the graph before
			t.Run(fmt.Sprintf("%s/used=%v", c.name, used), func(t *testing.T) {
				g := gorgonia.NewGraph()
				x := []*gorgonia.Node{
					input(g, tensor.Float32, tensor.Shape{2, 3}, "x0", ramp(6)),
					input(g, tensor.Float32, tensor.Shape{4, 3}, "x1", ramp(12)),
				}
				held, err := ditacop.New(g, tensor.Float32, ditacop.WithName("held"))
				require.NoError(t, err)
				if used {
					_, err := held.Apply(x[1])
					require.NoError(t, err)
				}
				a, err := Fixed(c.f(held))(Place{Graph: g, Dtype: tensor.Float32, Name: "place"})
				require.NoError(t, err)
				require.Empty(t, a.Learnables())
				_, err = a.Apply(x[0])
				require.NoError(t, err)
				thetas := a.Learnables()
				require.Equal(t, c.names, names(thetas))
				y, err := a.Apply(x[1])
				require.Equal(t, thetas, a.Learnables())
				if c.again != "" {
					require.ErrorContains(t, err, `in "place": `)
					require.ErrorContains(t, err, c.again)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tensor.Shape{4, 3}, y.Shape())
				for _, theta := range thetas {
					require.True(t, reach(y, nil)[theta], "y depends on another θ than %v", theta)
				}
			})
		}
	}
}

func names(nodes gorgonia.Nodes) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Name())
	}
	return out
}

func TestFixedErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, tensor.Shape{3}, "x", ramp(3))
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		x    *gorgonia.Node
		f    func(x *gorgonia.Node) (*gorgonia.Node, error)
		want string
	}{
		{"nil x", nil, gorgonia.Rectify, "x is nil or in no graph"},
		{"zero x", &gorgonia.Node{}, gorgonia.Rectify, "x is nil or in no graph"},
		{"nil y", x, func(*gorgonia.Node) (*gorgonia.Node, error) { return nil, nil }, "result is nil"},
		{"other graph", x, func(*gorgonia.Node) (*gorgonia.Node, error) {
			return input(gorgonia.NewGraph(), tensor.Float32, tensor.Shape{3}, "y", ramp(3)), nil
		}, "another graph than x"},
		{"error", x, func(*gorgonia.Node) (*gorgonia.Node, error) { return nil, broken }, "broken"},
		{"input", x, func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(x, input(g, tensor.Float32, tensor.Shape{3}, "slopes", ramp(3)))
		}, "adds the input slopes :: Vector float32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := Fixed(c.f)(Place{Name: "place"})
			require.NoError(t, err)
			_, err = a.Apply(c.x)
			require.ErrorContains(t, err, "models: Fixed(")
			require.ErrorContains(t, err, c.want)
		})
	}
}

// TestActivationNames: activations print as what they are.
func TestActivationNames(t *testing.T) {
	for _, name := range Baselines() {
		place := Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "place", Channels: 3, Axis: 1}
		a, err := baselineOf(t, name)(place)
		require.NoError(t, err)
		require.Equal(t, name, fmt.Sprint(a))
	}
	place := Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "place"}
	a, err := Fixed(gorgonia.Rectify)(place)
	require.NoError(t, err)
	require.Equal(t, "Fixed(gorgonia.Rectify)", fmt.Sprint(a))
	a, err = Fixed(swap)(place)
	require.NoError(t, err)
	require.Equal(t, "Fixed(models.swap)", fmt.Sprint(a))
}
