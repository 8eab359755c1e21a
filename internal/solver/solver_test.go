package solver

import (
	"testing"

	"github.com/stretchr/testify/require"
	_ "go4.org/unsafe/assume-no-moving-gc" // lets Gorgonia start
	"gorgonia.org/gorgonia"
)

// byValue is a solver that is no pointer and cannot be compared by ==.
type byValue struct{ state []float64 }

func (s byValue) Step([]gorgonia.ValueGrad) error {
	clear(s.state)
	return nil
}

func TestSolvers(t *testing.T) {
	a, b := gorgonia.NewAdamSolver(), gorgonia.NewAdamSolver()
	require.True(t, IsNil(nil))
	require.True(t, IsNil((*gorgonia.AdamSolver)(nil)))
	require.False(t, IsNil(a))
	require.False(t, IsNil(byValue{}))
	require.True(t, Same(a, a))
	require.False(t, Same(a, b))
	require.False(t, Same(a, gorgonia.NewVanillaSolver()))
	require.False(t, Same(byValue{}, byValue{}))
	require.False(t, Same(nil, a))
}
