package models

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// features are fixed functions that are applied to each number of a matrix: a row
// (x₁, x₂, …) becomes (f₁(x₁), …, f_n(x₁), f₁(x₂), …).
type features struct {
	name string
	n    int // functions
	// eval writes the values of the functions, or their derivatives.
	eval func(x float64, out []float64)
	diff func(x float64, out []float64)
}

// fourier are x and, for k below octaves, sin(2^k·π·x) and cos(2^k·π·x), as in Mildenhall
// et al., "NeRF", 2020, section 5.1.
func fourier(octaves int) features {
	return features{"fourier", 1 + 2*octaves,
		func(x float64, out []float64) {
			out[0] = x
			for k := range octaves {
				out[1+2*k], out[2+2*k] = math.Sincos(math.Ldexp(math.Pi, k) * x)
			}
		},
		func(x float64, out []float64) {
			out[0] = 1
			for k := range octaves {
				w := math.Ldexp(math.Pi, k)
				sin, cos := math.Sincos(w * x)
				out[1+2*k], out[2+2*k] = w*cos, -w*sin
			}
		}}
}

// chebyshev are the polynomials T_1 to T_degree: T_k = 2x·T_{k−1} − T_{k−2}, and their
// derivatives k·U_{k−1}. T_0 is left to a bias.
func chebyshev(degree int) features {
	return features{"chebyshev", degree,
		func(x float64, out []float64) {
			last, t := 1., x
			for k := range out {
				out[k] = t
				last, t = t, 2*x*t-last
			}
		},
		func(x float64, out []float64) {
			last, u := 0., 1.
			for k := range out {
				out[k] = float64(k+1) * u
				last, u = u, 2*x*u-last
			}
		}}
}

func (f features) apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	return apply([]namedNode{{"x", x, 2}}, func() (*gop.Op, error) { return f.forward(), nil })
}

func (f features) forward() *gop.Op {
	return &gop.Op{
		Kind: "models.features", Name: f.name, Params: []any{f.name, f.n}, In: []int{2}, Out: 2,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if len(in[0]) != 2 {
				return nil, fmt.Errorf("x of shape %v, want 2 axes", in[0])
			}
			return tensor.Shape{in[0][0], in[0][1] * f.n}, nil
		},
		Compute: gop.Numbers(apart(featuresOf[float32](f)), apart(featuresOf[float64](f))),
		Grads:   []gop.Gradient{{Op: f.backward()}},
	}
}

// backward is the gradient to x: its inputs are x and the gradient to the result.
func (f features) backward() *gop.Op {
	return &gop.Op{
		Kind: "models.featuresDx", Name: f.name + " gradient", Params: []any{f.name, f.n}, In: []int{2, 2}, Out: 2,
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			x, g := in[0], in[1]
			if len(x) != 2 || len(g) != 2 || g[0] != x[0] || g[1] != x[1]*f.n {
				return nil, fmt.Errorf("gradient of shape %v for x of shape %v and %d functions", g, x, f.n)
			}
			return x, nil
		},
		Compute: gop.Numbers(featuresDx[float32](f), featuresDx[float64](f)),
	}
}

func featuresOf[T values.Float](f features) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		out := make([]float64, f.n)
		for i, x := range c.In[0] {
			f.eval(float64(x), out)
			for k, e := range out {
				c.Out[i*f.n+k] = T(e)
			}
		}
		return nil
	}
}

func featuresDx[T values.Float](f features) func(gop.Call[T]) error {
	return apart(func(c gop.Call[T]) error {
		slopes := make([]float64, f.n)
		for i, x := range c.In[0] {
			f.diff(float64(x), slopes)
			sum := 0.
			for k, s := range slopes {
				sum += s * float64(c.In[1][i*f.n+k])
			}
			c.Out[i] = T(sum)
		}
		return nil
	})
}
