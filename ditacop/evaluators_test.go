package ditacop

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/table"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// groupsCells and groupsDim describe the activations of this file.
const (
	groupsCells = 6
	groupsDim   = groupsCells - 1
)

// grouped returns an activation with groups along axis 1.
func grouped(t testing.TB, dt tensor.Dtype, groups int) *Activation {
	t.Helper()
	a, err := New(gorgonia.NewGraph(), dt, WithCells(groupsCells), WithBasis(cpab.BasisNodal), WithDomain(-3, 3), WithGroups(1, groups))
	require.NoError(t, err)
	return a
}

// groupedCurve is the curve of such an activation at the θ of one group, made without it.
func groupedCurve(t testing.TB, theta []float64) *curve.Exact {
	t.Helper()
	s, err := cpab.NewSpace(groupsCells, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(t, err)
	c, err := curve.New(s, curve.DiTAC)
	require.NoError(t, err)
	e, err := c.Exact(theta)
	require.NoError(t, err)
	return e
}

// randomTheta returns a θ for each group. Seeds differ in all of them.
func randomTheta(groups int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 3))
	theta := make([]float64, groups*groupsDim)
	for k := range theta {
		theta[k] = float64(float32(0.3 * rng.NormFloat64()))
	}
	return theta
}

// batch is inputs and upstream gradients of shape (rows, channels).
type batch struct {
	shape tensor.Shape
	x, g  []float64
}

func newBatch(rows, channels int) *batch {
	rng := rand.New(rand.NewPCG(11, 12))
	b := &batch{shape: tensor.Shape{rows, channels}}
	for range rows * channels {
		b.x = append(b.x, float64(float32(2*rng.NormFloat64())))
		b.g = append(b.g, float64(float32(rng.NormFloat64())))
	}
	return b
}

// do runs an op of the activation at θ.
func (b *batch) do(a *Activation, kind opKind, theta []float64) ([]float64, error) {
	in := []gorgonia.Value{denseOf(a.dt, b.shape, b.x), denseOf(a.dt, a.thetaShape(), theta), denseOf(a.dt, b.shape, b.g)}
	if kind == forward {
		in = in[:2]
	}
	v, err := a.op(kind, len(b.shape)).Do(in...)
	if err != nil {
		return nil, err
	}
	return float64sOf(v)
}

// require holds the three results at θ against the curves of the groups, element by
// element.
func (b *batch) require(t testing.TB, a *Activation, theta []float64) {
	t.Helper()
	// The tables' tolerance on a domain of width 6, and some roundings of float32.
	tol := 1e-5
	if a.dt == tensor.Float64 {
		tol = 1e-12
	}
	groups := len(theta) / groupsDim
	var results [3][]float64
	for kind := forward; kind <= backwardTheta; kind++ {
		var err error
		results[kind], err = b.do(a, kind, theta)
		require.NoError(t, err)
	}
	dtheta, weight := make([]float64, len(theta)), 1.0
	curves := make([]*curve.Exact, groups)
	for k := range curves {
		curves[k] = groupedCurve(t, theta[k*groupsDim:(k+1)*groupsDim])
	}
	for i, x := range b.x {
		k := groupOf(b.shape, 1, groups, i)
		y, dy := curves[k].Jet(x)
		require.InDelta(t, y, results[forward][i], tol*(1+math.Abs(y)), "y(%v), element %d", x, i)
		require.InDelta(t, b.g[i]*dy, results[backwardX][i], 10*tol*(1+math.Abs(b.g[i]*dy)), "dx(%v), element %d", x, i)
		dv := make([]float64, groupsCells+1)
		require.NoError(t, curves[k].AddGradV(dv, x, b.g[i]))
		require.NoError(t, curves[k].Curve().Space().PullBack(dtheta[k*groupsDim:(k+1)*groupsDim], dv))
		weight += math.Abs(b.g[i])
	}
	for j := range dtheta {
		require.InDelta(t, dtheta[j], results[backwardTheta][j], tol*weight, "dθ[%d]", j)
	}
}

// tableFrom is the number of elements per θ from which float32 tensors have tables here.
var _, tableFrom = table.BreakEven(groupsCells)

