package metric

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Frechet returns the Fréchet distance between the normal distributions with the means μ
// and covariances C (with divisor n − 1) of two lots of features, each of dim numbers
// (Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
// Equilibrium", 2017, equation 6):
//
//	|μa − μb|² + tr(Ca + Cb − 2·(Ca·Cb)^½)
//
// It is 0 for equal distributions. The trace of the root is the sum of the roots of the
// eigenvalues of Ca^½·Cb·Ca^½, which is symmetric, so that there is no complex part to cut
// off. It needs at least two examples of each; with fewer than dim it depends much on their
// number.
func Frechet(a, b []float32, dim int) (float64, error) {
	d, err := frechet(a, b, dim)
	if err != nil {
		return 0, fmt.Errorf("metric: Frechet: %w", err)
	}
	return d, nil
}

func frechet(a, b []float32, dim int) (float64, error) {
	if dim < 1 {
		return 0, fmt.Errorf("dim is %d, want at least 1", dim)
	}
	meanA, covA, err := moments("a", a, dim)
	if err != nil {
		return 0, err
	}
	meanB, covB, err := moments("b", b, dim)
	if err != nil {
		return 0, err
	}
	root, err := squareRoot(covA)
	if err != nil {
		return 0, err
	}
	var left, product mat.Dense
	left.Mul(root, covB)
	product.Mul(&left, root)
	values, _, err := eigen(symmetric(&product))
	if err != nil {
		return 0, err
	}
	distance := mat.Trace(covA) + mat.Trace(covB)
	for _, v := range values {
		distance -= 2 * math.Sqrt(v)
	}
	for k, m := range meanA {
		distance += (m - meanB[k]) * (m - meanB[k])
	}
	return max(distance, 0), nil // below 0 by rounding only
}

// moments returns means and covariances of features.
func moments(name string, x []float32, dim int) ([]float64, *mat.SymDense, error) {
	n := len(x) / dim
	if len(x)%dim != 0 || n < 2 {
		return nil, nil, fmt.Errorf("%d numbers of %s, want a multiple of dim, %d, for at least 2 examples", len(x), name, dim)
	}
	if err := checkFinite(name, x); err != nil {
		return nil, nil, err
	}
	rows := mat.NewDense(n, dim, nil)
	mean := make([]float64, dim)
	for i, e := range x {
		rows.Set(i/dim, i%dim, float64(e))
		mean[i%dim] += float64(e) / float64(n)
	}
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, rows, nil)
	return mean, &cov, nil
}

// squareRoot returns the positive root of a symmetric matrix without negative
// eigenvalues.
func squareRoot(c *mat.SymDense) (*mat.Dense, error) {
	values, vectors, err := eigen(c)
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		values[i] = math.Sqrt(v)
	}
	var left, root mat.Dense
	left.Mul(vectors, mat.NewDiagDense(len(values), values))
	root.Mul(&left, vectors.T())
	return &root, nil
}

// eigen returns the eigenvalues of a symmetric matrix without negative ones, and its
// eigenvectors. Eigenvalues that are no more than rounding are 0.
//
// It asks gonum for those of the matrix over its trace plus the unit matrix, and subtracts 1.
// Blocks of numbers below 10⁻¹²², as those of features that are 0 for all examples become in
// between, give gonum (v0.17.0) a panic or eigenvalues of 10¹²⁹: it scales them wrongly.
func eigen(c *mat.SymDense) ([]float64, *mat.Dense, error) {
	n := c.SymmetricDim()
	trace := mat.Trace(c)
	shifted := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			if trace > 0 {
				shifted.SetSym(i, j, c.At(i, j)/trace)
			}
		}
		shifted.SetSym(i, i, shifted.At(i, i)+1)
	}
	var e mat.EigenSym
	if !e.Factorize(shifted, true) {
		return nil, nil, fmt.Errorf("the eigenvalues of a covariance matrix of %d rows were not found", n)
	}
	values := e.Values(nil)
	for i, v := range values {
		if values[i] = trace * (v - 1); v-1 < rounding*float64(n) {
			values[i] = 0
		}
	}
	var v mat.Dense
	e.VectorsTo(&v)
	return values, &v, nil
}

// rounding is the relative error of a float64.
const rounding = 1. / (1 << 52)

// symmetric returns the symmetric part of a matrix.
func symmetric(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	return s
}
