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

// TestJet holds y′ against difference quotients q(e) away from the kinks. Their error
// is e²·y‴/6 and more, so that of q(e/2) is a third of q(e) − q(e/2); all of that is
// allowed for, and rounding.
func TestJet(t *testing.T) {
	n, worst := 0, 0.0
	shapetest.EachCurve(t, func(t *testing.T, e *shape.Exact, _ []float64, rng *rand.Rand) {
		kinks := e.Smooths(nil, e.Field.Segments(nil, 1))
		for _, x := range shapetest.Elements(e, rng, 300) {
			step := 1e-3
			for i := range kinks {
				step = math.Min(step, 0.4*math.Abs(x-kinks[i].From))
			}
			y, dy := e.Jet(x)
			require.Equal(t, e.Value(x), y)
			quotient := func(step float64) float64 {
				return (e.Value(x+step) - e.Value(x-step)) / (2 * step)
			}
			wide, narrow := quotient(step), quotient(step/2)
			tol := math.Abs(wide-narrow) + 2*shapetest.Noise(e, x, y, dy)/step
			require.InDelta(t, narrow, dy, tol, "x = %v, step %.3g", x, step)
			n++
			worst = math.Max(worst, math.Abs(narrow-dy)/tol)
		}
	})
	t.Logf("%d points, largest error ÷ tolerance: %.3f", n, worst)
}

// TestAddGradV holds ∂y/∂V against difference quotients in θ, as TestJet does. ∂φ/∂θ
// has kinks where φ(x) or x comes to a vertex; there q(e/2) is off by q(e) − q(e/2) at
// most. Where the leaky ReLU changes sides, y itself has one.
func TestAddGradV(t *testing.T) {
	n, worst := 0, 0.0
	shapetest.EachCurve(t, func(t *testing.T, e *shape.Exact, theta []float64, rng *rand.Rand) {
		c := e.Curve
		for _, x := range shapetest.Elements(e, rng, 40) {
			dv := make([]float64, c.GradSize())
			e.AddGradV(dv, x, 1)
			twice := make([]float64, len(dv))
			e.AddGradV(twice, x, -1.5)
			e.AddGradV(twice, x, 3.5)
			for j := range dv {
				require.InDelta(t, 2*dv[j], twice[j], 1e-14*math.Abs(dv[j]))
			}
			grad := make([]float64, len(theta))
			require.NoError(t, c.PullBack(grad, dv))
			y, dy := e.Jet(x)
			for k := range theta {
				sides := 0
				at := func(step float64) float64 {
					other := append([]float64(nil), theta...)
					other[k] += step
					o, err := c.Exact(other)
					require.NoError(t, err)
					y := o.Value(x)
					if y > 0 {
						sides |= 1
					} else {
						sides |= 2
					}
					return y
				}
				quotient := func(step float64) float64 { return (at(step) - at(-step)) / (2 * step) }
				const step = 1e-4
				wide, narrow := quotient(step), quotient(step/2)
				if shapetest.Is(c, shapetest.Leaky) && sides == 3 {
					continue
				}
				tol := 2*math.Abs(wide-narrow) + 2*shapetest.Noise(e, x, y, dy)/step
				require.InDelta(t, narrow, grad[k], tol, "x = %v, component %d, θ = %v", x, k, theta)
				n++
				worst = math.Max(worst, math.Abs(narrow-grad[k])/tol)
			}
		}
	})
	t.Logf("%d components, largest error ÷ tolerance: %.3f", n, worst)
}

// TestContinuous: with ends at rest all variants are continuous there, Infinite is so
// with any; Leaky is continuous where it changes sides, for any slope.
func TestContinuous(t *testing.T) {
	shapetest.EachCurve(t, func(t *testing.T, e *shape.Exact, theta []float64, _ *rand.Rand) {
		c := e.Curve
		close := func(e *shape.Exact, x float64) {
			t.Helper()
			y, dy := e.Jet(x)
			for _, side := range []float64{-1, 1} {
				other := math.Nextafter(x, side*math.Inf(1))
				z, dz := e.Jet(other)
				gap := math.Abs(other - x)
				tol := 8*gap*(math.Abs(dy)+math.Abs(dz)) + shapetest.Noise(e, x, y, 0)
				require.InDelta(t, y, z, tol, "y(%v) and y(%v)", x, other)
			}
		}
		if c.Space.Boundary() == cpab.ZeroBoundary || c.Variant.Whole {
			close(e, c.Grid.A)
			close(e, c.Grid.B)
		}
		if c.Space.Boundary() == cpab.ZeroBoundary && !c.Variant.Whole {
			for side, end := range map[float64]float64{-1: c.Grid.A, 1: c.Grid.B} {
				y := e.Value(math.Nextafter(end, side*math.Inf(1))) // outside
				require.InDelta(t, y, e.Value(end), shapetest.Noise(e, end, y, 0))
			}
		}
		for _, x := range c.Space.Vertices()[1:c.Space.Cells()] {
			close(e, x)
		}
		if shapetest.Is(c, shapetest.Leaky) {
			for _, slope := range []float64{0, 0.05, 1, -2} {
				e := shapetest.At(t, shapetest.New(t, c.Space, shapetest.Leaky, slope), theta)
				close(e, e.Field.Flow(0, -1))
			}
		}
	})
}
