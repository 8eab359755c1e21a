package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/values"
)

// BSpline returns a Maker of trainable cubic splines: the learned numbers are the
// coefficients, 4 at least, of the cubic B-splines on equal intervals of [−3,3], which
// are 3 fewer. It starts as the spline that interpolates GELU at the ends of the
// intervals and has its slope at −3 and 3. One function serves a layer, as with [DiTAC].
//
// Outside [−3,3] y is GELU shifted to meet the spline: GELU(x) + y(±3) − GELU(±3), so
// that y is continuous for every θ, and y′ is where the spline's slope at the end is
// GELU's, as at the start.
func BSpline(coefficients int) Maker {
	return func(p Place) (Activation, error) {
		if coefficients < 4 || coefficients > maxKnots {
			return nil, fmt.Errorf("models: BSpline: coefficients = %d, want 4 to %d", coefficients, maxKnots)
		}
		return bSpline(coefficients).make(p)
	}
}

func bSpline(coefficients int) *trained {
	return &trained{
		name: "bspline", params: []any{coefficients}, init: interpolant(coefficients - 3),
		at32: newBSpline[float32], at64: newBSpline[float64],
	}
}

// interpolant returns the coefficients c₀ … of the spline on as many intervals that has
// GELU's values y at their ends x_k, and its slope at the first and last:
//
//	(c_k + 4c_{k+1} + c_{k+2})/6 = y(x_k)    (c_{k+2} − c_k)/2h = y′(x_k), k = 0 and the last
//
// The outer coefficients are eliminated, and a tridiagonal system is left.
func interpolant(intervals int) []float64 {
	h := (splineTo - splineFrom) / float64(intervals)
	from, to := 2*h*geluDx(splineFrom, 0), 2*h*geluDx(splineTo, 0)
	n := intervals + 1
	c := make([]float64, n+2)
	inner := c[1 : n+1] // right sides, then coefficients
	for k := range inner {
		inner[k] = 6 * geluValue(splineFrom+h*float64(k), 0)
	}
	inner[0] += from // c₀ = c₂ − from
	inner[n-1] -= to
	upper := make([]float64, n)
	for k := range inner { // elimination: rows are 1 4 1, but 4 2 and 2 4 at the ends
		below, above := 1., 1.
		if k == 0 {
			below, above = 0, 2
		} else if k == n-1 {
			below = 2
		}
		pivot, right := 4., inner[k]
		if k > 0 {
			pivot -= below * upper[k-1]
			right -= below * inner[k-1]
		}
		upper[k], inner[k] = above/pivot, right/pivot
	}
	for k := n - 2; k >= 0; k-- {
		inner[k] -= upper[k] * inner[k+1]
	}
	c[0], c[n+1] = c[2]-from, c[n-1]+to
	return c
}

// bSplineBasis[i][j] is the coefficient of s^j in the i-th B-spline of an interval.
var bSplineBasis = [4][4]float64{
	{1. / 6, -3. / 6, 3. / 6, -1. / 6},
	{4. / 6, 0, -6. / 6, 3. / 6},
	{1. / 6, 3. / 6, 3. / 6, -3. / 6},
	{0, 0, 0, 1. / 6},
}

// spline is a spline at one θ.
type spline[T values.Float] struct {
	grid[T]
	cubics             [][4]T  // those of the intervals, in s from 0 to 1
	shiftFrom, shiftTo float64 // of GELU outside
}

func newBSpline[T values.Float](theta, _ []T) loops[T] {
	f := &spline[T]{grid: newGrid[T](len(theta) - 3), cubics: make([][4]T, len(theta)-3)}
	for k := range f.cubics {
		var cubic [4]float64
		for i, basis := range bSplineBasis {
			for j, b := range basis {
				cubic[j] += b * float64(theta[k+i])
			}
		}
		for j, e := range cubic {
			f.cubics[k][j] = T(e)
		}
	}
	first, last := &f.cubics[0], &f.cubics[len(f.cubics)-1]
	f.shiftFrom = float64(first[0]) - geluValue(splineFrom, 0)
	f.shiftTo = float64(last[0]+last[1]+last[2]+last[3]) - geluValue(splineTo, 0)
	return f
}

func (f *spline[T]) forward(dst, x []T) {
	for i, v := range x {
		switch {
		case v < splineFrom:
			dst[i] = T(geluValue(float64(v), 0) + f.shiftFrom)
		case v > splineTo:
			dst[i] = T(geluValue(float64(v), 0) + f.shiftTo)
		default:
			k, s := f.place(v)
			c := &f.cubics[k]
			dst[i] = c[0] + s*(c[1]+s*(c[2]+s*c[3]))
		}
	}
}

func (f *spline[T]) backwardX(dst, x, g []T) {
	for i, v := range x {
		if v < splineFrom || v > splineTo {
			dst[i] = g[i] * T(geluDx(float64(v), 0))
			continue
		}
		k, s := f.place(v)
		c := &f.cubics[k]
		dst[i] = g[i] * ((c[1] + s*(2*c[2]+s*(3*c[3]))) * f.perUnit)
	}
}

// backwardTheta sums the moments Σ g·s^j of the intervals, which the basis turns into
// gradients. Elements outside count as the ends.
func (f *spline[T]) backwardTheta(sums []float64, x, g []T) {
	moments := make([][4]float64, len(f.cubics))
	for i, v := range x {
		k, s := f.place(min(max(v, splineFrom), splineTo))
		addMoments(&moments[k], float64(g[i]), float64(s))
	}
	for k := range moments {
		for i, basis := range bSplineBasis {
			for j, b := range basis {
				sums[k+i] += b * moments[k][j]
			}
		}
	}
}

// addMoments adds g·s^j to m[j].
func addMoments(m *[4]float64, g, s float64) {
	m[0] += g
	g *= s
	m[1] += g
	g *= s
	m[2] += g
	g *= s
	m[3] += g
}
