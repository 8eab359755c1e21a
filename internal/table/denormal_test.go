package table

import (
	"fmt"
	"math"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestDenormals: the least numbers on either side of a kink at 0 are on their own side,
// in tables so wide that their place in bins and intervals underflows, too.
func TestDenormals(t *testing.T) {
	const n = 1 << 15
	least := float32(math.SmallestNonzeroFloat32)
	for _, d := range [][2]float64{{-3, 3}, {-5000, 5000}, {0, 1e5}} {
		for _, v := range shapetest.Variants() {
			if v == shapetest.GE && d[0] != 0 || v == shapetest.Infinite {
				continue
			}
			// At rest at the middle of −b … b, and faster on the right than on the left.
			s, err := cpab.NewSpace(10, cpab.WithDomain(d[0], d[1]), cpab.WithBasis(cpab.BasisNodal), cpab.WithBoundary(cpab.FreeBoundary))
			require.NoError(t, err)
			c := shapetest.New(t, s, v, 0.05)
			theta := make([]float64, c.Dim())
			for j, x := range s.Vertices() {
				theta[j] = 0.01 * x / (d[1] - d[0])
				if x > 0 {
					theta[j] *= 3
				}
			}
			tab, err := newTable(c, theta, 5e-6/(d[1]-d[0])) // y′ may be off by 5e-6
			require.NoError(t, err)
			x, g := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], g[i] = float32(d[1])/2, 1
			}
			special := []float32{-least, -2 * least, -3 * least, -1e-42, -1e-38, least, 2 * least, 1e-42, 1e-38}
			for k := range 7 {
				copy(x[1+1000*k+k:], special) // at many places in vectors, and in the rest
			}
			copy(x[n-len(special):], special)
			for _, length := range []int{n, 100} {
				x := x[n-length:]
				dy := make([]float32, length)
				tab.BackwardX32(dy, x, g[n-length:])
				for i := range x {
					_, want := tab.exact.Jet(float64(x[i]))
					require.InDelta(t, want, dy[i], 1e-5, "%v on %v, y′(%v), %d elements", v, d, x[i], length)
				}
			}
			// The gradient of one such element among many without a gradient.
			for _, small := range []float32{-least, least, -1e-42} {
				for _, length := range []int{n, 10} {
					in, up := make([]float32, length), make([]float32, length)
					in[length/3], up[length/3] = small, 1
					got, want := make([]float64, c.Dim()), make([]float64, c.Dim())
					tab.BackwardTheta32(got, in, up)
					tab.exact.BackwardTheta32(want, in, up)
					largest := 1.0
					for _, w := range want {
						largest = math.Max(largest, math.Abs(w))
					}
					require.InDeltaSlice(t, want, got, 1e-5*largest, fmt.Sprintf("%v on %v, ∂y/∂θ(%v), %d elements", v, d, small, length))
				}
			}
		}
	}
}
