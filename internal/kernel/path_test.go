package kernel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStart: a name that is not followed is visible, in one line that says all.
func TestStart(t *testing.T) {
	for _, name := range []string{"bogus", "AVX2", "avx2 ", "neon"} {
		var log strings.Builder
		require.Equal(t, best(), start(name, &log))
		for _, want := range []string{"DITAC_KERNELS=", name, "using " + best().String(), "portable avx2 avx512"} {
			require.Contains(t, log.String(), want)
		}
		require.Equal(t, 1, strings.Count(log.String(), "\n"))
	}
	for _, p := range []Path{Portable, AVX2, AVX512} {
		var log strings.Builder
		got := start(p.String(), &log)
		require.Equal(t, p.supported(), got == p)
		require.Equal(t, !p.supported(), log.Len() > 0, "%v: %q", p, log.String())
	}
	var log strings.Builder
	require.Equal(t, best(), start("", &log))
	require.Zero(t, log.Len())
}
