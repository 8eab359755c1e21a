package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMedianAndRatio(t *testing.T) {
	a, b := measurement{[]float64{3, 1, 2}}, measurement{[]float64{1, 1, 4}}
	require.Equal(t, 2.0, a.median())
	require.Equal(t, 1.0, a.over(b)) // the median of 3, 1 and 1/2
	require.Equal(t, 1.5, measurement{[]float64{1, 2}}.median())
}

func TestCompare(t *testing.T) {
	calls := [2]int{}
	m := compare(3, 0, func() { calls[0]++ }, func() { calls[1]++; time.Sleep(time.Millisecond) })
	require.Len(t, m[0].rounds, 3)
	require.Len(t, m[1].rounds, 3)
	require.Equal(t, calls[0], calls[1])
	require.Greater(t, m[1].median(), 0.9e-3)
}

// TestParts runs the small parts once.
func TestParts(t *testing.T) {
	for _, part := range []string{"setup", "elements", "channels"} {
		var out, messages bytes.Buffer
		require.Equal(t, 0, mainStatus([]string{"-rounds", "1", "-time", "1us", "-large=false", "-only", part}, &out, &messages), messages.String())
		require.Contains(t, out.String(), "θ")
	}
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{{"-rounds", "0"}, {"-only", "everything"}, {"extra"}, {"-time", "x"}} {
		var out, messages bytes.Buffer
		require.Equal(t, 2, mainStatus(args, &out, &messages), args)
		require.Contains(t, messages.String(), args[len(args)-1])
	}
}
