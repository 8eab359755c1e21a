package models

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// layerCheck is a function on nodes that is held against central differences of itself.
type layerCheck struct {
	f      func(in gorgonia.Nodes) (*gorgonia.Node, error)
	shapes []tensor.Shape
	x      [][]float64 // random numbers where nil
	fixed  []bool      // inputs without a gradient
}

// run checks the values of both dtypes against each other and, in float64, the gradients
// to all inputs in both machines against central differences; the values are returned.
func (c layerCheck) run(t *testing.T) []float64 {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 0))
	x := make([][]float64, len(c.shapes))
	for i, s := range c.shapes {
		if x[i] = uniform(rng, s.TotalSize(), 2); i < len(c.x) && c.x[i] != nil {
			x[i] = c.x[i]
		}
	}
	y, _ := c.eval(t, tensor.Float64, x, nil, false)
	w := uniform(rng, len(y), 1)
	y32, _ := c.eval(t, tensor.Float32, x, nil, false)
	near(t, y, y32, 2e-5, 2e-5, "float32") // sums of some hundred numbers of size 1 in float32
	for _, lisp := range []bool{false, true} {
		_, grads := c.eval(t, tensor.Float64, x, w, lisp)
		_, grads32 := c.eval(t, tensor.Float32, x, w, lisp)
		for i := range x {
			if i < len(c.fixed) && c.fixed[i] {
				continue
			}
			want := make([]float64, len(x[i]))
			for k := range want {
				const h = 1e-5 // differences are good to h² and to rounding over h, about 1e-10
				at := slices.Clone(x)
				at[i] = slices.Clone(x[i])
				cost := func(e float64) float64 {
					at[i][k] = x[i][k] + e
					y, _ := c.eval(t, tensor.Float64, at, nil, false)
					sum := 0.
					for j := range y {
						sum += w[j] * y[j]
					}
					return sum
				}
				want[k] = (cost(h) - cost(-h)) / (2 * h)
			}
			near(t, want, grads[i], 1e-7, 1e-7, "gradient to input %d, lisp %v", i, lisp)
			near(t, want, grads32[i], 1e-4, 1e-4, "gradient to input %d, lisp %v, float32", i, lisp)
		}
	}
	return y
}

// eval returns the values and, with weights w, the gradients of Σ w·f(x) to the inputs.
func (c layerCheck) eval(t *testing.T, dt tensor.Dtype, x [][]float64, w []float64, lisp bool) (y []float64, grads [][]float64) {
	t.Helper()
	g := gorgonia.NewGraph()
	var in, wrt gorgonia.Nodes
	for i, s := range c.shapes {
		n := input(g, dt, s, fmt.Sprint("in", i), x[i])
		if in = append(in, n); i >= len(c.fixed) || !c.fixed[i] {
			wrt = append(wrt, n)
		}
	}
	out, err := c.f(in)
	require.NoError(t, err)
	var v gorgonia.Value
	gorgonia.Read(out, &v)
	if w == nil {
		vm := gorgonia.NewTapeMachine(g)
		defer vm.Close()
		require.NoError(t, vm.RunAll())
		return numbers(t, v), nil
	}
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(out, input(g, dt, out.Shape(), "w", w)))))
	require.NoError(t, machine(t, cost, lisp, wrt...).RunAll())
	grads = make([][]float64, len(in))
	for i, n := range in {
		if wrt.Contains(n) {
			grads[i] = grad(t, n)
		}
	}
	return numbers(t, v), grads
}
