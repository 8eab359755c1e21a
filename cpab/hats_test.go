package cpab

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hatBases are the bases of hat functions with their heights on n cells of [0,1].
var hatBases = map[Basis]func(n float64) float64{
	BasisSparse: func(n float64) float64 { return 1 / n },
	BasisNodal:  func(float64) float64 { return 1 },
	BasisHat:    func(n float64) float64 { return 2 / n },
}

// TestHats: one θ per free vertex, of the height that the basis promises, in all that a
// space says of it.
func TestHats(t *testing.T) {
	for basis, height := range hatBases {
		for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
			const cells, width = 7, 5.0
			s, err := NewSpace(cells, WithDomain(-2, 3), WithBasis(basis), WithBoundary(boundary))
			require.NoError(t, err)
			require.Equal(t, basis, s.Basis())
			theta := make([]float64, s.Dim())
			want := make([]float64, cells+1)
			first := 1
			if boundary == FreeBoundary {
				first = 0
			}
			for k := range theta {
				theta[k] = float64(k*k) - 5.5
				want[k+first] = height(cells) * width * theta[k]
			}
			v, err := s.Velocities(nil, theta)
			require.NoError(t, err)
			require.InDeltaSlice(t, want, v, 1e-14)
			p, b := s.VelocityMatrix(), s.BasisMatrix()
			require.Len(t, p, (cells+1)*s.Dim())
			require.Len(t, b, 2*cells*s.Dim())
			for j := range want {
				sum := 0.0
				for k, x := range theta {
					sum += p[j*s.Dim()+k] * x
				}
				require.InDelta(t, want[j], sum, 1e-13)
			}
			for c := range cells { // slope·x + intercept on the unit interval
				for end := range 2 {
					x, sum := float64(c+end)/cells, 0.0
					for k, y := range theta {
						sum += (b[2*c*s.Dim()+k]*x + b[(2*c+1)*s.Dim()+k]) * y
					}
					require.InDelta(t, want[c+end]/width, sum, 1e-12)
				}
			}
			back, err := s.Coordinates(v)
			require.NoError(t, err)
			require.InDeltaSlice(t, theta, back, 1e-13)
			grad := make([]float64, s.Dim())
			require.NoError(t, s.PullBack(grad, want))
			for k := range grad {
				require.InDelta(t, height(cells)*width*want[k+first], grad[k], 1e-11)
			}
		}
	}
}

// TestManyCells: 65,536 cells of hat functions are made in milliseconds (a second is
// allowed, for busy machines: a matrix of them would take 34 GB) and evaluate. On each
// cell the field is the sine of another space with few cells, so that φ is nearly known.
func TestManyCells(t *testing.T) {
	for basis, height := range hatBases {
		begin := time.Now()
		s, err := NewSpace(MaxCells, WithDomain(-3, 3), WithBasis(basis))
		require.NoError(t, err)
		require.Less(t, time.Since(begin), time.Second, "%v", basis)
		theta := make([]float64, s.Dim())
		for k := range theta { // v(x) = −x(9−x²)/9: dx/dt = −x + x³/9
			x := -3 + 6*float64(k+1)/MaxCells
			theta[k] = (-x + x*x*x/9) / (6 * height(MaxCells))
		}
		f, err := s.Field(theta)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			x := 6*rng.Float64() - 3
			phi, dx, grad := f.FlowGrad(nil, x, 1)
			// 1/φ² − 1/9 = (1/x² − 1/9)·e^{2t}
			want := math.Copysign(1/math.Sqrt(1./9+(1/(x*x)-1./9)*math.Exp(2)), x)
			require.InDelta(t, want, phi, 1e-8, "x = %v", x) // h²/8·|v″|
			require.InEpsilon(t, (want*want*want/9-want)/(x*x*x/9-x), dx, 1e-6)
			require.Len(t, grad, MaxCells-1)
		}
	}
}

