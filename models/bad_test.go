package models

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// badNodes are nodes that no network, activation or cost can take, in the graph g.
func badNodes(g *gorgonia.ExprGraph) map[string]*gorgonia.Node {
	other := func(dims int, opts ...gorgonia.NodeConsOpt) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, dims, opts...)
	}
	return map[string]*gorgonia.Node{
		"nil":              nil,
		"zero":             {},
		"no graph":         gorgonia.NewConstant(float32(1)),
		"no shape 1":       other(1, gorgonia.WithName("vector")),
		"no shape 2":       other(2, gorgonia.WithName("matrix")),
		"no shape 4":       other(4, gorgonia.WithName("images")),
		"no shape or name": other(2),
		"ints":             gorgonia.NewMatrix(g, tensor.Int, gorgonia.WithShape(2, 3), gorgonia.WithName("ints")),
		"bools":            gorgonia.NewScalar(g, tensor.Bool, gorgonia.WithName("bool")),
		"zero dtype":       gorgonia.NewMatrix(g, tensor.Dtype{}, gorgonia.WithShape(2, 3), gorgonia.WithName("none")),
		"no rows":          other(2, gorgonia.WithShape(0, 3), gorgonia.WithName("rows")),
		"no images":        other(4, gorgonia.WithShape(0, 1, 28, 28), gorgonia.WithName("batch")),
		"no small images":  other(4, gorgonia.WithShape(0, 2, 8, 4), gorgonia.WithName("small")),
	}
}

// refuses asserts that f gives an error, no panic, and that the error can be read.
func refuses(t *testing.T, what string, f func() error) {
	t.Helper()
	var err error
	require.NotPanics(t, func() { err = f() }, what)
	require.ErrorContains(t, err, "models: ", what)
	require.NotContains(t, err.Error(), "PANIC", what)
	require.NotContains(t, err.Error(), "%!", what)
}

// TestBadNodes gives bad nodes to everything that takes nodes.
func TestBadNodes(t *testing.T) {
	for _, name := range []string{"nil", "zero", "no graph", "no shape 1", "no shape 2", "no shape 4", "no shape or name", "ints", "bools", "zero dtype", "no rows", "no images", "no small images"} {
		t.Run(name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			bad := badNodes(g)[name]
			for _, n := range testNetworks {
				refuses(t, n.name, func() error {
					net, err := n.make(g, DiTACPerChannel())
					require.NoError(t, err)
					_, err = net.Forward(bad)
					return err
				})
			}
			for _, b := range Baselines() {
				refuses(t, b, func() error {
					a, err := baselineOf(t, b)(Place{Graph: g, Dtype: tensor.Float32, Name: b, Channels: 3, Axis: 1})
					require.NoError(t, err)
					_, err = a.Apply(bad)
					return err
				})
			}
			good := input(g, tensor.Float32, tensor.Shape{2, 3}, "good", ramp(6))
			refuses(t, "MSE prediction", func() error { _, err := MSE(bad, good); return err })
			refuses(t, "MSE target", func() error { _, err := MSE(good, bad); return err })
			refuses(t, "MSE both", func() error { _, err := MSE(bad, bad); return err })
			refuses(t, "CopyValues dst", func() error { return CopyValues(gorgonia.Nodes{bad}, gorgonia.Nodes{good}) })
			refuses(t, "CopyValues src", func() error { return CopyValues(gorgonia.Nodes{good}, gorgonia.Nodes{bad}) })
			refuses(t, "CopyValues both", func() error { return CopyValues(gorgonia.Nodes{bad}, gorgonia.Nodes{bad}) })
			refuses(t, "NewTrainer cost", func() error { _, err := NewTrainer(bad, Group{Nodes: gorgonia.Nodes{good}}); return err })
			cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(good))))
			refuses(t, "NewTrainer learnable", func() error { _, err := NewTrainer(cost, Group{Nodes: gorgonia.Nodes{bad}}); return err })
		})
	}
}

// TestFixedBadNodes: what Fixed does not know to be bad is left to its function.
func TestFixedBadNodes(t *testing.T) {
	for name, bad := range badNodes(gorgonia.NewGraph()) {
		a, err := Fixed(swap)(Place{Name: "place"})
		require.NoError(t, err)
		if name == "nil" || name == "zero" || name == "no graph" {
			refuses(t, name, func() error { _, err := a.Apply(bad); return err })
		}
	}
}

// TestZeroValues: zero values of all exported types and nil arguments.
func TestZeroValues(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, tensor.Shape{2, 3}, "x", ramp(6))
	relu := baselineOf(t, "relu")
	ctx := context.Background()
	for what, f := range map[string]func() error{
		"zero Trainer step":  func() error { _, err := new(Trainer).Step(0, 1); return err },
		"zero Trainer run":   func() error { _, err := new(Trainer).Run(ctx, 1, nil); return err },
		"zero MLPConfig":     func() error { _, err := NewMLP(g, MLPConfig{}); return err },
		"zero LeNetConfig":   func() error { _, err := NewLeNet(g, LeNetConfig{}); return err },
		"zero ResNetConfig":  func() error { _, err := NewResNet(g, ResNetConfig{}); return err },
		"zero UNetConfig":    func() error { _, err := NewUNet(g, UNetConfig{}); return err },
		"zero Generator":     func() error { _, err := NewGenerator(g, GeneratorConfig{}); return err },
		"zero Discrim.":      func() error { _, err := NewDiscriminator(g, DiscriminatorConfig{}); return err },
		"zero CoordConfig":   func() error { _, err := NewCoord(g, CoordConfig{}); return err },
		"CopyNetwork":        func() error { return CopyNetwork(nil, nil) },
		"zero Group":         func() error { _, err := NewTrainer(gorgonia.Must(gorgonia.Sum(x)), Group{}); return err },
		"NewTrainer(nil)":    func() error { _, err := NewTrainer(nil); return err },
		"zero Place, prelu":  func() error { _, err := baselineOf(t, "prelu")(Place{}); return err },
		"place without type": func() error { _, err := baselineOf(t, "prelu")(Place{Graph: g, Name: "p"}); return err },
		"zero Place, DiTAC":  func() error { _, err := DiTAC()(Place{}); return err },
		"zero Place, per":    func() error { _, err := DiTACPerChannel()(Place{}); return err },
		"Fixed(nil)":         func() error { _, err := Fixed(nil)(Place{}); return err },
		"Baseline":           func() error { _, err := Baseline(""); return err },
		"CrossEntropy":       func() error { _, err := CrossEntropy(nil, nil); return err },
		"BinaryCrossEntropy": func() error { _, err := BinaryCrossEntropy(nil, nil); return err },
		"Dice":               func() error { _, err := Dice(nil, nil); return err },
		"Adam":               func() error { return new(Adam).Step([]gorgonia.ValueGrad{nil}) },
		"CopyValues":         func() error { return CopyValues(nil, gorgonia.Nodes{nil}) },
	} {
		refuses(t, what, f)
	}
	for _, n := range testNetworks {
		net := n.zero
		refuses(t, n.name+", zero", func() error { _, err := net.Forward(x); return err })
		refuses(t, n.name+", zero, of nil", func() error { _, err := net.Forward(nil); return err })
		refuses(t, n.name+" in no graph", func() error { _, err := n.make(nil, relu); return err })
		require.Empty(t, net.Learnables())
		require.Empty(t, net.Activations())
		require.Empty(t, net.PreActivations())
		require.Zero(t, net.NumParams())
	}
	require.NoError(t, new(Trainer).Close())
}
