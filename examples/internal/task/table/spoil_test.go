package table

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hundred is a table of 100 rows, 80 of the class x and 20 of y, whose a is the number of
// the row and b its square.
func hundred() string {
	var b strings.Builder
	b.WriteString("a,b,kind\n")
	for i := range 100 {
		fmt.Fprintf(&b, "%d,%d,%s\n", i, i*i, map[bool]string{true: "y", false: "x"}[i%5 == 0])
	}
	return b.String()
}

// differing counts where two slices differ.
func differing(a, b []float32) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestSpoil: each flag spoils what it says, of the rows to train on alone or of the test,
// and nothing else.
func TestSpoil(t *testing.T) {
	of := func(seed uint64, flags ...string) rows {
		task, err := read(t, hundred(), flags...)
		require.NoError(t, err)
		r, err := task.split(seed)
		require.NoError(t, err)
		return r
	}
	clean := of(3)
	require.Equal(t, 80, clean.kept.Len())
	require.Equal(t, []int{64, 16}, clean.kept.Counts())

	noisy := of(3, "-label-noise", "0.25")
	require.Equal(t, 20, differing(noisy.kept.Y, clean.kept.Y))
	require.Equal(t, clean.kept.X, noisy.kept.X)
	require.Equal(t, clean.test, noisy.test)
	require.Equal(t, noisy, of(3, "-label-noise", "0.25"))
	require.NotEqual(t, noisy.kept.Y, of(4, "-label-noise", "0.25").kept.Y)

	missing := of(3, "-missing-inputs", "0.5")
	zeros := 0
	for _, x := range missing.kept.X {
		if x == 0 {
			zeros++
		}
	}
	require.InDelta(t, 80, zeros, 25) // of 160; four standard deviations
	require.Equal(t, clean.test, missing.test)
	require.Equal(t, clean.kept.Y, missing.kept.Y)

	shifted := of(3, "-shift", "-0.5")
	require.Equal(t, clean.kept, shifted.kept)
	for i, x := range shifted.test.X {
		require.Equal(t, clean.test.X[i]-0.5, x)
	}

	rare := of(3, "-imbalance", "0.25")
	require.Equal(t, []int{64, 4}, rare.kept.Counts())
	require.Equal(t, clean.test.Counts(), rare.test.Counts())

	few := of(3, "-rows", "20")
	require.Equal(t, []int{16, 4}, few.kept.Counts())
	require.Equal(t, clean.test.Y, few.test.Y) // the inputs are scaled by other rows

	stopped := of(3, "-patience", "3")
	require.Equal(t, 64, stopped.kept.Len())
	require.Equal(t, 16, stopped.valid.Len())
	require.Nil(t, clean.valid)
}

// TestNoisyNumbers: a part of the rows exchange their numbers, so that these stay as they
// are distributed.
func TestNoisyNumbers(t *testing.T) {
	task, err := read(t, hundred(), "-target", "b", "-drop", "kind", "-label-noise", "0.25")
	require.NoError(t, err)
	clean, err := read(t, hundred(), "-target", "b", "-drop", "kind")
	require.NoError(t, err)
	noisy, err := task.split(1)
	require.NoError(t, err)
	r, err := clean.split(1)
	require.NoError(t, err)
	require.Equal(t, 20, differing(noisy.kept.Y, r.kept.Y))
	slices.Sort(noisy.kept.Y)
	slices.Sort(r.kept.Y)
	require.Equal(t, r.kept.Y, noisy.kept.Y)
}

// TestBalanced: 3 of 4 x and 1 of 2 y are right, which is 62.5 % of the average class.
func TestBalanced(t *testing.T) {
	task, err := read(t, hundred())
	require.NoError(t, err)
	s, err := task.set.Subset([]int{1, 2, 3, 4, 0, 5}) // x x x x y y
	require.NoError(t, err)
	x := float32(slices.Index(s.Classes, "x"))
	say := func(class bool) []float32 { // logits
		if class == (x == 0) {
			return []float32{1, 0}
		}
		return []float32{0, 1}
	}
	got, err := balanced(slices.Concat(say(true), say(true), say(true), say(false), say(false), say(true)), s)
	require.NoError(t, err)
	require.Equal(t, 0.625, got)
}