// TestBumps: a bump in the middle is the hat of height ½h smoothed twice by (1,4,1)/6, that
// is (1,8,18,8,1)/36 of it; at the ends, what a reflection leaves out is 0; θ in zigzag
// moves the vertices by (4−2)²/6² = 1/9 of it.
func TestBumps(t *testing.T) {
	const cells, width = 20, 6.0
	height := 0.5 * width / cells
	for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
		s, err := NewSpace(cells, WithDomain(-3, 3), WithBasis(BasisBump), WithBoundary(boundary))
		require.NoError(t, err)
		require.Equal(t, "bump", s.Basis().String())
		first := 1
		if boundary == FreeBoundary {
			first = 0
		}
		bump := func(vertex int, numbers ...float64) { // of the vertices from the given one on
			theta, want := make([]float64, s.Dim()), make([]float64, cells+1)
			for k := range numbers {
				want[vertex+k] = height * numbers[k] / 36
			}
			theta[slices.Index(numbers, slices.Max(numbers))+vertex-first] = 1
			v, err := s.Velocities(nil, theta)
			require.NoError(t, err)
			require.InDeltaSlice(t, want, v, 1e-16)
		}
		bump(8, 1, 8, 18, 8, 1)
		bump(first, 17, 8, 1) // by hand: (4·4 + 1·1, 4 + 4, 1)/36
		zigzag := make([]float64, s.Dim())
		for k := range zigzag {
			zigzag[k] = float64(1 - 2*(k%2))
		}
		v, err := s.Velocities(nil, zigzag)
		require.NoError(t, err)
		require.InDelta(t, height/9*zigzag[10-first], v[10], 1e-16)
	}
}

// TestDenseLimits: bases and priors that need matrices say up to where.
func TestDenseLimits(t *testing.T) {
	for _, basis := range []Basis{BasisQR, BasisSVD, BasisRREF, BasisBump, BasisCustom} {
		_, err := NewSpace(MaxDenseCells+1, WithBasis(basis))
		require.ErrorContains(t, err, "cells = 513 with basis "+basis.String())
		require.ErrorContains(t, err, "at most 512")
		require.ErrorContains(t, err, "sparse, nodal and hat")
	}
	s, err := NewSpace(MaxDenseCells+1, WithBasis(BasisHat))
	require.NoError(t, err)
	_, err = NewPrior(s, KernelCells, 3, 2)
	require.ErrorContains(t, err, "513 cells, want at most 512")
}

// TestOrthonormal: the null spaces are orthonormal and keep the constraints, up to the
// largest number of cells. (Blocked LAPACK routines have been wrong from 130 cells on.)
func TestOrthonormal(t *testing.T) {
	for _, cells := range []int{10, 129, 200, MaxDenseCells} {
		for _, basis := range []Basis{BasisQR, BasisSVD} {
			if basis == BasisSVD && cells == MaxDenseCells {
				continue // seconds
			}
			s, err := NewSpace(cells, WithBasis(basis), WithDomain(0, 2))
			require.NoError(t, err)
			b, d := s.BasisMatrix(), s.Dim()
			rng := rand.New(rand.NewPCG(1, 2))
			theta, norm := make([]float64, d), 0.0
			for k := range theta {
				theta[k] = rng.NormFloat64()
				norm += theta[k] * theta[k]
			}
			sum, v0, v1 := 0.0, 0.0, 0.0 // ‖Bθ‖², and the velocity on either side of a vertex
			for c := range cells {
				slope, intercept := 0.0, 0.0
				for k, x := range theta {
					slope += b[2*c*d+k] * x
					intercept += b[(2*c+1)*d+k] * x
				}
				sum += slope*slope + intercept*intercept
				v0 = slope*float64(c)/float64(cells) + intercept
				require.InDelta(t, v1, v0, 1e-11, "%v, %d cells: at vertex %d", basis, cells, c)
				v1 = slope*float64(c+1)/float64(cells) + intercept
			}
			require.InDelta(t, 0, v1, 1e-11)
			require.InEpsilon(t, norm, sum, 1e-12, "%v, %d cells", basis, cells)
		}
	}
}

