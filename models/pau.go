package models

import "github.com/ditac-go/ditac/internal/values"

// pau is a rational function of the authors' degrees, 5 and 4, at one θ: quotient without
// its loops over coefficients.
type pau[T values.Float] struct {
	a [pauNumerator + 1]T
	b [pauDenominator]T
}

func newPAU[T values.Float](theta []T) loops[T] {
	f := new(pau[T])
	copy(f.a[:], theta)
	copy(f.b[:], theta[len(f.a):])
	return f
}

// numerator returns P(x).
func (f *pau[T]) numerator(x T) T {
	a := &f.a
	return a[0] + x*(a[1]+x*(a[2]+x*(a[3]+x*(a[4]+x*a[5]))))
}

// inside returns the sum in | |.
func (f *pau[T]) inside(x T) T {
	b := &f.b
	return x * (b[0] + x*(b[1]+x*(b[2]+x*b[3])))
}

func (f *pau[T]) forward(dst, x []T) {
	for i, v := range x {
		b := f.inside(v)
		dst[i] = f.numerator(v) / (1 + max(b, -b))
	}
}

func (f *pau[T]) backwardX(dst, x, g []T) {
	a, c := &f.a, &f.b
	for i, v := range x {
		b := f.inside(v)
		per := 1 / (1 + max(b, -b))
		dp := a[1] + v*(2*a[2]+v*(3*a[3]+v*(4*a[4]+v*(5*a[5]))))
		db := c[0] + v*(2*c[1]+v*(3*c[2]+v*(4*c[3])))
		dst[i] = g[i] * ((dp - f.numerator(v)*per*sign(b)*db) * per)
	}
}

func (f *pau[T]) backwardTheta(sums []float64, x, g []T) {
	var s [pauNumerator + 1 + pauDenominator]float64
	for i, v := range x {
		b := f.inside(v)
		per := 1 / (1 + max(b, -b))
		x1 := float64(v)
		x2 := x1 * x1
		x4 := x2 * x2
		e := float64(g[i] * per)
		s[0] += e
		s[1] += e * x1
		s[2] += e * x2
		s[3] += e * (x2 * x1)
		s[4] += e * x4
		s[5] += e * (x4 * x1)
		e *= -float64(f.numerator(v) * per * sign(b))
		s[6] += e * x1
		s[7] += e * x2
		s[8] += e * (x2 * x1)
		s[9] += e * x4
	}
	for k, e := range s {
		sums[k] += e
	}
}
