package shapetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape"
	"github.com/stretchr/testify/require"
)

// Variant is an index in shape.Variants.
type Variant int

// The variants.
const (
	DiTAC Variant = iota
	Leaky
	GE
	Infinite
	Plain
	Amplified
)

// String returns the variant's name.
func (v Variant) String() string { return shape.Variants[v].Name }

// Domain returns the default domain.
func (v Variant) Domain() (a, b float64) {
	return shape.Variants[v].Domain[0], shape.Variants[v].Domain[1]
}

// Boundary returns the default boundary condition.
func (v Variant) Boundary() cpab.Boundary { return shape.Variants[v].Boundary }

// Variants returns all variants.
func Variants() []Variant {
	all := make([]Variant, len(shape.Variants))
	for i := range all {
		all[i] = Variant(i)
	}
	return all
}

// Of returns the variant of a curve.
func Of(c *shape.Curve) Variant {
	return Variant(slices.IndexFunc(shape.Variants[:], func(v shape.Variant) bool { return v.Name == c.Variant.Name }))
}

// Is reports whether a curve is of a variant.
func Is(c *shape.Curve, v Variant) bool { return Of(c) == v }

// New returns the curve of a variant with negative slope 0.05 unless told, and a learned
// amplification that starts at 2.5.
func New(t testing.TB, s *cpab.Space, variant Variant, slope ...float64) *shape.Curve {
	t.Helper()
	if slope == nil {
		slope = []float64{0.05}
	}
	c, err := shape.New(s, &shape.Variants[variant], slope[0], shape.Amplification{Alpha: 2.5, Learned: true})
	require.NoError(t, err)
	return c
}

// At returns a curve at θ.
func At(t testing.TB, c *shape.Curve, theta []float64) *shape.Exact {
	t.Helper()
	e, err := c.Exact(theta)
	require.NoError(t, err)
	return e
}

// Default returns the curve of a variant with its defaults.
func Default(t testing.TB, variant Variant, cells int) *shape.Curve {
	t.Helper()
	a, b := variant.Domain()
	s, err := cpab.NewSpace(cells, cpab.WithDomain(a, b), cpab.WithBoundary(variant.Boundary()))
	require.NoError(t, err)
	return New(t, s, variant)
}

// PriorTheta returns a θ from the prior, times a scale, and an amplification of 1, 2.5, 16
// or 100.
func PriorTheta(t testing.TB, c *shape.Curve, seed uint64, scale float64) []float64 {
	t.Helper()
	p, err := cpab.NewPrior(c.Space, cpab.KernelCells, 3, 2)
	require.NoError(t, err)
	theta := p.Sample(seed)
	for k := range theta {
		theta[k] *= scale
	}
	if a := c.Amplification; a.Learned {
		theta = append(theta, []float64{1, 2.5, 16, 100}[seed%4]-a.Alpha)
	}
	return theta
}

// EachCurve calls f for every variant, with its own boundary condition and with the
// other one, at θ = 0 and at θ of growing size. The basis is nodal: θ are the
// velocities at the vertices, but for the ends if these are at rest; and the last is of the
// amplification where that is learned.
func EachCurve(t *testing.T, f func(t *testing.T, e *shape.Exact, theta []float64, rng *rand.Rand)) {
	for _, v := range Variants() {
		for _, boundary := range []cpab.Boundary{cpab.ZeroBoundary, cpab.FreeBoundary} {
			t.Run(fmt.Sprint(v, " ", boundary), func(t *testing.T) {
				for k, scale := range []float64{0, 0.1, 0.5, 1, 2, 4} {
					rng := rand.New(rand.NewPCG(uint64(k), uint64(v)))
					a, b := v.Domain()
					s, err := cpab.NewSpace(2+rng.IntN(20), cpab.WithDomain(a, b), cpab.WithBoundary(boundary), cpab.WithBasis(cpab.BasisNodal))
					require.NoError(t, err)
					c := New(t, s, v)
					theta := make([]float64, c.Dim())
					for k := range theta {
						theta[k] = 0.2 * scale * rng.NormFloat64()
					}
					f(t, At(t, c, theta), theta, rng)
				}
			})
		}
	}
}

// Elements returns n numbers all over the domain and up to a width beyond.
func Elements(e *shape.Exact, rng *rand.Rand, n int) []float64 {
	g := e.Curve.Grid
	x := make([]float64, n)
	for i := range x {
		x[i] = g.A + (g.B-g.A)*(3*rng.Float64()-1)
	}
	return x
}

// Noise bounds the rounding error of y(x), where y′ is dy.
func Noise(e *shape.Exact, x, y, dy float64) float64 {
	return 32 * 0x1p-52 * (math.Abs(y) + (math.Max(1, math.Abs(e.Alpha))+math.Abs(dy))*math.Max(math.Abs(x), e.Curve.Grid.B-e.Curve.Grid.A))
}
