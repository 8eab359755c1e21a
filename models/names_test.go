package models

import (
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestByName: every name makes an activation, the DiTAC ones that of their variant.
func TestByName(t *testing.T) {
	variants := map[string]ditacop.Variant{
		"ditac": ditacop.VariantDiTAC, "ditac-leaky": ditacop.VariantLeaky, "ditac-ge": ditacop.VariantGE,
		"ditac-infinite": ditacop.VariantInfinite, "ditac-plain": ditacop.VariantPlain,
		"amplified": ditacop.VariantAmplified, "amplified4": ditacop.VariantAmplified, "amplified16": ditacop.VariantAmplified,
	}
	names := Names()
	require.Subset(t, names, Baselines())
	seen := map[string]bool{}
	for _, name := range names {
		require.False(t, seen[name], "%s twice", name)
		seen[name] = true
		maker, err := ByName(name)
		require.NoError(t, err)
		a, err := maker(Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "a", Channels: 3, Axis: 1})
		require.NoError(t, err, name)
		if v, ok := variants[name]; ok {
			require.Equal(t, v, a.(*ditacop.Activation).Variant(), name)
		}
	}
	for name := range variants {
		require.True(t, seen[name], name)
	}
	_, err := ByName("sinus")
	require.ErrorContains(t, err, `models: ByName: unknown activation "sinus"`)
	for _, name := range names {
		require.ErrorContains(t, err, name)
	}
}

// TestDiTACDomains: layers get the domains in order, in every graph anew.
func TestDiTACDomains(t *testing.T) {
	domains := [][2]float64{{-2, 2}, {-5, 1}}
	maker := DiTACDomains(domains, ditacop.WithCells(6))
	domains[0] = [2]float64{9, 10} // is the caller's
	for range 2 {
		g := gorgonia.NewGraph()
		net, err := NewMLP(g, MLPConfig{Sizes: []int{2, 4, 3, 1}, Activation: maker})
		require.NoError(t, err)
		for k, want := range [][2]float64{{-2, 2}, {-5, 1}} {
			lo, hi := net.Activations()[k].(*ditacop.Activation).Space().Domain()
			require.Equal(t, want, [2]float64{lo, hi})
		}
		_, err = maker(Place{Graph: g, Dtype: tensor.Float32, Name: "third"})
		require.ErrorContains(t, err, `place "third" is number 3 of its graph, but there are 2 domains`)
	}
	_, err := DiTACDomains([][2]float64{{1, 0}})(Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "a"})
	require.Error(t, err)
	_, err = maker(Place{Dtype: tensor.Float32, Name: "a"})
	require.ErrorContains(t, err, "nil graph")
}
