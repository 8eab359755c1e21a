package curve

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
)

// TestLeakyKink: the curve is the leaky ReLU of the plain one, and at T(x) = 0, where
// it has its kink, y′ is the derivative from the right.
func TestLeakyKink(t *testing.T) {
	s, err := cpab.NewSpace(6, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(t, err)
	theta := []float64{0.2, -0.3, 0, 0.1, 0.4} // at rest in the middle
	for _, slope := range []float64{0.25, 0, -0.5, 3} {
		leaky, err := New(s, Leaky, slope)
		require.NoError(t, err)
		plain, err := New(s, Plain, 0)
		require.NoError(t, err)
		l, err := leaky.Exact(theta)
		require.NoError(t, err)
		p, err := plain.Exact(theta)
		require.NoError(t, err)
		for x := -4.0; x <= 4; x += 0.125 {
			y, dy := p.Jet(x)
			if y < 0 {
				y, dy = slope*y, slope*dy
			}
			got, gotDy := l.Jet(x)
			require.Equal(t, y, got, "y(%v), slope %v", x, slope)
			require.Equal(t, dy, gotDy, "y′(%v), slope %v", x, slope)
			dv, want := make([]float64, 7), make([]float64, 7)
			l.AddGradV(dv, x, 1)
			g := 1.0
			if y, _ := p.Jet(x); y < 0 {
				g = slope
			}
			p.AddGradV(want, x, g)
			require.Equal(t, want, dv, "∂y/∂V(%v), slope %v", x, slope)
		}
	}
}

// TestSmooths: the smooth intervals cover the line in order, y and y′ there are those
// of the curve, and y″ and y‴ those of differences of the one before, whose error is
// judged as in TestJet.
func TestSmooths(t *testing.T) {
	n, worst := 0, 0.0
	eachCurve(t, func(t *testing.T, e *Exact, _ []float64, _ *rand.Rand) {
		parts := e.smooths(nil, e.field.Segments(nil, 1))
		require.Equal(t, math.Inf(-1), parts[0].from)
		require.Equal(t, math.Inf(1), parts[len(parts)-1].to)
		for i := range parts {
			p := &parts[i]
			if i > 0 {
				require.Equal(t, parts[i-1].to, p.from)
			}
			from, to := math.Max(p.from, -8), math.Min(p.to, 8)
			if !(to-from > 1e-6) {
				continue
			}
			for k := range 5 {
				x := from + (to-from)*(float64(k)+0.5)/5
				j := p.at(x)
				y, dy := e.Jet(x)
				// The segment and the flow take different ways to φ, each with its noise:
				// that of a start which is off by rounding.
				hold := func(name string, want, got, tol float64) {
					t.Helper()
					require.InDelta(t, want, got, tol, "%s(%v)", name, x)
					worst = math.Max(worst, math.Abs(want-got)/tol)
				}
				// normal adds its own to the gate, 1e-14 in Φ and Φ′ (see TestNormal).
				gate := 0.0
				if p.gated {
					phi, p1, p2 := x, 1.0, 0.0
					if p.seg != nil {
						phi, p1, p2, _ = p.seg.Jet(x)
					}
					gate = 2e-14 * ((1+math.Abs(x))*math.Abs(phi) + math.Abs(p1) + math.Abs(p2))
				}
				hold("y", y, j.y, 2*e.noise(x, y, dy)+gate)
				hold("y′", dy, j.d1, 2*e.noise(x, dy, j.d2)+gate)
				quotient := func(step float64, of func(jet) float64) float64 {
					return (of(p.at(x+step)) - of(p.at(x-step))) / (2 * step)
				}
				step := 0.02 * math.Min(to-from, 1)
				for _, c := range []struct {
					name       string
					of         func(jet) float64
					below, got float64
				}{
					{"y″", func(j jet) float64 { return j.d1 }, j.d1, j.d2},
					{"y‴", func(j jet) float64 { return j.d2 }, j.d2, j.d3},
				} {
					wide, narrow := quotient(step, c.of), quotient(step/2, c.of)
					hold(c.name, narrow, c.got, math.Abs(wide-narrow)+2*(gate+e.noise(x, c.below, c.got))/step)
					n++
				}
			}
		}
	})
	t.Logf("%d derivatives, largest error ÷ tolerance: %.3f", n, worst)
}
