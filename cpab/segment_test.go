package cpab

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSegments holds the segments' closed forms against the walk, inside every
// segment of many fields, and their second derivative against differences.
func TestSegments(t *testing.T) {
	for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
		s, err := NewSpace(9, WithDomain(-2, 3), WithBoundary(boundary))
		require.NoError(t, err)
		p, err := NewPrior(s, KernelCells, 3, 2)
		require.NoError(t, err)
		for seed := range uint64(200) {
			theta := p.Sample(seed)
			f, err := s.Field(theta)
			require.NoError(t, err)
			time := []float64{1, -0.7}[seed%2]
			segs := f.Segments(nil, time)
			require.True(t, math.IsInf(segs[0].From, -1) && math.IsInf(segs[len(segs)-1].To, 1))
			want, got := make([]float64, 10), make([]float64, 10)
			for i := range segs {
				g := &segs[i]
				lo, hi := math.Max(g.From, -4), math.Min(g.To, 5)
				if hi-lo < 1e-9 {
					continue
				}
				require.LessOrEqual(t, g.From, g.To)
				var sum GradSum
				clear(want)
				clear(got)
				for k := range 5 {
					x := lo + (hi-lo)*(float64(k)+0.5)/5
					phi, d1 := f.FlowDx(x, time)
					sphi, sd1, sd2 := g.Jet(x)
					require.InDelta(t, phi, sphi, 1e-11*(1+math.Abs(phi)), "φ(%v)", x)
					require.InEpsilon(t, d1, sd1, 1e-9, "φ′(%v)", x)
					e := 1e-5 * (hi - lo)
					_, r, _ := g.Jet(x + e)
					_, l, _ := g.Jet(x - e)
					require.InDelta(t, (r-l)/(2*e), sd2, 1e-6*(math.Abs(sd2)+d1/(hi-lo)), "φ″(%v)", x)
					f.AddGradV(want, x, time, float64(k)-1.5)
					g.AddGrad(&sum, x, float64(k)-1.5)
				}
				g.Flush(got, &sum)
				for j := range want {
					require.InDelta(t, want[j], got[j], 1e-9*(1+math.Abs(want[j])), "∂φ/∂V[%d]", j)
				}
				require.Equal(t, GradSum{}, sum)
			}
		}
	}
}