// TestOverflow: parameters and domains whose fields are beyond float64 are errors that
// name them; what is not is no NaN.
func TestOverflow(t *testing.T) {
	for _, basis := range []Basis{BasisQR, BasisRREF, BasisNodal, BasisHat} {
		s, err := NewSpace(4, WithDomain(-3, 3), WithBasis(basis))
		require.NoError(t, err)
		good := []float64{1, 2, 3}
		f, err := s.Field(good)
		require.NoError(t, err)
		before := f.VertexVelocities()
		for _, big := range []float64{1.7e308, -math.MaxFloat64} {
			theta := []float64{0, big, big}
			_, err = s.Field(theta)
			require.ErrorContains(t, err, "theta[1] = ", "%v", basis)
			require.ErrorContains(t, err, "vert")
			require.ErrorContains(t, f.Set(theta), "theta[1]")
			_, err = s.Velocities(nil, theta)
			require.ErrorContains(t, err, "theta[1]")
			require.Equal(t, before, f.VertexVelocities())
		}
	}
	// The slopes overflow, not the velocities.
	s, err := NewSpace(4, WithDomain(0, 1e-10), WithBasis(BasisNodal))
	require.NoError(t, err)
	_, err = s.Field([]float64{0, 1e308, 0})
	require.ErrorContains(t, err, "theta[1] = 1e+308")
	require.ErrorContains(t, err, "slope between vertices 1 and 2")

	for _, d := range [][2]float64{{-8e307, 8e307}, {0, math.MaxFloat64}, {-1e301, 0}, {9e300, 1e301}, {0, 1e-310}} {
		_, err := NewSpace(4, WithDomain(d[0], d[1]))
		require.ErrorContains(t, err, "domain [", "%v", d)
	}
	for _, width := range []float64{1e-299, 1e-37, 1e60, 1e300} {
		for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
			s, err := NewSpace(10, WithDomain(-width, width), WithBoundary(boundary))
			require.NoError(t, err)
			f, err := s.Field(make([]float64, s.Dim()))
			require.NoError(t, err)
			for _, u := range []float64{-1, -0.7, 0, 0.3, 1, 3} {
				phi, dx, grad := f.FlowGrad(nil, u*width, 1)
				require.Equal(t, u*width, phi)
				require.Equal(t, 1.0, dx)
				for _, g := range grad {
					require.False(t, math.IsNaN(g) || math.IsInf(g, 0))
				}
			}
		}
	}
}

// TestCancellation: velocities keep their digits where large parameters cancel: their
// error is one rounding, and not that of the terms.
func TestCancellation(t *testing.T) {
	for _, basis := range []Basis{BasisQR, BasisSVD, BasisRREF} {
		s, err := NewSpace(30, WithBasis(basis), WithDomain(-3, 3))
		require.NoError(t, err)
		p, d := s.VelocityMatrix(), s.Dim()
		rng := rand.New(rand.NewPCG(1, 2))
		cancelled := 0
		for row := 1; row < 30; row++ {
			theta := make([]float64, d)
			for k := range theta {
				theta[k] = 1e6 * rng.NormFloat64()
			}
			// The largest component makes the others' sum nearly vanish.
			most, sum := 0, 0.0
			for k, x := range p[row*d : (row+1)*d] {
				if math.Abs(x) > math.Abs(p[row*d+most]) {
					most = k
				}
				sum += x * theta[k]
			}
			theta[most] -= sum / p[row*d+most]
			v, err := s.Velocities(nil, theta)
			require.NoError(t, err)
			want, size := new(big.Float).SetPrec(400), 0.0
			for k, x := range p[row*d : (row+1)*d] {
				want.Add(want, new(big.Float).Mul(big.NewFloat(x).SetPrec(400), big.NewFloat(theta[k])))
				size += math.Abs(x * theta[k])
			}
			exact, _ := want.Float64()
			if size > 0 && math.Abs(exact) < 1e-12*size {
				cancelled++
			}
			// Dot2 is off by a rounding of the result and n² roundings of roundings of the terms.
			require.InDelta(t, exact, v[row], ulp*math.Abs(exact)+float64(d*d)*ulp*ulp*size, "%v, vertex %d", basis, row)
		}
		require.Greater(t, cancelled, 10, "%v", basis)
	}
}

// TestUnderflow: a trajectory that starts so slowly that ∫ dy/v² overflows and ends at rest
// has no NaN in its gradient.
func TestUnderflow(t *testing.T) {
	s, err := NewSpace(3, WithBoundary(FreeBoundary), WithBasis(BasisNodal))
	require.NoError(t, err)
	f, err := s.Field([]float64{1e-320, 1e4, 0, 0})
	require.NoError(t, err)
	phi, dx, grad := f.FlowGrad(nil, 0, 1)
	require.InDelta(t, 2./3, phi, 1e-15)
	require.Equal(t, 0.0, dx)
	for k, g := range grad {
		require.False(t, math.IsNaN(g), "∂φ/∂θ[%d] in %v", k, grad)
	}
}
