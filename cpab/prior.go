package cpab

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Kernel is the covariance K that a Prior gives to the slopes and intercepts A of
// the cells. That of θ is Σ = BᵀKB as in the existing implementations, and Σ =
// B⁺KB⁺ᵀ (the same for an orthonormal B) for BasisNodal, BasisHat, BasisBump and
// BasisCustom.
type Kernel int

const (
	// KernelCells is the prior of the difw library, from which DiTAC draws its
	// initial θ. With c_i the centre of cell i on the unit interval, two slopes,
	// and likewise two intercepts, have the covariance
	//
	//	σ²·exp(−|c_i − c_j| / (2ℓ²))
	//
	// and a slope and an intercept have none.
	KernelCells Kernel = iota
	// KernelRows is the prior of the penalty in DiTAC's code. It spreads the
	// D = 2·cells rows of B (slopes and intercepts in turn) evenly over [−1,1]
	// as r_1 … r_D, and any two rows have the covariance
	//
	//	(σD)²·exp(−2·|r_i − r_j| / ℓ)
	KernelRows
)

// String returns the name of the kernel: "cells" or "rows".
func (k Kernel) String() string {
	switch k {
	case KernelCells:
		return "cells"
	case KernelRows:
		return "rows"
	}
	return fmt.Sprintf("Kernel(%d)", int(k))
}

// Prior is a Gaussian prior N(0, Σ) over the parameters θ of a Space that
// favours smooth velocity fields. It is immutable.
type Prior struct {
	dim       int
	cov       []float64 // Σ, dim × dim
	precision []float64 // Σ⁻¹
	chol      []float64 // lower Cholesky factor of Σ
}

// NewPrior returns the prior over s with the given kernel, length scale ℓ (in
// the kernel's units of length) and scale σ (called output variance by the
// existing implementations, which square it). It reports an ℓ or σ that is not
// positive and finite, an unknown kernel, a space without parameters or with more
// cells than [MaxDenseCells] (whatever the basis: Σ is a dense matrix), and
// parameters for which Σ is numerically singular or beyond float64.
func NewPrior(s *Space, kernel Kernel, lengthScale, scale float64) (*Prior, error) {
	if s == nil {
		return nil, fmt.Errorf("cpab: nil Space")
	}
	if s.dim == 0 {
		return nil, fmt.Errorf("cpab: a space of %d cells with %v boundary has no parameters", s.cells, s.boundary)
	}
	if s.cells > MaxDenseCells {
		return nil, fmt.Errorf("cpab: prior over %d cells, want at most %d: its covariance is a dense matrix for every basis", s.cells, MaxDenseCells)
	}
	if !(lengthScale > 0) || math.IsInf(lengthScale, 0) {
		return nil, fmt.Errorf("cpab: length scale = %v, want a positive number", lengthScale)
	}
	if !(scale > 0) || math.IsInf(scale, 0) {
		return nil, fmt.Errorf("cpab: scale = %v, want a positive number", scale)
	}
	k, err := kernelMatrix(kernel, s.cells, lengthScale, scale)
	if err != nil {
		return nil, err
	}
	d := s.dim
	b, err := coordinates(s)
	if err != nil {
		return nil, fmt.Errorf("cpab: prior: %w", err)
	}
	var kb, bkb mat.Dense
	kb.Mul(k, b)
	bkb.Mul(b.T(), &kb)
	cov := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			cov.SetSym(i, j, (bkb.At(i, j)+bkb.At(j, i))/2)
		}
	}
	p, err := factorize(cov)
	if err != nil {
		return nil, fmt.Errorf("cpab: prior with length scale %v, scale %v: covariance is %w", lengthScale, scale, err)
	}
	return p, nil
}

// maxCondition is the condition number of Σ from which on Σ⁻¹, and so the energy, has less
// than four digits.
const maxCondition = 1e12

// factorize returns the prior with the given Σ. It reports one that is beyond float64 or
// numerically singular.
func factorize(cov *mat.SymDense) (*Prior, error) {
	p := &Prior{dim: cov.SymmetricDim(), cov: flatten(cov)}
	if !allFinite(p.cov) {
		return nil, errors.New("beyond float64")
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		return nil, errors.New("numerically singular")
	}
	if c := chol.Cond(); !(c <= maxCondition) {
		return nil, fmt.Errorf("numerically singular: condition number %.3g, want at most %.0g", c, maxCondition)
	}
	var inv mat.SymDense
	if err := chol.InverseTo(&inv); err != nil {
		return nil, err
	}
	var low mat.TriDense
	chol.LTo(&low)
	p.precision, p.chol = flatten(&inv), flatten(&low)
	if !allFinite(p.precision) {
		return nil, errors.New("numerically singular: its inverse is beyond float64")
	}
	return p, nil
}

