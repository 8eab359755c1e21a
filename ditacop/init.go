package ditacop

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"gonum.org/v1/gonum/mat"
)

// Init makes the initial θ of an activation. The constructors are Identity,
// PriorSample, Fitted and FromTheta.
type Init struct {
	name string
	make func(c *curve.Curve, groups int) ([]float64, error)
}

// String describes the initialisation.
func (i Init) String() string { return i.name }

// Identity starts with θ = 0: T is the identity, and VariantDiTAC is exactly
// GELU.
func Identity() Init {
	return Init{"identity", func(c *curve.Curve, groups int) ([]float64, error) {
		return make([]float64, groups*c.Dim()), nil
	}}
}

// PriorSample starts with a sample from the smoothness prior
// [cpab.KernelCells], as the authors' code does; its settings for the
// regression are lengthScale 3 and scale 2. Groups get samples of their own.
// Equal seeds give equal samples; give different activations different seeds.
func PriorSample(seed uint64, lengthScale, scale float64) Init {
	name := fmt.Sprintf("prior(seed %d, length scale %v, scale %v)", seed, lengthScale, scale)
	return Init{name, func(c *curve.Curve, groups int) ([]float64, error) {
		p, err := cpab.NewPrior(c.Space(), cpab.KernelCells, lengthScale, scale)
		if err != nil {
			return nil, err
		}
		var theta []float64
		for k := range groups {
			// An odd constant spreads the groups' seeds; 0 keeps the user's.
			theta = append(theta, p.Sample(seed+uint64(k)*0x9E3779B97F4A7C15)...)
			theta = append(theta, make([]float64, c.Dim()-c.Space().Dim())...) // the amplification at its start
		}
		return theta, nil
	}}
}

// FromTheta starts with the given θ: Dim numbers, used by every group, or
// groups × Dim numbers.
func FromTheta(theta []float64) Init {
	theta = append([]float64(nil), theta...)
	return Init{"given", func(c *curve.Curve, groups int) ([]float64, error) {
		d := c.Dim()
		switch len(theta) {
		case d:
			return repeat(theta, groups), nil
		case groups * d:
			return theta, nil
		}
		return nil, fmt.Errorf("initial theta has %d numbers, want %d or %d × %d", len(theta), d, groups, d)
	}}
}

// Fitted starts with the θ whose curve is nearest to f on the domain, in the
// sense of least squares on a fine grid. Because T is monotone and keeps the
// ends of the domain, not every f can be met: VariantDiTAC, for one, has GELU's
// values at the ends. (VariantAmplified may bend back, but keeps the ends, too.) An f with
// values that are not finite, or beyond a million times the width of the domain, cannot be
// fitted and is an error of New.
func Fitted(f func(x float64) float64) Init {
	return Init{"fitted", func(c *curve.Curve, groups int) ([]float64, error) {
		if f == nil {
			return nil, fmt.Errorf("nil function to fit")
		}
		theta, err := fit(c, f)
		if err != nil {
			return nil, err
		}
		return repeat(theta, groups), nil
	}}
}

func repeat(theta []float64, n int) []float64 {
	out := make([]float64, 0, n*len(theta))
	for range n {
		out = append(out, theta...)
	}
	return out
}

// fit minimises Σ (y(x_i) − f(x_i))² over a grid by the Levenberg–Marquardt
// method, from the identity.
func fit(c *curve.Curve, f func(float64) float64) ([]float64, error) {
	const (
		maxIter  = 100
		perCell  = 16
		minGain  = 1e-10 // relative fall of the sum of squares that goes on
		maxRelax = 30    // doublings of the damping before giving up
		maxReach = 1e6   // values of f, in widths of the domain; far beyond, steps drown in rounding
	)
	a, b := c.Space().Domain()
	d := c.Dim()
	n := max(256, perCell*c.Space().Cells())
	xs, want := make([]float64, n), make([]float64, n)
	for i := range xs {
		xs[i] = a + (b-a)*(float64(i)+0.5)/float64(n)
		if want[i] = f(xs[i]); math.IsNaN(want[i]) || math.IsInf(want[i], 0) {
			return nil, fmt.Errorf("function to fit: f(%v) = %v, want a finite number", xs[i], want[i])
		}
		if math.Abs(want[i]) > maxReach*(b-a) {
			return nil, fmt.Errorf("function to fit: f(%v) = %v is out of range for the domain [%v,%v], want at most %v times its width", xs[i], want[i], a, b, maxReach)
		}
	}
	theta := make([]float64, d)
	e, err := c.Exact(theta)
	if err != nil {
		return nil, err
	}
	sumSquares := func() float64 {
		sum := 0.0
		for i, x := range xs {
			r := want[i] - e.Value(x)
			sum += r * r
		}
		return sum
	}
	cost, damping := sumSquares(), 1e-3
	if math.IsInf(cost, 0) {
		return nil, fmt.Errorf("function to fit: squares of its values overflow on the domain [%v,%v]", a, b)
	}
	for range maxIter {
		jac, res := mat.NewDense(n, d, nil), mat.NewVecDense(n, nil)
		for i, x := range xs {
			y, _, _ := e.Grad(jac.RawRowView(i), x)
			res.SetVec(i, want[i]-y)
		}
		var normal mat.SymDense
		var rhs mat.VecDense
		normal.SymOuterK(1, jac.T())
		rhs.MulVec(jac.T(), res)
		next, gain := theta, 0.0
		for range maxRelax {
			step, ok := damped(&normal, &rhs, damping)
			if ok {
				next = make([]float64, d)
				for k := range next {
					next[k] = theta[k] + step.AtVec(k)
				}
				if e, err = c.Exact(next); err != nil {
					return nil, err
				}
				if gain = cost - sumSquares(); gain > 0 {
					break
				}
			}
			damping *= 2
		}
		if !(gain > 0) {
			break
		}
		theta, cost, damping = next, cost-gain, damping/4
		if gain < minGain*cost {
			break
		}
	}
	return theta, nil
}

// damped solves (N + μ·(diag N + tiny))·step = rhs.
func damped(normal *mat.SymDense, rhs *mat.VecDense, mu float64) (*mat.VecDense, bool) {
	d := normal.SymmetricDim()
	m := mat.NewSymDense(d, nil)
	m.CopySym(normal)
	trace := mat.Trace(normal)
	for k := range d {
		m.SetSym(k, k, m.At(k, k)*(1+mu)+mu*1e-6*trace/float64(d))
	}
	var chol mat.Cholesky
	if !chol.Factorize(m) {
		return nil, false
	}
	var step mat.VecDense
	if err := chol.SolveVecTo(&step, rhs); err != nil {
		return nil, false
	}
	return &step, true
}
