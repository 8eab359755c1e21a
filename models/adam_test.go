package models

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// fixedGrad is a learnable with a given gradient.
type fixedGrad struct{ w, g gorgonia.Value }

func (f fixedGrad) Value() gorgonia.Value         { return f.w }
func (f fixedGrad) Grad() (gorgonia.Value, error) { return f.g, nil }

// adamByHand is the paper's algorithm 1 for one number, with decoupled weight decay.
func adamByHand(w, eta, decay float64, grads []float64) float64 {
	m, v := 0., 0.
	for i, g := range grads {
		m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
		mHat, vHat := m/(1-math.Pow(0.9, float64(i+1))), v/(1-math.Pow(0.999, float64(i+1)))
		w -= eta * (mHat/(math.Sqrt(vHat)+1e-8) + decay*w)
	}
	return w
}

// TestAdamFormula: the updates are those of the paper, in float64 up to rounding.
func TestAdamFormula(t *testing.T) {
	for _, decay := range []float64{0, 0.1} {
		a := NewAdam(AdamOptions{LearnRate: 0.01, WeightDecay: decay})
		if decay == 0 {
			a = new(Adam)
			a.SetLearnRate(0.01)
		}
		w, grads := dense(tensor.Shape{2}, 1, -2), [][]float64{{0.5, -1}, {0.25, 3}, {-4, 1e-5}, {0, 0}}
		for _, g := range grads {
			gv := dense(tensor.Shape{2}, g...)
			require.NoError(t, a.Step([]gorgonia.ValueGrad{fixedGrad{w, gv}}))
			require.Equal(t, []float64{0, 0}, numbers(t, gv), "gradients are cleared")
		}
		for k, start := range []float64{1, -2} {
			var of []float64
			for _, g := range grads {
				of = append(of, g[k])
			}
			require.InDelta(t, adamByHand(start, 0.01, decay, of), numbers(t, w)[k], 1e-14)
		}
	}
}

// TestAdamMatchesGorgonia: a training has the bits that it has with Gorgonia's solver.
func TestAdamMatchesGorgonia(t *testing.T) {
	for _, dt := range dtypes {
		var got [2][]float64
		for i, s := range []gorgonia.Solver{NewAdam(AdamOptions{}), gorgonia.NewAdamSolver()} {
			p := newProblem(t, dt, "prelu", 3)
			tr := trainerOf(t, p.cost, Group{Nodes: p.net.Learnables(), LearnRate: 0.02, Schedule: Cosine, Solver: s})
			r, err := tr.Run(context.Background(), 60, nil)
			require.NoError(t, err)
			got[i] = append(r.Losses, parameters(t, p.net.Learnables())...)
		}
		require.Equal(t, got[1], got[0], "%v", dt)
	}
}

// TestAdamResume: a solver that goes on from the state of another makes its steps, bit
// for bit, for learnables that are scalars, matrices and views.
func TestAdamResume(t *testing.T) {
	for _, dt := range dtypes {
		run := func(breakAt int) []float64 {
			cost, w := squareCost(t, dt)
			a := NewAdam(AdamOptions{})
			tr := trainerOf(t, cost, Group{Nodes: w, LearnRate: 0.1, Solver: a})
			for step := range 20 {
				if step == breakAt {
					values := parameters(t, w)
					state := a.State()
					require.Equal(t, step, state.Steps)
					cost, w = squareCost(t, dt)
					for _, n := range w {
						k := n.Shape().TotalSize()
						set(t, n, values[:k])
						values = values[k:]
					}
					a = NewAdam(AdamOptions{})
					require.NoError(t, a.SetState(state))
					require.Equal(t, state, a.State(), "before the first step")
					tr = trainerOf(t, cost, Group{Nodes: w, LearnRate: 0.1, Solver: a})
				}
				_, err := tr.Step(step, 20)
				require.NoError(t, err)
			}
			require.Equal(t, 20, a.State().Steps)
			return parameters(t, w)
		}
		whole := run(-1)
		for _, at := range []int{0, 1, 7, 19} {
			require.Equal(t, whole, run(at), "%v, broken at %d", dt, at)
		}
	}
}

// squareCost returns Σ w² of learnables of several shapes.
func squareCost(t testing.TB, dt tensor.Dtype) (*gorgonia.Node, gorgonia.Nodes) {
	t.Helper()
	g := gorgonia.NewGraph()
	var nodes gorgonia.Nodes
	var cost *gorgonia.Node
	for i, s := range []tensor.Shape{{3}, tensor.ScalarShape(), {1}, {2, 2}} {
		w := input(g, dt, s, fmt.Sprintf("w%d", i), ramp(s.TotalSize() + 1)[1:])
		sum := gorgonia.Must(gorgonia.Square(w))
		if !s.IsScalar() {
			sum = gorgonia.Must(gorgonia.Sum(sum))
		}
		if nodes = append(nodes, w); cost == nil {
			cost = sum
		} else {
			cost = gorgonia.Must(gorgonia.Add(cost, sum))
		}
	}
	return cost, nodes
}

// TestAdamProcessors: long learnables give the same bits on any number of processors.
func TestAdamProcessors(t *testing.T) {
	run := func(processors int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		const n = 1<<16 + 3
		rng := rand.New(rand.NewPCG(1, 2))
		w := dense(tensor.Shape{n}, uniform(rng, n, 1)...)
		a := NewAdam(AdamOptions{})
		for range 3 {
			require.NoError(t, a.Step([]gorgonia.ValueGrad{fixedGrad{w, dense(tensor.Shape{n}, uniform(rng, n, 1)...)}}))
		}
		return numbers(t, w)
	}
	require.Equal(t, run(1), run(5))
}

