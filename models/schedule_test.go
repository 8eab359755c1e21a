package models

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestConstant(t *testing.T) {
	for step := range 5 {
		require.Equal(t, 1., Constant(step, 5))
	}
}

func TestCosine(t *testing.T) {
	for _, c := range []struct {
		step, steps int
		want        float64
	}{{0, 10, 1}, {5, 10, 0.5}, {1, 3, 0.75}, {2, 3, 0.25}, {10, 10, 0}, {1, 4, (2 + math.Sqrt2) / 4}, {0, 1, 1}} {
		require.InDelta(t, c.want, Cosine(c.step, c.steps), 1e-15, "%d of %d", c.step, c.steps)
	}
}

// TestCosineFalls: the factor falls from 1 and stays positive throughout a run.
func TestCosineFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.IntRange(2, 100000).Draw(t, "steps")
		step := rapid.IntRange(1, steps-1).Draw(t, "step")
		now, before := Cosine(step, steps), Cosine(step-1, steps)
		require.Less(t, now, before)
		require.Positive(t, now)
		require.LessOrEqual(t, before, 1.)
	})
}
