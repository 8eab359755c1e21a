package models

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/values"
	"gonum.org/v1/gonum/mat"
)

// Degrees of the rational functions of Molina et al., and the most that Rational takes:
// powers of a float32 overflow beyond.
const (
	pauNumerator   = 5
	pauDenominator = 4
	maxDegree      = 20
)

// Rational returns a Maker of Padé activation units with numerators of degree p and
// denominators of degree q,
//
//	y = (a₀ + a₁x + … + a_p·xᵖ) / (1 + |b₁x + … + b_q·x^q|)
//
// of Molina et al., "Padé Activation Units: End-to-end Learning of Flexible Activation
// Functions in Deep Networks", ICLR 2020 (arXiv 1907.06732): their safe version, whose
// denominator has no zero, with the absolute value of the sum. (Others take the sum of
// absolute values.) a₀ … a_p, then b₁ … b_q are learned, one function for a layer. p and
// q are 0 to 20; the authors have 5 and 4, and so 10 numbers.
//
// It starts near GELU: with the least squares fit on [−3,3] whose denominator is even,
// because GELU is x/2 and an even function. For 5 and 4 that is off by 0.001 at most there
// (TestTrainedStart). Where the sum in | | is 0, its derivative is taken as 0. An x so large
// that its powers overflow gives NaN, in float32 from 5·10⁷ on with these degrees.
func Rational(p, q int) Maker {
	return func(at Place) (Activation, error) {
		if p < 0 || p > maxDegree {
			return nil, fmt.Errorf("models: Rational: p = %d, want 0 to %d", p, maxDegree)
		}
		if q < 0 || q > maxDegree {
			return nil, fmt.Errorf("models: Rational: q = %d, want 0 to %d", q, maxDegree)
		}
		f, err := rational(p, q)
		if err != nil {
			return nil, err
		}
		return f.make(at)
	}
}

func rational(p, q int) (*trained, error) {
	init, err := rationalFit(p, q)
	if err != nil {
		return nil, err
	}
	return &trained{
		name: "pau", params: []any{p, q}, init: init,
		at32: func(theta, _ []float32) loops[float32] { return newRational(theta, p) },
		at64: func(theta, _ []float64) loops[float64] { return newRational(theta, p) },
	}, nil
}

// rationalFit returns the coefficients of the fit to GELU: P(x) − y·(Q(x) − 1) = y in
// the least squares sense on a grid of [−3,3], weighed by the 1/Q of the fit before, so
// that it is P/Q − y whose squares become least in the end.
func rationalFit(p, q int) ([]float64, error) {
	const points, rounds = 301, 20
	even := q / 2 // coefficients of x², x⁴, …
	columns := p + 1 + even
	a, right := mat.NewDense(points, columns, nil), mat.NewVecDense(points, nil)
	theta := make([]float64, p+1+q)
	f := quotientOf(theta, p)
	for range rounds {
		for i := range points {
			x := splineFrom + (splineTo-splineFrom)*float64(i)/(points-1)
			_, den := f.sums(x)
			y, w := geluValue(x, 0), 1/(1+math.Abs(den))
			power := w
			for k := range p + 1 {
				a.Set(i, k, power)
				power *= x
			}
			power = w
			for k := range even {
				power *= x * x
				a.Set(i, p+1+k, -y*power)
			}
			right.SetVec(i, w*y)
		}
		var fit mat.VecDense
		if err := fit.SolveVec(a, right); err != nil {
			if _, ok := err.(mat.Condition); !ok { // an ill-conditioned fit is a fit
				return nil, fmt.Errorf("models: Rational: fit of degrees %d and %d to GELU: %w", p, q, err)
			}
		}
		for k := range p + 1 {
			theta[k] = fit.AtVec(k)
		}
		for k := range even {
			theta[p+2+2*k] = fit.AtVec(p + 1 + k)
		}
	}
	return theta, nil
}

// quotient is a rational function at one θ.
type quotient[T values.Float] struct {
	num, den []T // a₀ …, b₁ …
}

func newRational[T values.Float](theta []T, p int) loops[T] {
	if p == pauNumerator && len(theta) == p+1+pauDenominator {
		return newPAU(theta)
	}
	return quotientOf(theta, p)
}

func quotientOf[T values.Float](theta []T, p int) *quotient[T] {
	return &quotient[T]{theta[:p+1], theta[p+1:]}
}

// sums returns P and the sum B in | |.
func (f *quotient[T]) sums(x T) (p, b T) {
	for k := len(f.num) - 1; k >= 0; k-- {
		p = p*x + f.num[k]
	}
	for k := len(f.den) - 1; k >= 0; k-- {
		b = (b + f.den[k]) * x
	}
	return p, b
}

// parts returns P, B and their derivatives.
func (f *quotient[T]) parts(x T) (p, dp, b, db T) {
	for k := len(f.num) - 1; k >= 0; k-- {
		dp = dp*x + p
		p = p*x + f.num[k]
	}
	for k := len(f.den) - 1; k >= 0; k-- {
		db = db*x + b
		b = b*x + f.den[k]
	}
	return p, dp, b * x, db*x + b
}

func (f *quotient[T]) forward(dst, x []T) {
	for i, v := range x {
		p, b := f.sums(v)
		dst[i] = p / (1 + max(b, -b))
	}
}

func (f *quotient[T]) backwardX(dst, x, g []T) {
	for i, v := range x {
		p, dp, b, db := f.parts(v)
		per := 1 / (1 + max(b, -b))
		dst[i] = g[i] * ((dp - p*per*sign(b)*db) * per)
	}
}

func (f *quotient[T]) backwardTheta(sums []float64, x, g []T) {
	forNum, forDen := sums[:len(f.num)], sums[len(f.num):]
	for i, v := range x {
		p, _, b, _ := f.parts(v)
		per := 1 / (1 + max(b, -b))
		power := float64(g[i] * per) // g·∂y/∂P·xᵏ
		x64 := float64(v)
		m := -power * float64(p*per*sign(b))
		for k := range forNum {
			forNum[k] += power
			power *= x64
		}
		for k := range forDen {
			m *= x64
			forDen[k] += m
		}
	}
}

// sign returns the sign of x, 0 for 0.
func sign[T values.Float](x T) T {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 or NaN
}
