package cpab

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// plainKernel is K as the documentation of Kernel has it, entry by entry.
func plainKernel(kernel Kernel, cells int, length, scale float64) [][]float64 {
	rows := 2 * cells
	k := make([][]float64, rows)
	for i := range k {
		k[i] = make([]float64, rows)
		for j := range k[i] {
			if kernel == KernelRows {
				r := func(i int) float64 { return -1 + 2*float64(i)/float64(rows-1) }
				k[i][j] = math.Pow(scale*float64(rows), 2) * math.Exp(-2*math.Abs(r(i)-r(j))/length)
				continue
			}
			center := func(i int) float64 { return (float64(i/2) + 0.5) / float64(cells) }
			if i%2 == j%2 {
				k[i][j] = scale * scale * math.Exp(-math.Abs(center(i)-center(j))/(2*length*length))
			}
		}
	}
	return k
}

// plainHats is B of one hat function per free vertex, of a height: slope and intercept of
// its two cells on [0,1].
func plainHats(cells int, free bool, height float64) [][]float64 {
	first, d, n := 1, cells-1, float64(cells)
	if free {
		first, d = 0, cells+1
	}
	b := make([][]float64, 2*cells)
	for i := range b {
		b[i] = make([]float64, d)
	}
	for k := range d {
		j := k + first
		if j > 0 { // it rises from vertex j−1 to j
			b[2*(j-1)][k], b[2*(j-1)+1][k] = height*n, -height*float64(j-1)
		}
		if j < cells {
			b[2*j][k], b[2*j+1][k] = -height*n, height*float64(j+1)
		}
	}
	return b
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

// requireMatrix wants got to be want, up to rounding of the largest element.
func requireMatrix(t *testing.T, want mat.Matrix, got []float64, tolerance float64, name string) {
	t.Helper()
	r, c := want.Dims()
	require.Len(t, got, r*c, name)
	largest := mat.Max(want)
	for i := range r {
		for j := range c {
			require.InDelta(t, want.At(i, j), got[i*c+j], tolerance*largest, "%s: element %d,%d", name, i, j)
		}
	}
}

// TestPriorCovariance holds Σ against BᵀKB for the bases of the literature, and against
// B⁺KB⁺ᵀ for nodal and hat, with K and the hats' B as they are defined.
func TestPriorCovariance(t *testing.T) {
	for _, kernel := range []Kernel{KernelCells, KernelRows} {
		for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
			for _, cells := range []int{2, 3, 10} {
				const length, scale = 1.3, 0.7
				k := dense(plainKernel(kernel, cells, length, scale))
				covariance := func(basis Basis) (*Space, []float64) {
					s, err := NewSpace(cells, WithBoundary(boundary), WithBasis(basis), WithDomain(-3, 3))
					require.NoError(t, err)
					p, err := NewPrior(s, kernel, length, scale)
					require.NoError(t, err)
					return s, p.Covariance()
				}
				for _, basis := range []Basis{BasisQR, BasisSVD, BasisRREF, BasisSparse} {
					s, got := covariance(basis)
					b := mat.NewDense(2*cells, s.Dim(), s.BasisMatrix())
					if basis == BasisSparse {
						b = dense(plainHats(cells, boundary == FreeBoundary, 1/float64(cells)))
					}
					var kb, want mat.Dense
					kb.Mul(k, b)
					want.Mul(b.T(), &kb)
					requireMatrix(t, &want, got, 1e-12, basis.String()+" "+kernel.String())
				}
				for basis, height := range map[Basis]float64{BasisNodal: 1, BasisHat: 2 / float64(cells)} {
					_, got := covariance(basis)
					b := dense(plainHats(cells, boundary == FreeBoundary, height))
					// B⁺K by least squares, column by column, and so from the right.
					var left, want mat.Dense
					require.NoError(t, left.Solve(b, k))
					require.NoError(t, want.Solve(b, left.T()))
					requireMatrix(t, &want, got, 1e-10, basis.String()+" "+kernel.String())
				}
			}
		}
	}
}

// TestPriorBases: the velocities at the vertices have the same distribution with all bases
// whose coordinates are orthonormal or by pseudo-inverse.
func TestPriorBases(t *testing.T) {
	for _, kernel := range []Kernel{KernelCells, KernelRows} {
		for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
			velocities := func(s *Space) *mat.Dense {
				p, err := NewPrior(s, kernel, 2, 1.5)
				require.NoError(t, err)
				m, cov := mat.NewDense(s.Cells()+1, s.Dim(), s.VelocityMatrix()), mat.NewDense(s.Dim(), s.Dim(), p.Covariance())
				var half, out mat.Dense
				half.Mul(m, cov)
				out.Mul(&half, m.T())
				return &out
			}
			with := func(opts ...Option) *Space {
				s, err := NewSpace(12, append(opts, WithBoundary(boundary), WithDomain(-2, 5))...)
				require.NoError(t, err)
				return s
			}
			want := velocities(with(WithBasis(BasisQR)))
			for name, s := range map[string]*Space{
				"svd": with(WithBasis(BasisSVD)), "nodal": with(WithBasis(BasisNodal)), "hat": with(WithBasis(BasisHat)), "bump": with(WithBasis(BasisBump)),
				"custom": with(WithBasisMatrix(mixed(with(WithBasis(BasisNodal))))),
			} {
				requireMatrix(t, want, velocities(s).RawMatrix().Data, 1e-9, name)
			}
		}
	}
}

// TestPriorSingular: a Σ whose inverse has no digits, or that is beyond float64, is an
// error that names both scales; what is accepted inverts to three digits.
func TestPriorSingular(t *testing.T) {
	refused, accepted := 0, 0
	for _, basis := range []Basis{BasisQR, BasisSparse, BasisNodal, BasisHat} {
		for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
			for _, cells := range []int{2, 10, 30, 60} {
				s, err := NewSpace(cells, WithBoundary(boundary), WithBasis(basis))
				require.NoError(t, err)
				for _, kernel := range []Kernel{KernelCells, KernelRows} {
					for _, length := range []float64{0.1, 5, 100, 1e4, 1e6, 1e9} {
						p, err := NewPrior(s, kernel, length, 1)
						if err != nil {
							require.ErrorContains(t, err, "length scale ")
							require.ErrorContains(t, err, "singular")
							refused++
							continue
						}
						accepted++
						d := p.Dim()
						var product mat.Dense
						product.Mul(mat.NewDense(d, d, p.Covariance()), mat.NewDense(d, d, p.Precision()))
						for i := range d {
							product.Set(i, i, product.At(i, i)-1)
						}
						require.Less(t, mat.Norm(&product, math.Inf(1))/float64(d), 1e-3, "%v, %v ends, %d cells, %v, length %v", basis, boundary, cells, kernel, length)
					}
				}
			}
		}
	}
	require.Greater(t, refused, 20)
	require.Greater(t, accepted, 100)

	s, err := NewSpace(30, WithBasis(BasisNodal), WithBoundary(FreeBoundary))
	require.NoError(t, err)
	_, err = NewPrior(s, KernelCells, 1e4, 2)
	require.ErrorContains(t, err, "length scale 10000, scale 2: covariance is numerically singular")
	for _, scale := range []float64{1e153, 1e160, 1e300} {
		_, err = NewPrior(s, KernelRows, 3, scale)
		require.ErrorContains(t, err, "beyond float64", "scale %v", scale)
	}
}
