//go:build cuda

package gpu

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestElements: what the kernels' 32-bit counters cannot hold is an error.
func TestElements(t *testing.T) {
	require.NoError(t, Elements{Outer: 3, Length: 1 << 20}.check(2))
	require.NoError(t, Elements{Outer: 1, Length: math.MaxInt32 / 2}.check(2))
	require.EqualError(t, Elements{Outer: 2, Length: 1 << 29}.check(2), "gpu: 1073741824 elements for each of 2 groups, want at most 1073741823")
}
