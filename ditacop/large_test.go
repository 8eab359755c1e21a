package ditacop

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

var largeShape = tensor.Shape{3, 6, 50, 160} // 144,000 elements

// TestLarge holds the fast paths (tables, several processors) against the exact
// evaluation of the same numbers, and their bits against each other for different
// numbers of processors: one θ, and one per group of channels.
func TestLarge(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	shape := largeShape
	rng := rand.New(rand.NewPCG(1, 2))
	xs, gs := make([]float32, shape.TotalSize()), make([]float32, shape.TotalSize())
	for i := range xs {
		xs[i], gs[i] = float32(2*rng.NormFloat64()), float32(rng.NormFloat64())
	}
	base := []Option{WithCells(10), WithBasis(cpab.BasisQR), WithDomain(-3, 3)}
	for name, opts := range map[string][]Option{
		"one":    append(base, WithInit(PriorSample(1, 3, 2))),
		"groups": append(base, WithInit(PriorSample(2, 3, 2)), WithGroups(1, 3)),
	} {
		t.Run(name, func(t *testing.T) {
			var first [3][]float32
			for workers := 1; workers <= 3; workers++ {
				runtime.GOMAXPROCS(workers)
				a, err := New(gorgonia.NewGraph(), tensor.Float32, opts...)
				require.NoError(t, err)
				x := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(xs))
				g := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(gs))
				for kind := forward; kind <= backwardTheta; kind++ {
					in := []gorgonia.Value{x, a.Theta().Value(), g}
					if kind == forward {
						in = in[:2]
					}
					out, err := a.op(kind, 4).Do(in...)
					require.NoError(t, err)
					got := out.Data().([]float32)
					if workers == 1 {
						first[kind] = got
						requireExact(t, a, kind, xs, gs, got)
						continue
					}
					for i := range got {
						require.Equal(t, math.Float32bits(first[kind][i]), math.Float32bits(got[i]), "kind %d, element %d, %d workers", kind, i, workers)
					}
				}
			}
		})
	}
}

// requireExact compares a result with the exact curves.
func requireExact(t *testing.T, a *Activation, kind opKind, xs, gs, got []float32) {
	t.Helper()
	const tol, eps = 6e-6, 1e-6 // the tables' tolerance on [−3,3], and a few roundings of float32
	d := a.Space().Dim()
	for group := range a.groups {
		e, err := a.Exact(group)
		require.NoError(t, err)
		sum, dv, weight := make([]float64, d), make([]float64, a.Space().Cells()+1), 0.0
		for i := range xs {
			if groupOf(largeShape, a.axis, a.groups, i) != group {
				continue
			}
			y, dy := e.Jet(float64(xs[i]))
			switch kind {
			case forward:
				require.InDelta(t, y, got[i], tol+eps*math.Abs(y), "y(%v)", xs[i])
			case backwardX:
				require.InDelta(t, float64(gs[i])*dy, got[i], (tol+eps)*math.Abs(float64(gs[i]))*math.Max(1, math.Abs(dy)), "y′(%v)", xs[i])
			}
			require.NoError(t, e.AddGradV(dv, float64(xs[i]), float64(gs[i])))
			weight += math.Abs(float64(gs[i]))
		}
		if kind == backwardTheta {
			require.NoError(t, a.Space().PullBack(sum, dv))
			for j := range sum {
				// The errors of the elements are of either sign: of their sum's bound,
				// tol·weight, a hundredth is left.
				require.InDelta(t, sum[j], got[group*d+j], tol*weight/100, "θ[%d] of group %d", j, group)
			}
		}
	}
}
