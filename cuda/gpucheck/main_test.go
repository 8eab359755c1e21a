package main

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cuda/bench"
)

func TestFlags(t *testing.T) {
	for arg, want := range map[string]string{
		"-largest=5":  "-largest is 5, want 1024 to 268435456",
		"-repeats=0":  "-repeats is 0, want at least 1",
		"-section=x":  `-section is "x", want one of `,
		"-limit=0s":   "-limit is 0s, want a positive time",
		"nonsense":    `unexpected argument "nonsense"`,
		"-largest=1k": `invalid value "1k"`,
	} {
		_, err := parse([]string{arg}, io.Discard)
		require.ErrorContains(t, err, want)
	}
}

// TestReport runs the checks on the bench; a build without the GPU has the CPU's times.
func TestReport(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(config{largest: 2048, repeats: 1}, &out), "%v", &out)
	require.NotContains(t, out.String(), "FAILED")
	require.Contains(t, out.String(), "ms a step")
	if bench.Active() {
		for _, name := range sectionNames() {
			require.Contains(t, out.String(), "\n== "+name+"\n")
		}
		require.Contains(t, out.String(), "the bench interprets PTX") // the log of loading
		require.Greater(t, strings.Count(out.String(), "  ok\n"), 150)
	}
	t.Log(out.String())
}

// TestGoesOn: a check that fails, in whatever way, does not keep the others from being
// made.
func TestGoesOn(t *testing.T) {
	all := sections
	t.Cleanup(func() { sections = all })
	sections = []section{
		{"first", func(r *report) error { r.check("too large", 2, 1); r.check("no number", math.NaN(), 1); return nil }},
		{"second", func(*report) error { return errors.New("broken") }},
		{"third", func(*report) error { panic("worse") }},
		{"fourth", func(r *report) error { r.check("right", 1, 1); return nil }},
	}
	var out bytes.Buffer
	require.EqualError(t, run(config{}, &out), "4 of 5 checks failed")
	for _, want := range []string{"FAILED: broken", "FAILED: panic: worse", "== fourth", "  ok", "1 of 5 checks passed"} {
		require.Contains(t, out.String(), want)
	}
	out.Reset()
	require.NoError(t, run(config{section: "fourth"}, &out))
	require.NotContains(t, out.String(), "broken")
}

func TestSpread(t *testing.T) {
	require.Equal(t, []int{0, 3, 6, 9}, spread(10, 4))
	require.Equal(t, []int{0, 1, 2}, spread(3, 5))
	require.Equal(t, []int{0}, spread(1, 5))
}
