package table

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestExtremes: y′ keeps its bound where it passes 0 between steep flanks, so that its
// size at the ends of a piece says nothing of that within.
func TestExtremes(t *testing.T) {
	const eps = 0x1p-24
	extremes, worst := 0, 0.0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 3))
		s, err := cpab.NewSpace(25+rng.IntN(16), cpab.WithDomain(-3, 3), cpab.WithBoundary(cpab.FreeBoundary), cpab.WithBasis(cpab.BasisNodal))
		require.NoError(t, err)
		c := shapetest.New(t, s, shapetest.Infinite, 0)
		tab, err := newTable(c, shapetest.PriorTheta(t, c, seed, 1+3*rng.Float64()), []float64{DefaultTolerance, 1e-5, 1e-4}[rng.IntN(3)])
		require.NoError(t, err)
		slope := func(x float64) float64 {
			_, dy := tab.exact.Jet(x)
			return dy
		}
		for k := range tab.list {
			p := &tab.list[k]
			lo, hi := p.from, p.to
			if p.wild || (slope(lo) > 0) == (slope(hi) > 0) {
				continue
			}
			for range 40 { // to where y′ is 0
				middle := lo + (hi-lo)/2
				if (slope(middle) > 0) == (slope(p.from) > 0) {
					lo = middle
				} else {
					hi = middle
				}
			}
			extremes++
			x := float32(lo)
			for range 5 {
				want, allowed := slope(float64(x)), tab.tol+8*eps
				allowed *= math.Max(1, math.Abs(want))
				worst = math.Max(worst, math.Abs(tab.slope(x)-want)/allowed)
				require.InDelta(t, want, tab.slope(x), allowed, "seed %d: y′(%v), between %v and %v at the ends of a piece", seed, x, slope(p.from), slope(p.to))
				x = math.Nextafter32(x, 9)
			}
		}
	}
	require.Greater(t, extremes, 200)
	t.Logf("%d extremes, largest error ÷ allowed %.3f", extremes, worst)
}
