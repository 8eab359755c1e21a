package flow_test

import (
	"math"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/flow"
	"github.com/stretchr/testify/require"
)

const testCells = 9

// fieldOf returns the field of a space at θ.
func fieldOf(t testing.TB, s *cpab.Space, theta []float64) *flow.Field {
	t.Helper()
	a, b := s.Domain()
	g, err := flow.NewGrid(a, b, s.Cells())
	require.NoError(t, err)
	v, err := s.Velocities(nil, theta)
	require.NoError(t, err)
	f := flow.NewField(g)
	f.Set(v)
	return f
}

// TestSegments holds the segments' closed forms against the walk, inside every
// segment of many fields, and their second derivative against differences.
func TestSegments(t *testing.T) {
	for _, boundary := range []cpab.Boundary{cpab.ZeroBoundary, cpab.FreeBoundary} {
		s, err := cpab.NewSpace(testCells, cpab.WithDomain(-2, 3), cpab.WithBoundary(boundary))
		require.NoError(t, err)
		p, err := cpab.NewPrior(s, cpab.KernelCells, 3, 2)
		require.NoError(t, err)
		for seed := range uint64(200) {
			theta := p.Sample(seed)
			f := fieldOf(t, s, theta)
			time := []float64{1, -0.7}[seed%2]
			segs := f.Segments(nil, time)
			require.True(t, math.IsInf(segs[0].From, -1) && math.IsInf(segs[len(segs)-1].To, 1))
			want, got := make([]float64, testCells+1), make([]float64, testCells+1)
			for i := range segs {
				g := &segs[i]
				lo, hi := math.Max(g.From, -4), math.Min(g.To, 5)
				if hi-lo < 1e-9 {
					continue
				}
				require.LessOrEqual(t, g.From, g.To)
				var sum flow.GradSum
				clear(want)
				clear(got)
				for k := range 5 {
					x := lo + (hi-lo)*(float64(k)+0.5)/5
					phi, d1 := f.FlowDx(x, time)
					sphi, sd1, sd2, sd3 := g.Jet(x)
					require.InDelta(t, phi, sphi, 1e-11*(1+math.Abs(phi)), "φ(%v)", x)
					require.InEpsilon(t, d1, sd1, 1e-9, "φ′(%v)", x)
					e := 1e-5 * (hi - lo)
					_, r, r2, _ := g.Jet(x + e)
					_, l, l2, _ := g.Jet(x - e)
					require.InDelta(t, (r-l)/(2*e), sd2, 1e-6*(math.Abs(sd2)+d1/(hi-lo)), "φ″(%v)", x)
					require.InDelta(t, (r2-l2)/(2*e), sd3, 1e-6*(math.Abs(sd3)+(math.Abs(sd2)+d1/(hi-lo))/(hi-lo)), "φ‴(%v)", x)
					requireGradDerivatives(t, g, x, 1e-4*(hi-lo))
					f.AddGradV(want, x, time, float64(k)-1.5)
					g.AddGrad(&sum, x, flow.Weights{float64(k) - 1.5})
				}
				g.Flush(got, &sum)
				for j := range want {
					require.InDelta(t, want[j], got[j], 1e-9*(1+math.Abs(want[j])), "∂φ/∂V[%d]", j)
				}
				require.Equal(t, flow.GradSum{}, sum)
			}
		}
	}
}

// requireGradDerivatives holds the derivatives that AddGrad weighs against
// differences of what it gives as values.
func requireGradDerivatives(t *testing.T, g *flow.Segment, x, e float64) {
	t.Helper()
	at := func(x float64, w flow.Weights) []float64 {
		dv := make([]float64, testCells+1)
		var sum flow.GradSum
		g.AddGrad(&sum, x, w)
		g.Flush(dv, &sum)
		return dv
	}
	l, m, r := at(x-e, flow.Weights{1}), at(x, flow.Weights{1}), at(x+e, flow.Weights{1})
	d1, d2 := at(x, flow.Weights{0, 1}), at(x, flow.Weights{0, 0, 1})
	scale := 0.0
	for j := range m {
		scale = math.Max(scale, math.Abs(m[j])+e*math.Abs(d1[j])+e*e*math.Abs(d2[j]))
	}
	for j := range m {
		// Truncation is of third order in e, rounding 1e-15.
		require.InDelta(t, (r[j]-l[j])/2, d1[j]*e, 1e-9*scale, "∂φ/∂V[%d]′ at %v", j, x)
		require.InDelta(t, r[j]-2*m[j]+l[j], d2[j]*e*e, 1e-9*scale, "∂φ/∂V[%d]″ at %v", j, x)
	}
}

// TestSegmentsAtZero: where nothing flows out of a zero of the velocity, there is a segment
// of trajectories that stay in its cell, even if its width is below the spacing of
// float64: there φ(x) = x and φ′(x) = e^slope.
func TestSegmentsAtZero(t *testing.T) {
	g, err := flow.NewGrid(-3, 3, 6)
	require.NoError(t, err)
	f := flow.NewField(g)
	for _, slope := range []float64{1, 20, 36, 39} {
		for _, zero := range []int{0, 2, 6} { // vertices
			v := []float64{-slope, -slope, -slope, slope, slope, slope, slope}
			for j := range zero {
				v[j] = -slope
			}
			for j := zero; j <= 6; j++ {
				v[j] = slope
			}
			v[zero] = 0
			f.Set(v)
			x := float64(zero) - 3
			found := false
			segs := f.Segments(nil, 1)
			for i := range segs {
				s := &segs[i]
				require.Less(t, s.From, s.To)
				if i > 0 {
					require.Equal(t, segs[i-1].To, s.From)
				}
				if s.From <= x && x < s.To {
					found = true
					phi, d1, _, _ := s.Jet(x)
					require.Equal(t, x, phi, "slope %v, zero at %v", slope, x)
					require.InEpsilon(t, math.Exp(slope), d1, 1e-12, "slope %v, zero at %v", slope, x)
				}
			}
			require.True(t, found)
		}
	}
}