// TestThetaMoves: the curves follow θ from run to run, those of few groups and of many,
// forms and tables.
func TestThetaMoves(t *testing.T) {
	for _, dt := range bothDtypes {
		for _, groups := range []int{1, 2, makeFrom + 1} {
			a, b := grouped(t, dt, groups), newBatch(2*tableFrom, groups)
			for _, seed := range []uint64{1, 2, 2, 1} {
				b.require(t, a, randomTheta(groups, seed))
			}
		}
	}
}

// TestCurvesInUse: curves that someone works with stay where they are while θ moves.
func TestCurvesInUse(t *testing.T) {
	const groups = 2
	for _, dt := range bothDtypes {
		for _, perTheta := range []int{1, tableFrom} { // exact, forms or table
			a := grouped(t, dt, groups)
			thetas := [][]float64{randomTheta(groups, 1), randomTheta(groups, 2), randomTheta(groups, 3)}
			var held []*evaluators
			var curves [][]table.Evaluator
			for i, theta := range thetas {
				e, evs, err := a.acquire(denseOf(dt, a.thetaShape(), theta), perTheta)
				require.NoError(t, err)
				held, curves = append(held, e), append(curves, evs)
				again, _, err := a.acquire(denseOf(dt, a.thetaShape(), theta), perTheta)
				require.NoError(t, err)
				require.Same(t, held[i], again, "equal θ share their curves")
				a.release(again)
			}
			for i, theta := range thetas {
				for k := range groups {
					x := []float64{-1.5, 0.25, 1}
					y := make([]float64, len(x))
					curves[i][k].Forward64(y, x)
					for j := range x {
						want, _ := groupedCurve(t, theta[k*groupsDim:(k+1)*groupsDim]).Jet(x[j])
						require.InDelta(t, want, y[j], 1e-5, "θ %d, group %d", i, k)
					}
				}
				a.release(held[i])
			}
			// Now their memory is free for the next θ.
			e, _, err := a.acquire(denseOf(dt, a.thetaShape(), randomTheta(groups, 4)), perTheta)
			require.NoError(t, err)
			require.Same(t, held[len(held)-1], e)
			a.release(e)
		}
	}
}

// TestThetaAfterError: a θ that one group refuses leaves no half of it behind, although
// the other groups had moved.
func TestThetaAfterError(t *testing.T) {
	const groups = 3
	for _, dt := range bothDtypes {
		a, b := grouped(t, dt, groups), newBatch(tableFrom, groups)
		good, bad := randomTheta(groups, 1), randomTheta(groups, 2)
		bad[2*groupsDim+1] = math.NaN()
		b.require(t, a, good)
		for range 2 {
			_, err := b.do(a, forward, bad)
			require.ErrorContains(t, err, "group 2: cpab: theta[1] = NaN")
			b.require(t, a, good)
		}
	}
}

// TestGoroutines: goroutines that run the ops of one activation at θ of their own, as
// machines of clones do, all get what they would alone.
func TestGoroutines(t *testing.T) {
	const workers, rounds = 4, 5
	for _, dt := range bothDtypes {
		for _, groups := range []int{1, makeFrom + 1} {
			shared, b := grouped(t, dt, groups), newBatch(tableFrom, groups)
			var wg sync.WaitGroup
			results, want := make([][][]float64, workers), make([][]float64, workers)
			errs := make([]error, workers)
			for w := range workers {
				theta := randomTheta(groups, uint64(w))
				var err error
				want[w], err = b.do(grouped(t, dt, groups), backwardX, theta)
				require.NoError(t, err)
				wg.Add(1)
				go func() {
					defer wg.Done()
					for range rounds {
						for _, kind := range []opKind{forward, backwardTheta, backwardX} {
							r, err := b.do(shared, kind, theta)
							if err != nil {
								errs[w] = err
								return
							}
							if kind == backwardX {
								results[w] = append(results[w], r)
							}
						}
					}
				}()
			}
			wg.Wait()
			for w := range workers {
				require.NoError(t, errs[w])
				require.Len(t, results[w], rounds)
				for _, r := range results[w] {
					requireSameBits(t, want[w], r, "dx")
				}
			}
		}
	}
}
