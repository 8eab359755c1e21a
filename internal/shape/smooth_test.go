package shape_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestLeakyKink: the curve is the leaky ReLU of the plain one, and at T(x) = 0, where
// it has its kink, y′ is the derivative from the right.
func TestLeakyKink(t *testing.T) {
	s, err := cpab.NewSpace(6, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(t, err)
	theta := []float64{0.2, -0.3, 0, 0.1, 0.4} // at rest in the middle
	for _, slope := range []float64{0.25, 0, -0.5, 3} {
		l := shapetest.At(t, shapetest.New(t, s, shapetest.Leaky, slope), theta)
		p := shapetest.At(t, shapetest.New(t, s, shapetest.Plain), theta)
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
	shapetest.EachCurve(t, func(t *testing.T, e *shape.Exact, _ []float64, _ *rand.Rand) {
		parts := e.Smooths(nil, e.Field.Segments(nil, 1))
		require.Equal(t, math.Inf(-1), parts[0].From)
		require.Equal(t, math.Inf(1), parts[len(parts)-1].To)
		for i := range parts {
			p := &parts[i]
			if i > 0 {
				require.Equal(t, parts[i-1].To, p.From)
			}
			from, to := math.Max(p.From, -8), math.Min(p.To, 8)
			if !(to-from > 1e-6) {
				continue
			}
			for k := range 5 {
				x := from + (to-from)*(float64(k)+0.5)/5
				j := p.At(x)
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
				if p.Gated {
					phi, p1, p2 := x, 1.0, 0.0
					if p.Seg != nil {
						phi, p1, p2, _ = p.Seg.Jet(x)
					}
					gate = 2e-14 * ((1+math.Abs(x))*math.Abs(phi) + math.Abs(p1) + math.Abs(p2))
				}
				hold("y", y, j.Y, 2*shapetest.Noise(e, x, y, dy)+gate)
				hold("y′", dy, j.D1, 2*shapetest.Noise(e, x, dy, j.D2)+gate)
				quotient := func(step float64, of func(shape.Jet) float64) float64 {
					return (of(p.At(x+step)) - of(p.At(x-step))) / (2 * step)
				}
				step := 0.02 * math.Min(to-from, 1)
				for _, c := range []struct {
					name       string
					of         func(shape.Jet) float64
					below, got float64
				}{
					{"y″", func(j shape.Jet) float64 { return j.D1 }, j.D1, j.D2},
					{"y‴", func(j shape.Jet) float64 { return j.D2 }, j.D2, j.D3},
				} {
					wide, narrow := quotient(step, c.of), quotient(step/2, c.of)
					hold(c.name, narrow, c.got, math.Abs(wide-narrow)+2*(gate+shapetest.Noise(e, x, c.below, c.got))/step)
					n++
				}
			}
		}
	})
	t.Logf("%d derivatives, largest error ÷ tolerance: %.3f", n, worst)
}

// TestLeakySide: the parts of Leaky's curve begin where the exact evaluation changes sides.
func TestLeakySide(t *testing.T) {
	for seed := range uint64(200) {
		c := shapetest.Default(t, shapetest.Leaky, 3+int(seed%20))
		e := shapetest.At(t, c, shapetest.PriorTheta(t, c, seed, 0.3))
		smooths := e.Smooths(nil, e.Field.Segments(nil, 1))
		for i := 1; i < len(smooths); i++ {
			from := smooths[i].From
			if smooths[i-1].Slope == smooths[i].Slope || from <= c.Grid.A || from >= c.Grid.B {
				continue
			}
			require.GreaterOrEqual(t, e.Field.Flow(from, 1), 0.0, "seed %d", seed)
			require.Less(t, e.Field.Flow(math.Nextafter(from, -9), 1), 0.0, "seed %d", seed)
		}
	}
}
