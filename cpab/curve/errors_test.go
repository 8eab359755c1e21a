package curve

import (
	"math"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestErrors: every error names the argument and its value.
func TestErrors(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	s, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3))
	require.NoError(t, err)
	c, err := New(s, DiTAC)
	require.NoError(t, err)
	e, err := c.Exact([]float64{1, 2, 3})
	require.NoError(t, err)
	before := e.Field().VertexVelocities()
	curve := func(s *cpab.Space, v Variant, slope float64) func() error {
		return func() error { _, err := New(s, v, WithNegativeSlope(slope)); return err }
	}
	exact := func(theta ...float64) func() error {
		return func() error { _, err := c.Exact(theta); return err }
	}
	for _, k := range []struct {
		name string
		call func() error
		want []string
	}{
		{"nil space", curve(nil, DiTAC, 0), []string{"curve: ", "nil space"}},
		{"variant", curve(s, 99, 0), []string{"curve: ", "variant", "Variant(99)", "ditac", "plain"}},
		{"negative variant", curve(s, -1, 0), []string{"curve: ", "variant", "Variant(-1)"}},
		{"ge, domain", curve(s, GE, 0), []string{"curve: ", "domain", "[-3,3]", "ge", "0"}},
		{"NaN slope", curve(s, Leaky, nan), []string{"curve: ", "negative slope", "NaN"}},
		{"infinite slope", curve(s, Leaky, -inf), []string{"curve: ", "negative slope", "-Inf"}},
		{"short theta", exact(1), []string{"len(theta) = 1", "3"}},
		{"no theta", exact(), []string{"len(theta) = 0", "3"}},
		{"theta with NaN", exact(1, 2, nan), []string{"theta[2]", "NaN"}},
		{"theta with Inf", exact(inf, 2, 3), []string{"theta[0]", "+Inf"}},
		{"Reset, long theta", func() error { return e.Reset(make([]float64, 4)) }, []string{"len(theta) = 4", "3"}},
		{"Reset, NaN", func() error { return e.Reset([]float64{0, nan, 0}) }, []string{"theta[1]", "NaN"}},
		{"nil Option", func() error { _, err := New(s, DiTAC, nil); return err }, []string{"curve: ", "nil Option"}},
		{"AddGradV", func() error { return e.AddGradV(make([]float64, 4), 0, 1) }, []string{"curve: ", "len(dv) = 4", "5"}},
		{"ParseVariant", func() error { _, err := ParseVariant("GELU"); return err }, []string{"curve: ", `"GELU"`, "ditac", "leaky", "ge", "infinite", "plain"}},
		{"ParseVariant, empty", func() error { _, err := ParseVariant(""); return err }, []string{"curve: ", `""`}},
	} {
		err := k.call()
		if assert.Error(t, err, k.name) {
			for _, w := range k.want {
				assert.Contains(t, err.Error(), w, k.name)
			}
		}
	}
	require.Equal(t, before, e.Field().VertexVelocities(), "Reset has moved the curve in spite of its error")
	for _, v := range Variants() {
		got, err := ParseVariant(v.String())
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
}