func allFinite(x []float64) bool {
	for _, v := range x {
		if !isFinite(v) {
			return false
		}
	}
	return true
}

// coordinates returns the matrix whose transpose takes slopes and intercepts A to
// θ: B for the bases of the literature, whose implementations do so for those that
// are not orthonormal, too; for the others B(BᵀB)⁻¹, of the nearest θ, so that the
// fields have the same distribution as with an orthonormal basis.
func coordinates(s *Space) (*mat.Dense, error) {
	b := mat.NewDense(2*s.cells, s.dim, s.BasisMatrix())
	if s.basis.ofLiterature() {
		return b, nil
	}
	var gram, inverse, out mat.Dense
	gram.Mul(b.T(), b)
	if err := inverse.Inverse(&gram); err != nil {
		return nil, fmt.Errorf("basis: %w", err)
	}
	out.Mul(b, &inverse)
	return &out, nil
}

// kernelMatrix returns K over the 2·cells slopes and intercepts.
func kernelMatrix(kernel Kernel, cells int, lengthScale, scale float64) (*mat.Dense, error) {
	rows := 2 * cells
	k := mat.NewDense(rows, rows, nil)
	var entry func(i, j int) float64
	switch kernel {
	case KernelCells:
		entry = func(i, j int) float64 {
			if i&1 != j&1 {
				return 0
			}
			dist := math.Abs(float64(i/2-j/2)) / float64(cells)
			return scale * scale * math.Exp(-dist/(2*lengthScale*lengthScale))
		}
	case KernelRows:
		amp := scale * float64(rows) * scale * float64(rows)
		entry = func(i, j int) float64 {
			dist := 2 * math.Abs(float64(i-j)) / float64(rows-1)
			return amp * math.Exp(-2*dist/lengthScale)
		}
	default:
		return nil, fmt.Errorf("cpab: kernel = %v, want KernelCells or KernelRows", kernel)
	}
	for i := range rows {
		for j := range rows {
			k.Set(i, j, entry(i, j))
		}
	}
	return k, nil
}

func flatten(m mat.Matrix) []float64 {
	r, c := m.Dims()
	out := make([]float64, 0, r*c)
	for i := range r {
		for j := range c {
			out = append(out, m.At(i, j))
		}
	}
	return out
}

// Dim returns the number of parameters θ.
func (p *Prior) Dim() int { return p.dim }

// Covariance returns a copy of Σ, row-major, Dim × Dim.
func (p *Prior) Covariance() []float64 { return append([]float64(nil), p.cov...) }

// Precision returns a copy of Σ⁻¹, row-major, Dim × Dim.
func (p *Prior) Precision() []float64 { return append([]float64(nil), p.precision...) }

// Sample returns a θ drawn from the prior. Equal seeds give equal samples on
// every machine.
func (p *Prior) Sample(seed uint64) []float64 {
	// The second word only tells this use of the seed from others.
	rng := rand.New(rand.NewPCG(seed, 0x43504142))
	z := make([]float64, p.dim)
	for i := range z {
		z[i] = rng.NormFloat64()
	}
	theta := make([]float64, p.dim)
	for i := range theta {
		theta[i] = dot(p.chol[i*p.dim:i*p.dim+i+1], z[:i+1])
	}
	return theta
}

// Energy returns θᵀΣ⁻¹θ, which is −2·log density up to a constant. It reports a
// θ of the wrong length.
func (p *Prior) Energy(theta []float64) (float64, error) {
	half, err := p.EnergyGrad(nil, theta)
	if err != nil {
		return 0, err
	}
	return dot(half, theta) / 2, nil
}

// EnergyGrad returns the gradient 2Σ⁻¹θ of the energy. It is written to dst
// when dst has the capacity, as append would. It reports a θ of the wrong
// length.
func (p *Prior) EnergyGrad(dst, theta []float64) ([]float64, error) {
	if len(theta) != p.dim {
		return nil, fmt.Errorf("cpab: len(theta) = %d, want %d", len(theta), p.dim)
	}
	dst = sized(dst, p.dim)
	for i := range dst {
		dst[i] = 2 * dot(p.precision[i*p.dim:(i+1)*p.dim], theta)
	}
	return dst, nil
}
