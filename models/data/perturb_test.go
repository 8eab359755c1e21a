package data

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoisyLabels(t *testing.T) {
	s := classes(100)
	before := s.Clone()
	for _, share := range []float64{0, .25, 1} {
		c, err := NoisyLabels(s, share, 1)
		require.NoError(t, err)
		require.NoError(t, c.Check())
		changed := 0
		for i := range c.Y {
			if c.Y[i] != s.Y[i] {
				changed++
			}
		}
		require.Equal(t, int(100*share), changed)
		require.Equal(t, s.X, c.X)
		again, err := NoisyLabels(s, share, 1)
		require.NoError(t, err)
		require.Equal(t, c, again)
	}
	require.Equal(t, before, s)
	_, err := NoisyLabels(s, 1.5, 1)
	require.ErrorContains(t, err, "share 1.5")
	_, err = NoisyLabels(s, math.NaN(), 1)
	require.ErrorContains(t, err, "share NaN")
	_, err = NoisyLabels(&Set{X: []float32{1}, Y: []float32{1}}, .5, 1)
	require.ErrorContains(t, err, "0 classes")
}

func TestMissingInputs(t *testing.T) {
	s := &Set{X: make([]float32, 10000), Y: make([]float32, 10000)}
	c, err := MissingInputs(s, .3, 1, 1)
	require.NoError(t, err)
	require.InDelta(t, 3000, total(c.X), 5*math.Sqrt(10000*.3*.7)) // five standard deviations
	require.Zero(t, total(s.X))
	_, err = MissingInputs(s, .3, float32(math.NaN()), 1)
	require.ErrorContains(t, err, "is NaN")
	_, err = MissingInputs(s, -1, 0, 1)
	require.ErrorContains(t, err, "share -1")
}

func total(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x)
	}
	return sum
}

func TestImbalanced(t *testing.T) {
	s := classes(100) // 50, 33, 17
	c, err := Imbalanced(s, 1, .1, 1)
	require.NoError(t, err)
	require.Equal(t, []int{50, 3, 17}, c.Counts())
	require.IsIncreasing(t, first(c))
	c, err = Imbalanced(s, 2, 0, 1)
	require.NoError(t, err)
	require.Equal(t, []int{50, 33, 1}, c.Counts())
	_, err = Imbalanced(s, 3, .5, 1)
	require.ErrorContains(t, err, "class 3 of 3")
	_, err = Imbalanced(c.mustSubset(t, 0), 2, .5, 1)
	require.ErrorContains(t, err, `class 2, "c", has no examples`)
}

func (s *Set) mustSubset(t *testing.T, idx ...int) *Set {
	sub, err := s.Subset(idx)
	require.NoError(t, err)
	return sub
}

func TestShiftInputs(t *testing.T) {
	s := classes(2)
	c, err := ShiftInputs(s, .5)
	require.NoError(t, err)
	require.Equal(t, []float32{.5, .5, 1.5, 1.5}, c.X)
	_, err = ShiftInputs(s, float32(math.Inf(1)))
	require.Error(t, err)
}

func ExampleNoisyLabels() {
	s := &Set{X: []float32{1, 2, 3, 4}, Y: []float32{0, 0, 0, 0}, Classes: []string{"a", "b"}}
	noisy, err := NoisyLabels(s, 0.25, 1)
	fmt.Println(noisy.Counts(), err)
	// Output: [3 1] <nil>
}

func ExampleMissingInputs() {
	s := &Set{X: []float32{1, 2, 3}, Y: []float32{1, 2, 3}}
	missing, err := MissingInputs(s, 1, 0, 1)
	fmt.Println(missing.X, err)
	// Output: [0 0 0] <nil>
}

func ExampleImbalanced() {
	s := &Set{X: []float32{1, 2, 3, 4}, Y: []float32{0, 0, 1, 1}, Classes: []string{"a", "b"}}
	rare, err := Imbalanced(s, 1, 0.5, 1)
	fmt.Println(rare.Counts(), err)
	// Output: [2 1] <nil>
}

func ExampleShiftInputs() {
	s := &Set{X: []float32{1, 2}, Y: []float32{1, 2}}
	shifted, err := ShiftInputs(s, 0.5)
	fmt.Println(shifted.X, err)
	// Output: [1.5 2.5] <nil>
}
