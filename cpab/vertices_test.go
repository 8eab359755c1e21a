package cpab

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// roundedVertex is x_j of rational numbers, rounded once, by another formula than the
// code's.
func roundedVertex(a, b float64, j, n int) float64 {
	x, width := new(big.Rat).SetFloat64(a), new(big.Rat).SetFloat64(b)
	width.Sub(width, x)
	v, _ := x.Add(x, width.Mul(width, big.NewRat(int64(j), int64(n)))).Float64()
	return v
}

func requireRounded(t *testing.T, a, b float64, cells int) {
	t.Helper()
	s, err := NewSpace(cells, WithDomain(a, b), WithBasis(BasisNodal))
	if err != nil {
		require.Contains(t, err.Error(), "narrow") // the only reason
		return
	}
	for j, x := range s.Vertices() {
		require.Equal(t, roundedVertex(a, b, j, cells), x, "vertex %d of %d on [%v,%v]", j, cells, a, b)
	}
}

// TestVertices: every vertex is the number of float64 that is nearest to it.
func TestVertices(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func() float64 {
		switch rng.IntN(4) {
		case 0: // decimals of few digits
			return float64(rng.IntN(2001)-1000) / []float64{1, 10, 100, 3}[rng.IntN(4)]
		case 1:
			return math.Ldexp(2*rng.Float64()-1, rng.IntN(120)-60)
		case 2: // of any size that a domain may have
			return math.Ldexp(2*rng.Float64()-1, rng.IntN(1980)-985)
		}
		return float64(float32(rng.NormFloat64()))
	}
	for range 4000 {
		a, b := draw(), draw()
		switch rng.IntN(8) {
		case 0:
			b = -a
		case 1: // nearly symmetric: the middle cancels
			b = math.Nextafter(-a, 9)
		case 2: // far off
			b = a + math.Abs(a)*0x1p-40
		}
		if a = math.Min(a, b); a < b {
			requireRounded(t, a, b, 1+rng.IntN(70))
		}
	}
	requireRounded(t, -3, 3, 1<<14)
	s, err := NewSpace(10, WithDomain(-100, 100))
	require.NoError(t, err)
	require.Equal(t, []float64{-100, -80, -60, -40, -20, 0, 20, 40, 60, 80, 100}, s.Vertices())
}

// TestVertexSide: a vertex that is no float64 is at the number that it is rounded to, for
// the flow as for all who compare with Vertices: there φ′ is that from the right.
func TestVertexSide(t *testing.T) {
	for _, cells := range []int{3, 7, 10, 11, 30} {
		s, err := NewSpace(cells, WithDomain(-0.7, 1.1), WithBasis(BasisNodal))
		require.NoError(t, err)
		for j := 1; j < cells; j++ {
			theta := make([]float64, s.Dim()) // at rest at vertex j, and all others away from it
			for k := range theta {
				theta[k] = 0.1 * float64(k-(j-1))
			}
			if j > 1 {
				theta[j-2] = -0.3 // another slope on the left
			}
			f, err := s.Field(theta)
			require.NoError(t, err)
			x := s.Vertices()[j]
			phi, dx := f.FlowDx(x, 1)
			require.Equal(t, x, phi, "a vertex at rest")
			require.Equal(t, 0.0, f.Velocity(x))
			v := f.VertexVelocities()
			h := 1.8 / float64(cells)
			require.InEpsilon(t, math.Exp((v[j+1]-v[j])/h), dx, 1e-13, "%d cells, vertex %d: from the right", cells, j)
			if j > 1 {
				_, dx = f.FlowDx(math.Nextafter(x, -9), 1)
				require.InEpsilon(t, math.Exp((v[j]-v[j-1])/h), dx, 1e-13, "%d cells, left of vertex %d", cells, j)
			}
		}
	}
}
