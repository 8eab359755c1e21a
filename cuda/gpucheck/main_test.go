package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cuda/bench"
)

func TestFlags(t *testing.T) {
	for arg, want := range map[string]string{
		"-largest=5":  "-largest is 5, want 1024 to 268435456",
		"-repeats=0":  "-repeats is 0, want at least 1",
		"nonsense":    `unexpected argument "nonsense"`,
		"-largest=1k": `invalid value "1k"`,
	} {
		_, err := parse([]string{arg}, io.Discard)
		require.ErrorContains(t, err, want)
	}
}

// TestReport runs the checks on the bench, and wants the build without the GPU to say
// how to get one with it.
func TestReport(t *testing.T) {
	var out bytes.Buffer
	err := run(config{largest: 2048, repeats: 1}, &out)
	if !bench.Active() && err != nil {
		require.ErrorContains(t, err, "go run -tags cuda ./cuda/gpucheck")
		return
	}
	require.NoError(t, err)
	require.Contains(t, out.String(), "98 of 98 checks passed")
	require.NotContains(t, out.String(), "FAILED")
	require.Greater(t, strings.Count(out.String(), "\n"), 85)
	t.Log(out.String())
}
