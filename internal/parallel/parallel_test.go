package parallel

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEach: every number is called once, for any number of workers.
func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 100} {
		for _, workers := range []int{-1, 0, 1, 2, 200} {
			calls := make([]atomic.Int32, n)
			Each(n, workers, func(k int) { calls[k].Add(1) })
			for k := range calls {
				require.EqualValues(t, 1, calls[k].Load(), "%d of %d, %d workers", k, n, workers)
			}
		}
	}
}

// TestSlices: slices cover all elements in order, are multiples of the given length, and
// are not many.
func TestSlices(t *testing.T) {
	for _, length := range []int{1, 7, 1 << 10} {
		for _, n := range []int{0, 1, length - 1, length, length + 1, 64 * length, 64*length + 1, 1000*length + 3} {
			s := SlicesOf(n, length)
			where := fmt.Sprintf("%d elements, at least %d", n, length)
			ends := make([][2]int, s.Count())
			s.Each(func(slice, from, to int) { ends[slice] = [2]int{from, to} })
			require.LessOrEqual(t, len(ends), maxSlices, where)
			at := 0
			for k, e := range ends {
				require.Equal(t, at, e[0], where)
				if at = e[1]; k < len(ends)-1 {
					require.Zero(t, (e[1]-e[0])%length, where)
				}
			}
			require.Equal(t, n, at, where)
		}
	}
}
