package models

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/values"
)

// The domain of trainable piecewise linear functions and B-splines, DiTAC's default.
const (
	splineFrom = -3.0
	splineTo   = 3.0
)

// ditacParams is the number of parameters of a DiTAC activation with defaults, which
// those that compare with it have too.
const ditacParams = 59

const maxKnots = 1 << 16

// PiecewiseLinear returns a Maker of trainable piecewise linear functions: the learned
// numbers are the values at knots that divide [−3,3] equally, 2 at least. Between two
// knots, and beyond the first and the last two, y is the line through their values. It
// starts as the interpolant of GELU, and there is one function for a layer, as with
// [DiTAC]: the plain alternative to a diffeomorphism with as many parameters.
//
// At a knot, ∂y/∂x is the slope on its right; at ±Inf, y is what IEEE arithmetic makes
// of the outer lines: NaN where one is level.
func PiecewiseLinear(knots int) Maker {
	return func(p Place) (Activation, error) {
		if knots < 2 || knots > maxKnots {
			return nil, fmt.Errorf("models: PiecewiseLinear: knots = %d, want 2 to %d", knots, maxKnots)
		}
		return piecewiseLinear(knots).make(p)
	}
}

func piecewiseLinear(knots int) *trained {
	init := make([]float64, knots)
	for k := range init {
		init[k] = geluValue(splineFrom+(splineTo-splineFrom)*float64(k)/float64(knots-1), 0)
	}
	return &trained{name: "pwl", params: []any{knots}, init: init, at32: newPWL[float32], at64: newPWL[float64]}
}

// pwl is a piecewise linear function at one θ.
type pwl[T values.Float] struct {
	grid[T]
	values, rises []T // at the start of an interval, and to its end
}

func newPWL[T values.Float](theta, _ []T) loops[T] {
	f := &pwl[T]{grid: newGrid[T](len(theta) - 1), values: theta, rises: make([]T, len(theta)-1)}
	for k := range f.rises {
		f.rises[k] = theta[k+1] - theta[k]
	}
	return f
}

// grid is [−3,3] in intervals of equal width.
type grid[T values.Float] struct {
	last    T // number of the last interval
	perUnit T // intervals in one unit of x
}

func newGrid[T values.Float](intervals int) grid[T] {
	return grid[T]{T(intervals - 1), T(float64(intervals) / (splineTo - splineFrom))}
}

// place returns the interval of x, the first or the last beyond the ends, and the place
// in it: from 0 to 1 but for x outside.
func (f *grid[T]) place(x T) (interval int, place T) {
	u := (x - splineFrom) * f.perUnit
	switch {
	case !(u >= 1): // NaN too
		return 0, u
	case u >= f.last:
		return int(f.last), u - f.last
	}
	k := int(u)
	return k, u - T(k)
}

// forward goes by the slope outside, where a place in the interval overflows before y does.
func (f *pwl[T]) forward(dst, x []T) {
	last := len(f.rises) - 1
	for i, v := range x {
		switch {
		case v < splineFrom:
			dst[i] = f.values[0] + f.rises[0]*f.perUnit*(v-splineFrom)
		case v > splineTo:
			dst[i] = f.values[last+1] + f.rises[last]*f.perUnit*(v-splineTo)
		default:
			k, s := f.place(v)
			dst[i] = f.values[k] + f.rises[k]*s
		}
	}
}

func (f *pwl[T]) backwardX(dst, x, g []T) {
	for i, v := range x {
		k, s := f.place(v)
		if s != s { // NaN
			dst[i] = s
			continue
		}
		dst[i] = g[i] * (f.rises[k] * f.perUnit)
	}
}

func (f *pwl[T]) backwardTheta(sums []float64, x, g []T) {
	for i, v := range x {
		k, s := f.place(v)
		place := float64(s)
		if s-s != 0 { // too far outside for T
			place = (float64(v)-splineFrom)*float64(f.perUnit) - float64(k)
		}
		right := float64(g[i]) * place
		sums[k] += float64(g[i]) - right
		sums[k+1] += right
	}
}
