package models

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestCopyValues: a copy gives the numbers and shares no memory.
func TestCopyValues(t *testing.T) {
	for _, dt := range dtypes {
		src, _, _ := network(t, dt, 3, []int{2, 4, 1}, "prelu")
		dst, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{2, 4, 1}, Activation: baselineOf(t, "prelu"), Dtype: dt, Seed: 8})
		require.NoError(t, err)
		want := parameters(t, src.Learnables())
		require.NotEqual(t, want, parameters(t, dst.Learnables()))
		require.NoError(t, CopyValues(dst.Learnables(), src.Learnables()))
		require.Equal(t, want, parameters(t, dst.Learnables()))
		for _, n := range src.Learnables() {
			set(t, n, make([]float64, n.Shape().TotalSize()))
		}
		require.Equal(t, want, parameters(t, dst.Learnables()))
	}
	a := input(gorgonia.NewGraph(), tensor.Float64, tensor.ScalarShape(), "a", []float64{1})
	b := input(gorgonia.NewGraph(), tensor.Float64, tensor.ScalarShape(), "b", []float64{2})
	require.NoError(t, CopyValues(gorgonia.Nodes{a}, gorgonia.Nodes{b}))
	require.Equal(t, []float64{2}, numbers(t, a.Value()))
	require.NoError(t, CopyValues(nil, nil))
}

func TestCopyValuesErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	node := func(dt tensor.Dtype, name string, shape ...int) *gorgonia.Node {
		return input(g, dt, shape, name, make([]float64, tensor.Shape(shape).TotalSize()))
	}
	a, b := node(tensor.Float64, "a", 3), node(tensor.Float64, "b", 3)
	set(t, b, []float64{1, 2, 3})
	empty := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithShape(3), gorgonia.WithName("empty"))
	ints := func(name string) *gorgonia.Node {
		return gorgonia.NewVector(g, tensor.Int, gorgonia.WithShape(3), gorgonia.WithName(name),
			gorgonia.WithValue(tensor.New(tensor.WithBacking([]int{1, 2, 3}))))
	}
	for _, c := range []struct {
		name     string
		dst, src *gorgonia.Node
		want     string
	}{
		{"nil dst", nil, a, "dst is nil"},
		{"nil src", a, nil, "src is nil"},
		{"no value", a, empty, "in src has no value"},
		{"computed", gorgonia.Must(gorgonia.Add(a, b)), a, "in dst is not an input"},
		{"length", node(tensor.Float64, "length", 2), a, "float64 of shape (2) in dst, float64 of shape (3) in src"},
		{"rank", node(tensor.Float64, "rank", 3, 1), a, "(3, 1)"},
		{"dtype", node(tensor.Float32, "f32", 3), a, "float32 of shape (3) in dst"},
		{"ints", ints("i1"), ints("i2"), "dtype int"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := CopyValues(gorgonia.Nodes{a, c.dst}, gorgonia.Nodes{b, c.src})
			require.ErrorContains(t, err, "node 1: ")
			require.ErrorContains(t, err, c.want)
			require.Equal(t, make([]float64, 3), numbers(t, a.Value()), "node 0 was copied all the same")
		})
	}
	require.ErrorContains(t, CopyValues(gorgonia.Nodes{a, b}, gorgonia.Nodes{b}), "2 nodes in dst, 1 in src")
}