func TestAdamErrors(t *testing.T) {
	w := func(n int) gorgonia.Value { return dense(tensor.Shape{n}, make([]float64, n)...) }
	model := func(n int) []gorgonia.ValueGrad { return []gorgonia.ValueGrad{fixedGrad{w(n), w(n)}} }
	for _, c := range []struct {
		opts AdamOptions
		want string
	}{
		{AdamOptions{LearnRate: -1}, "LearnRate is -1, want a number of at least 0"},
		{AdamOptions{LearnRate: math.NaN()}, "LearnRate is NaN"},
		{AdamOptions{Beta1: 1}, "Beta1 is 1, want 0 to less than 1"},
		{AdamOptions{Beta2: -0.5}, "Beta2 is -0.5"},
		{AdamOptions{Eps: math.Inf(1)}, "Eps is +Inf"},
		{AdamOptions{WeightDecay: -2}, "WeightDecay is -2"},
	} {
		require.ErrorContains(t, NewAdam(c.opts).Step(model(1)), "models: Adam: "+c.want)
	}
	a := NewAdam(AdamOptions{})
	require.ErrorContains(t, a.Step([]gorgonia.ValueGrad{nil}), "learnable 0: no value")
	require.ErrorContains(t, a.Step([]gorgonia.ValueGrad{fixedGrad{w(2), nil}}), "learnable 0: no gradient")
	require.ErrorContains(t, a.Step([]gorgonia.ValueGrad{fixedGrad{w(2), w(3)}}), "gradient of float64 of shape (3)")
	require.NoError(t, a.Step(model(2)))
	require.ErrorContains(t, a.Step(append(model(2), model(2)...)), "2 learnables, but 1 at the steps before")
	require.ErrorContains(t, a.Step(model(3)), "learnable 0 is 3 numbers of float64, but was 2 of float64")
	for _, c := range []struct {
		state AdamState
		want  string
	}{
		{AdamState{Steps: -1}, "Steps is -1"},
		{AdamState{First: [][]float64{{1}}}, "1 learnables in First, 0 in Second"},
		{AdamState{First: [][]float64{{1}}, Second: [][]float64{{1, 2}}}, "learnable 0 has 1 numbers in First, 2 in Second"},
		{AdamState{First: [][]float64{{math.NaN()}}, Second: [][]float64{{1}}}, "First[0][0] is NaN"},
		{AdamState{First: [][]float64{{1}}, Second: [][]float64{{-1}}}, "Second[0][0] is -1"},
	} {
		require.ErrorContains(t, a.SetState(c.state), "models: Adam.SetState: ")
		require.ErrorContains(t, a.SetState(c.state), c.want)
	}
	require.NoError(t, a.SetState(AdamState{Steps: 3, First: [][]float64{{1}}, Second: [][]float64{{1}}}))
	require.ErrorContains(t, a.Step(model(2)), "the state that was set has 1 numbers for learnable 0, which has 2")
	require.ErrorContains(t, a.Step(append(model(1), model(1)...)), "the state that was set has 1 learnables, the model 2")
	require.NoError(t, a.Step(model(1)))
	require.Equal(t, 4, a.State().Steps)
}

// TestClip: a gradient of norm √5 is scaled to the norm asked for, over all groups; a
// smaller one is not.
func TestClip(t *testing.T) {
	for _, c := range []struct{ clip, want float64 }{{0, 1}, {2.5, 1}, {math.Sqrt(5) / 2, 0.5}, {1, 1 / math.Sqrt(5)}} {
		for _, dt := range dtypes {
			cost, w := linearCost(t, dt, tensor.Shape{2}, tensor.ScalarShape(), tensor.Shape{1}, tensor.Shape{1, 1}) // 5 gradients of 1
			a, b := &keeper{t: t}, &keeper{t: t}
			tr := trainerOf(t, cost, Group{Nodes: w[:2], Solver: a}, Group{Nodes: w[2:], Solver: b})
			tr.Clip = c.clip
			for step := range 2 {
				_, err := tr.Step(step, 2)
				require.NoError(t, err)
				near(t, fill(3, c.want), a.grads[step], 1e-7, 0, "%v", c) // float32's rounding
				near(t, fill(2, c.want), b.grads[step], 1e-7, 0, "%v", c)
			}
		}
	}
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
		tr := trainerOf(t, cost, Group{Nodes: w})
		tr.Clip = bad
		_, err := tr.Step(0, 1)
		require.ErrorContains(t, err, "Clip is")
	}
	g := gorgonia.NewGraph() // √x at 0 has slope ∞
	w := input(g, tensor.Float64, tensor.Shape{2}, "w", []float64{0, 1})
	tr := trainerOf(t, gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Sqrt(w)))), Group{Nodes: gorgonia.Nodes{w}})
	tr.Clip = 1
	_, err := tr.Step(0, 1)
	require.ErrorContains(t, err, "the norm of the gradient is")
	require.Equal(t, []float64{0, 1}, numbers(t, w.Value()))
}

func BenchmarkAdam(b *testing.B) {
	const n = 1 << 20
	for _, s := range []struct {
		name   string
		solver gorgonia.Solver
	}{{"models", NewAdam(AdamOptions{})}, {"gorgonia", gorgonia.NewAdamSolver()}} {
		b.Run(s.name, func(b *testing.B) {
			w := tensor.New(tensor.WithShape(n), tensor.WithBacking(make([]float32, n)))
			g := tensor.New(tensor.WithShape(n), tensor.WithBacking(make([]float32, n)))
			for b.Loop() {
				require.NoError(b, s.solver.Step([]gorgonia.ValueGrad{fixedGrad{w, g}}))
			}
		})
	}
}
