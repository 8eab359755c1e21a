package table

import (
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/shape"
)

// Exact is the curve of one θ, evaluated in closed form. It does not change but by Reset,
// and no one else may use it, or a Table of it, meanwhile.
type Exact struct{ shape.Exact }

// exactSlice is the length of slices: long enough for what a slice costs to be small
// beside the work on its elements.
const exactSlice = 1 << 10

// NewExact returns the curve at theta. It reports what [shape.Exact.Reset] does.
func NewExact(c *shape.Curve, theta []float64) (*Exact, error) {
	e, err := c.Exact(theta)
	if err != nil {
		return nil, err
	}
	return &Exact{*e}, nil
}

// ShapeOf returns what a curve of the public package is made of.
func ShapeOf(c *curve.Curve) *shape.Curve {
	alpha, learned := c.Amplification()
	s, err := shape.New(c.Space(), &shape.Variants[c.Variant()], c.NegativeSlope(), shape.Amplification{Alpha: alpha, Learned: learned})
	if err != nil {
		panic("table: " + err.Error()) // unreachable: curve.New has checked the same
	}
	return s
}

var _ Evaluator = (*Exact)(nil)

type float interface{ float32 | float64 }

// Dim implements Evaluator.
func (e *Exact) Dim() int { return e.Curve.Dim() }

// Forward32 implements Evaluator.
func (e *Exact) Forward32(dst, x []float32) { exactForward(e, dst, x) }

// Forward64 implements Evaluator.
func (e *Exact) Forward64(dst, x []float64) { exactForward(e, dst, x) }

// BackwardX32 implements Evaluator.
func (e *Exact) BackwardX32(dst, x, g []float32) { exactBackwardX(e, dst, x, g) }

// BackwardX64 implements Evaluator.
func (e *Exact) BackwardX64(dst, x, g []float64) { exactBackwardX(e, dst, x, g) }

// BackwardTheta32 implements Evaluator.
func (e *Exact) BackwardTheta32(dtheta []float64, x, g []float32) {
	exactBackwardTheta(e, dtheta, x, g)
}

// BackwardTheta64 implements Evaluator.
func (e *Exact) BackwardTheta64(dtheta []float64, x, g []float64) {
	exactBackwardTheta(e, dtheta, x, g)
}

func exactForward[T float](e *Exact, dst, x []T) {
	parallel.SlicesOf(len(x), exactSlice).Each(func(_, from, to int) {
		for i := from; i < to; i++ {
			dst[i] = T(e.Value(float64(x[i])))
		}
	})
}

func exactBackwardX[T float](e *Exact, dst, x, g []T) {
	parallel.SlicesOf(len(x), exactSlice).Each(func(_, from, to int) {
		for i := from; i < to; i++ {
			_, dy := e.Jet(float64(x[i]))
			dst[i] = T(scaled(float64(g[i]), dy))
		}
	})
}

// scaled returns g·dy, and NaN if g is not finite.
func scaled(g, dy float64) float64 { return g * (dy + 0*g) }

func exactBackwardTheta[T float](e *Exact, dtheta []float64, x, g []T) {
	n := e.Curve.GradSize()
	s := parallel.SlicesOf(len(x), max(exactSlice, n)) // sums take less memory than elements
	dvs := make([]float64, n*max(1, s.Count()))
	s.Each(func(slice, from, to int) {
		dv := dvs[slice*n : (slice+1)*n]
		for i := from; i < to; i++ {
			e.AddGradV(dv, float64(x[i]), float64(g[i]))
		}
	})
	for k := n; k < len(dvs); k++ {
		dvs[k%n] += dvs[k]
	}
	pullBack(e.Curve, dtheta, dvs[:n])
}

// pullBack adds the gradient to θ, given that of [shape.Exact.AddGradV], to dtheta.
func pullBack(c *shape.Curve, dtheta, dv []float64) {
	if err := c.PullBack(dtheta, dv); err != nil {
		panic("table: " + err.Error()) // as for slices whose lengths differ
	}
}
