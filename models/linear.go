package models

import (
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// linear is the layer x·W + b for x of shape (batch, in), W of shape (in, out)
// and b of shape (out).
type linear struct{ weight, bias *gorgonia.Node }

// newLinear returns a layer whose weights start uniformly in ±bound, see initBound,
// and whose bias starts uniformly in ±1/√in, as that of PyTorch's Linear.
func newLinear(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, in, out int, bound float64, rng *rand.Rand) (*linear, error) {
	w, err := newLearnable(g, dt, tensor.Shape{in, out}, name+".weight", uniform(rng, in*out, bound))
	if err != nil {
		return nil, err
	}
	b, err := newLearnable(g, dt, tensor.Shape{out}, name+".bias", uniform(rng, out, 1/math.Sqrt(float64(in))))
	if err != nil {
		return nil, err
	}
	return &linear{weight: w, bias: b}, nil
}

// uniform returns n numbers in ±bound, float64 for all dtypes so that networks of
// one seed hold the same numbers.
func uniform(rng *rand.Rand, n int, bound float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = bound * (2*rng.Float64() - 1)
	}
	return out
}

func (l *linear) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	xw, err := gorgonia.Mul(x, l.weight)
	if err != nil {
		return nil, err
	}
	return addBias.Apply(xw, l.bias)
}
