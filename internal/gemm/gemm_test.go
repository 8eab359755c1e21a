package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/internal/values"
	"github.com/stretchr/testify/require"
)

// TestMul holds all shapes around the size of a tile against sums in float64.
func TestMul(t *testing.T) {
	sizes := []int{1, 2, 3, 4, 5, 8, 15, 16, 17, 33}
	for _, m := range sizes {
		for _, n := range sizes {
			for _, k := range []int{0, 1, 2, 7, 64} {
				for bits := range 8 {
					testMul[float32](t, m, n, k, bits&1 != 0, bits&2 != 0, bits&4 != 0, 0x1p-24)
					testMul[float64](t, m, n, k, bits&1 != 0, bits&2 != 0, bits&4 != 0, 0x1p-53)
				}
			}
		}
	}
}

func testMul[T values.Float](t *testing.T, m, n, k int, transA, transB, add bool, eps float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(m*n), uint64(k)))
	random := func(rows, cols int, trans bool) Matrix[T] {
		if trans {
			rows, cols = cols, rows
		}
		out := Matrix[T]{Rows: rows, Cols: cols, Stride: cols + 3, Data: make([]T, rows*(cols+3)), Trans: trans}
		for i := range out.Data {
			out.Data[i] = T(2*rng.Float64() - 1)
		}
		return out
	}
	at := func(m Matrix[T], i, j int) float64 {
		if m.Trans {
			i, j = j, i
		}
		return float64(m.Data[i*m.Stride+j])
	}
	a, b, c := random(m, k, transA), random(k, n, transB), random(m, n, false)
	before := append([]T(nil), c.Data...)
	Mul(c, a, b, add)
	for i := range m {
		for j := range c.Stride {
			want := float64(before[i*c.Stride+j]) // behind the columns nothing is written
			if j < n && !add {
				want = 0
			}
			for l := range k {
				if j < n {
					want += at(a, i, l) * at(b, l, j)
				}
			}
			// k + 1 numbers of at most 1, each rounded twice on the way.
			if got := float64(c.Data[i*c.Stride+j]); math.Abs(got-want) > 2*float64(k+1)*float64(k+1)*eps {
				require.InDelta(t, want, got, 0, "%d×%d×%d %v %v %v: %d, %d", m, n, k, transA, transB, add, i, j)
			}
		}
	}
}

func TestMulPanics(t *testing.T) {
	require.Panics(t, func() {
		Mul(Of(2, 2, make([]float32, 4)), Of(2, 3, make([]float32, 6)), Of(2, 2, make([]float32, 4)), false)
	})
}

func BenchmarkMul(b *testing.B) {
	for _, s := range [][3]int{{32, 144, 196}, {16, 9, 784}, {9, 16, 784}, {512, 64, 64}} {
		b.Run(fmt.Sprint(s), func(b *testing.B) {
			x, y, z := Of(s[0], s[1], make([]float32, s[0]*s[1])), Of(s[1], s[2], make([]float32, s[1]*s[2])), Of(s[0], s[2], make([]float32, s[0]*s[2]))
			for b.Loop() {
				Mul(z, x, y, false)
			}
			b.ReportMetric(2*float64(s[0]*s[1]*s[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFlops")
		})
	}
}
