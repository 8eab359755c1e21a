package models

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestNetworkErrors: bad configurations.
func TestNetworkErrors(t *testing.T) {
	relu := baselineOf(t, "relu")
	huge := math.MaxInt
	for want, f := range map[string]func(g *gorgonia.ExprGraph) error{
		"Dropout is 1": func(g *gorgonia.ExprGraph) error {
			_, err := NewMLP(g, MLPConfig{Sizes: []int{1, 1}, Dropout: 1})
			return err
		},
		"NewLeNet: Mode is 5": func(g *gorgonia.ExprGraph) error {
			_, err := NewLeNet(g, LeNetConfig{Activation: relu, Mode: 5})
			return err
		},
		"Height is 30": func(g *gorgonia.ExprGraph) error {
			_, err := NewResNet(g, ResNetConfig{Activation: relu, Height: 30})
			return err
		},
		"want 1 to 16 stages": func(g *gorgonia.ExprGraph) error {
			_, err := NewResNet(g, ResNetConfig{Activation: relu, Widths: []int{}})
			return err
		},
		"Widths[0] is -1": func(g *gorgonia.ExprGraph) error {
			_, err := NewResNet(g, ResNetConfig{Activation: relu, Widths: []int{-1}})
			return err
		},
		"Blocks is -1": func(g *gorgonia.ExprGraph) error {
			_, err := NewResNet(g, ResNetConfig{Activation: relu, Blocks: -1})
			return err
		},
		"Classes is 92233": func(g *gorgonia.ExprGraph) error {
			_, err := NewResNet(g, ResNetConfig{Activation: relu, Classes: huge})
			return err
		},
		"NewResNet: Mode is 3": func(g *gorgonia.ExprGraph) error {
			_, err := NewResNet(g, ResNetConfig{Activation: relu, Mode: 3})
			return err
		},
		"more than 268435456": func(g *gorgonia.ExprGraph) error {
			_, err := NewUNet(g, UNetConfig{Activation: relu, Width0: 1 << 20})
			return err
		},
		"Depth is 17": func(g *gorgonia.ExprGraph) error {
			_, err := NewUNet(g, UNetConfig{Activation: relu, Depth: 17})
			return err
		},
		"Width is 60": func(g *gorgonia.ExprGraph) error {
			_, err := NewUNet(g, UNetConfig{Activation: relu, Width: 60})
			return err
		},
		"Size is 24": func(g *gorgonia.ExprGraph) error {
			_, err := NewGenerator(g, GeneratorConfig{Activation: relu, Size: 24})
			return err
		},
		"Latent is -1": func(g *gorgonia.ExprGraph) error {
			_, err := NewGenerator(g, GeneratorConfig{Activation: relu, Latent: -1})
			return err
		},
		"Size is 4,": func(g *gorgonia.ExprGraph) error {
			_, err := NewDiscriminator(g, DiscriminatorConfig{Activation: relu, Size: 4})
			return err
		},
		"Octaves is 33": func(g *gorgonia.ExprGraph) error {
			_, err := NewCoord(g, CoordConfig{Activation: relu, Octaves: 33})
			return err
		},
		"Chebyshev is -1": func(g *gorgonia.ExprGraph) error {
			_, err := NewCoord(g, CoordConfig{Activation: relu, Chebyshev: -1})
			return err
		},
		"one of them 0": func(g *gorgonia.ExprGraph) error {
			_, err := NewCoord(g, CoordConfig{Activation: relu, Octaves: 1, Chebyshev: 1})
			return err
		},
		"Hidden is empty": func(g *gorgonia.ExprGraph) error {
			_, err := NewCoord(g, CoordConfig{Hidden: []int{}, Chebyshev: 1})
			return err
		},
		"number 1 is 0": func(g *gorgonia.ExprGraph) error {
			_, err := NewCoord(g, CoordConfig{Activation: relu, Hidden: []int{0}})
			return err
		},
	} {
		refuses(t, want, func() error { return f(gorgonia.NewGraph()) })
		require.ErrorContains(t, f(gorgonia.NewGraph()), want)
	}
}

// TestTooWide: a network of too many weights is refused before an activation of as many
// channels is made.
func TestTooWide(t *testing.T) {
	for what, f := range map[string]func(g *gorgonia.ExprGraph, m Maker) error{
		"unet": func(g *gorgonia.ExprGraph, m Maker) error {
			_, err := NewUNet(g, UNetConfig{Activation: m, Width0: 1 << 24})
			return err
		},
		"generator": func(g *gorgonia.ExprGraph, m Maker) error {
			_, err := NewGenerator(g, GeneratorConfig{Activation: m, Width: 1 << 24})
			return err
		},
		"coord": func(g *gorgonia.ExprGraph, m Maker) error {
			_, err := NewCoord(g, CoordConfig{Activation: m, Inputs: 1 << 14, Hidden: []int{1 << 20}})
			return err
		},
	} {
		err := f(gorgonia.NewGraph(), func(p Place) (Activation, error) {
			require.Fail(t, "asked for an activation", "%s: %d channels", what, p.Channels)
			return nil, nil
		})
		require.ErrorContains(t, err, "more than 268435456 weights", what)
	}
}

// TestFeatures holds the features of a coordinate against closed forms: T_k(cos a) = cos k·a.
func TestFeatures(t *testing.T) {
	xs := []float64{-0.9, 0.3, 1, -1, 0.123, 0}
	check := func(f features, want func(x float64, k int) float64) {
		t.Helper()
		c := layerCheck{shapes: []tensor.Shape{{3, 2}}, x: [][]float64{xs}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return f.apply(in[0]) }}
		y := c.run(t)
		for i, e := range y {
			// Recurrences and sines of up to 8π·x, each rounded some times.
			near(t, []float64{want(xs[i/f.n], i%f.n)}, []float64{e}, 0, 1e-13, "%s, number %d", f.name, i)
		}
	}
	check(chebyshev(7), func(x float64, k int) float64 { return math.Cos(float64(k+1) * math.Acos(x)) })
	check(fourier(3), func(x float64, k int) float64 {
		w := math.Pi * math.Pow(2, float64((k-1)/2))
		switch {
		case k == 0:
			return x
		case k%2 == 1:
			return math.Sin(w * x)
		}
		return math.Cos(w * x)
	})
}
