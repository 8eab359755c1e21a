package models

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models/metric"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// linearCost returns Σ w for new learnables of the shapes, all at 1: every gradient
// is 1, so that plain gradient descent lowers each number by the learning rate.
func linearCost(t testing.TB, dt tensor.Dtype, shapes ...tensor.Shape) (*gorgonia.Node, gorgonia.Nodes) {
	t.Helper()
	g := gorgonia.NewGraph()
	var nodes gorgonia.Nodes
	var cost *gorgonia.Node
	for i, s := range shapes {
		w := input(g, dt, s, fmt.Sprintf("w%d", i), fill(s.TotalSize(), 1))
		nodes = append(nodes, w)
		sum := w
		if !s.IsScalar() {
			sum = gorgonia.Must(gorgonia.Sum(w))
		}
		if cost == nil {
			cost = gorgonia.Must(gorgonia.Mul(sum, gorgonia.NewConstant(one(dt))))
		} else {
			cost = gorgonia.Must(gorgonia.Add(cost, sum))
		}
	}
	return cost, nodes
}

func one(dt tensor.Dtype) any {
	if dt == tensor.Float32 {
		return float32(1)
	}
	return 1.
}

// trainerOf returns a trainer that the test closes.
func trainerOf(t testing.TB, cost *gorgonia.Node, groups ...Group) *Trainer {
	t.Helper()
	tr, err := NewTrainer(cost, groups...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tr.Close()) })
	return tr
}

// problem is the regression of y = |x₀| − x₁/2 on a batch of 32 points.
type problem struct {
	net          *MLP
	x, target, y *gorgonia.Node
	cost         *gorgonia.Node
}

func newProblem(t testing.TB, dt tensor.Dtype, activation string, seed uint64) problem {
	t.Helper()
	const batch = 32
	g := gorgonia.NewGraph()
	net, err := NewMLP(g, MLPConfig{Sizes: []int{2, 8, 1}, Activation: baselineOf(t, activation), Dtype: dt, Seed: seed})
	require.NoError(t, err)
	xs := uniform(rand.New(rand.NewPCG(seed, 9)), 2*batch, 1)
	ys := make([]float64, batch)
	for i := range ys {
		ys[i] = math.Abs(xs[2*i]) - xs[2*i+1]/2
	}
	p := problem{net: net, x: input(g, dt, tensor.Shape{batch, 2}, "x", xs), target: input(g, dt, tensor.Shape{batch, 1}, "target", ys)}
	p.y, err = net.Forward(p.x)
	require.NoError(t, err)
	p.cost, err = MSE(p.y, p.target)
	require.NoError(t, err)
	return p
}

func (p problem) groups() []Group {
	return []Group{
		{Name: "weights", Nodes: p.net.Weights(), LearnRate: 0.05, Schedule: Cosine},
		{Name: "activations", Nodes: p.net.ActivationLearnables(), LearnRate: 0.02},
	}
}

// TestTrainerConverges: the regression comes out, with and without learned
// activations, in both dtypes.
func TestTrainerConverges(t *testing.T) {
	for _, activation := range []string{"relu", "tanh", "prelu", "swish"} {
		for _, dt := range dtypes {
			t.Run(fmt.Sprintf("%s/%v", activation, dt), func(t *testing.T) {
				p := newProblem(t, dt, activation, 1)
				var pred gorgonia.Value
				gorgonia.Read(p.y, &pred)
				tr := trainerOf(t, p.cost, p.groups()...)
				type progress struct {
					step int
					loss float64
				}
				var seen []progress
				tr.Progress = func(step int, loss float64) { seen = append(seen, progress{step, loss}) }
				const steps = 400
				r, err := tr.Run(context.Background(), steps, nil)
				require.NoError(t, err)
				require.Equal(t, steps, r.Steps)
				require.Len(t, r.Losses, steps)
				require.False(t, r.Interrupted)
				require.Positive(t, r.Elapsed)
				require.Greater(t, r.Losses[0], 0.05)
				require.Less(t, r.Losses[steps-1], 0.005)
				for i, s := range seen {
					require.Equal(t, progress{i, r.Losses[i]}, s)
				}
				require.Len(t, seen, steps)
				score, err := metric.R2(numbers(t, pred), numbers(t, p.target.Value()))
				require.NoError(t, err)
				require.Greater(t, score, 0.95)
			})
		}
	}
}

// TestTrainerMatchesBindDualValues: the trainer's way to the gradients gives bit
// for bit what gorgonia.BindDualValues gives.
func TestTrainerMatchesBindDualValues(t *testing.T) {
	const steps = 30
	for _, dt := range dtypes {
		p := newProblem(t, dt, "prelu", 2)
		tr := trainerOf(t, p.cost, Group{Nodes: p.net.Learnables(), LearnRate: 0.05})
		r, err := tr.Run(context.Background(), steps, nil)
		require.NoError(t, err)

		q := newProblem(t, dt, "prelu", 2)
		vm := machine(t, q.cost, false, q.net.Learnables()...)
		solver := gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.05))
		for step := range steps {
			require.NoError(t, vm.RunAll())
			require.Equal(t, numbers(t, q.cost.Value())[0], r.Losses[step], "step %d", step)
			require.NoError(t, solver.Step(gorgonia.NodesToValueGrads(q.net.Learnables())))
			vm.Reset()
		}
		require.Equal(t, parameters(t, q.net.Learnables()), parameters(t, p.net.Learnables()))
	}
}

// TestTrainerDeterminism: runs of one seed give the same losses to the last bit,
// runs of another seed other ones.
func TestTrainerDeterminism(t *testing.T) {
	losses := func(seed uint64) []float64 {
		p := newProblem(t, tensor.Float32, "swish", seed)
		r, err := trainerOf(t, p.cost, p.groups()...).Run(context.Background(), 20, nil)
		require.NoError(t, err)
		return r.Losses
	}
	want := losses(1)
	for range 5 { // map iteration differs from run to run
		require.Equal(t, want, losses(1))
	}
	require.NotEqual(t, want, losses(2))
}

// TestTrainerRates: each group steps by its own rate times its own schedule.
func TestTrainerRates(t *testing.T) {
	half := func(step, steps int) float64 { return 1 / float64(int(1)<<step) }
	for _, dt := range dtypes {
		cost, w := linearCost(t, dt, tensor.Shape{2}, tensor.Shape{1}, tensor.Shape{2, 2})
		tr := trainerOf(t, cost,
			Group{Nodes: w[:1], LearnRate: 0.25, Solver: gorgonia.NewVanillaSolver()},
			Group{Nodes: w[1:2], LearnRate: 0.5, Schedule: half, Solver: gorgonia.NewVanillaSolver()},
			Group{Nodes: w[2:], Solver: gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.125))})
		r, err := tr.Run(context.Background(), 3, nil)
		require.NoError(t, err)
		// All numbers are exact in binary.
		require.Equal(t, []float64{0.25, 0.25}, numbers(t, w[0].Value()))
		require.Equal(t, []float64{1 - 0.5 - 0.25 - 0.125}, numbers(t, w[1].Value()))
		require.Equal(t, fill(4, 0.625), numbers(t, w[2].Value()))
		require.Equal(t, []float64{7, 7 - 2*0.25 - 0.5 - 4*0.125, 7 - 4*0.25 - 0.75 - 8*0.125}, r.Losses)
	}
}

// TestTrainerSolvers: the trainer sets the rate of each of Gorgonia's solvers, on
// learnables of every rank; a rate of 0 changes nothing.
func TestTrainerSolvers(t *testing.T) {
	for name, solver := range map[string]func() gorgonia.Solver{
		"default":  func() gorgonia.Solver { return nil },
		"adam":     func() gorgonia.Solver { return gorgonia.NewAdamSolver() },
		"rmsprop":  func() gorgonia.Solver { return gorgonia.NewRMSPropSolver() },
		"vanilla":  func() gorgonia.Solver { return gorgonia.NewVanillaSolver() },
		"momentum": func() gorgonia.Solver { return gorgonia.NewMomentum() },
	} {
		for _, dt := range dtypes {
			for _, shape := range []tensor.Shape{tensor.ScalarShape(), {1}, {3}, {1, 1}, {2, 3}} {
				t.Run(fmt.Sprintf("%s/%v/%v", name, dt, shape), func(t *testing.T) {
					cost, w := linearCost(t, dt, shape, tensor.Shape{2})
					factor := 0.
					tr := trainerOf(t, cost, Group{Nodes: w, Solver: solver(), LearnRate: 0.5, Schedule: func(int, int) float64 { return factor }})
					_, err := tr.Step(0, 2)
					require.NoError(t, err)
					for _, n := range w {
						require.Equal(t, fill(n.Shape().TotalSize(), 1), numbers(t, n.Value()))
					}
					factor = 1
					_, err = tr.Step(1, 2)
					require.NoError(t, err)
					for _, n := range w {
						for _, e := range numbers(t, n.Value()) {
							require.Less(t, e, 0.9)
						}
					}
				})
			}
		}
	}
}

// recorder is a solver of another package.
type recorder struct {
	rates []float64
	names []string
	err   error
}

func (r *recorder) SetLearnRate(rate float64) { r.rates = append(r.rates, rate) }

func (r *recorder) Step(model []gorgonia.ValueGrad) error {
	for _, vg := range model {
		r.names = append(r.names, vg.(gorgonia.Namer).Name())
	}
	return r.err
}

// TestLearnRateSetter: a solver's rate is set when it changes, and its error ends
// the run.
func TestLearnRateSetter(t *testing.T) {
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2}, tensor.Shape{3})
	a, b := &recorder{}, &recorder{}
	factors := []float64{1, 1, 0.5}
	tr := trainerOf(t, cost,
		Group{Name: "a", Nodes: w[:1], Solver: a, LearnRate: 2, Schedule: func(step, _ int) float64 { return factors[step] }},
		Group{Name: "b", Nodes: w[1:], Solver: b})
	_, err := tr.Run(context.Background(), 3, nil)
	require.NoError(t, err)
	require.Equal(t, []float64{2, 1}, a.rates)
	require.Empty(t, b.rates)
	require.Equal(t, []string{"w0", "w0", "w0"}, a.names)
	require.Equal(t, []string{"w1", "w1", "w1"}, b.names)

	b.err = errors.New("no step today")
	_, err = tr.Step(2, 3)
	require.ErrorIs(t, err, b.err)
	require.ErrorContains(t, err, `models: Trainer: step 2: group "b"`)
}

func TestBadSchedule(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), -0.5} {
		cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
		tr := trainerOf(t, cost, Group{Name: "g", Nodes: w, LearnRate: 1, Schedule: func(step, _ int) float64 {
			if step == 2 {
				return bad
			}
			return 1
		}})
		r, err := tr.Run(context.Background(), 5, nil)
		require.ErrorContains(t, err, `step 2: group "g"`)
		require.ErrorContains(t, err, fmt.Sprint(bad))
		require.Equal(t, 2, r.Steps)
	}
}

// TestTrainerBatches: next fills the inputs of each step.
func TestTrainerBatches(t *testing.T) {
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
	tr := trainerOf(t, cost, Group{Nodes: w, LearnRate: 1, Solver: &recorder{}})
	var steps []int
	r, err := tr.Run(context.Background(), 4, func(step int) error {
		steps = append(steps, step)
		set(t, w[0], []float64{float64(step), 10})
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2, 3}, steps)
	require.Equal(t, []float64{10, 11, 12, 13}, r.Losses)
}

// TestTrainerInterrupted: a cancelled context ends the run after the step in
// progress and keeps its work, which a later run goes on with.
func TestTrainerInterrupted(t *testing.T) {
	p := newProblem(t, tensor.Float64, "prelu", 3)
	group := func(p problem) Group { return Group{Nodes: p.net.Learnables(), LearnRate: 0.05} }
	tr := trainerOf(t, p.cost, group(p))
	ctx, cancel := context.WithCancel(context.Background())
	tr.Progress = func(step int, _ float64) {
		if step == 4 {
			cancel()
		}
	}
	first, err := tr.Run(ctx, 12, nil)
	require.NoError(t, err)
	require.True(t, first.Interrupted)
	require.Equal(t, 5, first.Steps)

	none, err := tr.Run(ctx, 12, func(int) error { panic("not to be called") })
	require.NoError(t, err)
	require.True(t, none.Interrupted)
	require.Zero(t, none.Steps)
	require.Empty(t, none.Losses)

	tr.Progress = nil
	rest, err := tr.Run(context.Background(), 7, nil)
	require.NoError(t, err)
	q := newProblem(t, tensor.Float64, "prelu", 3)
	whole, err := trainerOf(t, q.cost, group(q)).Run(context.Background(), 12, nil)
	require.NoError(t, err)
	require.Equal(t, whole.Losses, slices.Concat(first.Losses, rest.Losses))
	require.Equal(t, parameters(t, q.net.Learnables()), parameters(t, p.net.Learnables()))
}

// TestTrainerCancelledAtTheEnd: a run that made its last step was not interrupted.
func TestTrainerCancelledAtTheEnd(t *testing.T) {
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
	tr := trainerOf(t, cost, Group{Nodes: w, LearnRate: 1})
	ctx, cancel := context.WithCancel(context.Background())
	tr.Progress = func(step int, _ float64) {
		if step == 2 {
			cancel()
		}
	}
	r, err := tr.Run(ctx, 3, nil)
	require.NoError(t, err)
	require.Equal(t, 3, r.Steps)
	require.False(t, r.Interrupted)
}

// TestTrainerErrorOfNext: it ends the run before the step that it was for.
func TestTrainerErrorOfNext(t *testing.T) {
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
	tr := trainerOf(t, cost, Group{Nodes: w, LearnRate: 0.25, Solver: gorgonia.NewVanillaSolver()})
	eof := errors.New("no more batches")
	r, err := tr.Run(context.Background(), 5, func(step int) error {
		if step == 2 {
			return eof
		}
		return nil
	})
	require.ErrorIs(t, err, eof)
	require.ErrorContains(t, err, "models: Trainer.Run: inputs of step 2")
	require.Equal(t, 2, r.Steps)
	require.Equal(t, []float64{2, 1.5}, r.Losses)
	require.Equal(t, []float64{0.5, 0.5}, numbers(t, w[0].Value()))
}

// TestTrainerBadCost: a cost that is NaN or infinite ends the run before it
// reaches the learnables, with an error that names the step.
func TestTrainerBadCost(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		for _, dt := range dtypes {
			p := newProblem(t, dt, "tanh", 4)
			tr := trainerOf(t, p.cost, Group{Nodes: p.net.Learnables(), LearnRate: 0.05})
			target := numbers(t, p.target.Value())
			var before []float64
			r, err := tr.Run(context.Background(), 9, func(step int) error {
				if step == 3 {
					before = parameters(t, p.net.Learnables())
					set(t, p.target, append(fill(1, bad), target[1:]...))
				}
				return nil
			})
			require.ErrorContains(t, err, fmt.Sprintf("step 3: the cost is %v", bad))
			require.Equal(t, 3, r.Steps)
			require.Len(t, r.Losses, 3)
			require.Equal(t, before, parameters(t, p.net.Learnables()))

			set(t, p.target, target) // and the trainer still works
			_, err = tr.Run(context.Background(), 2, nil)
			require.NoError(t, err)
		}
	}
}

func TestTrainerErrors(t *testing.T) {
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2}, tensor.Shape{3}, tensor.ScalarShape())
	g := cost.Graph()
	a, b := w[:1], w[1:2]
	foreign := input(gorgonia.NewGraph(), tensor.Float64, tensor.Shape{2}, "foreign", []float64{1, 2})
	empty := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithShape(2), gorgonia.WithName("empty"))
	apart := input(g, tensor.Float64, tensor.Shape{2}, "apart", []float64{1, 2})
	inner := gorgonia.Must(gorgonia.Square(w[0]))
	ints := gorgonia.NewVector(g, tensor.Int, gorgonia.WithName("ints"), gorgonia.WithValue(tensor.New(tensor.WithBacking([]int{1, 2}))))
	shared := gorgonia.NewAdamSolver()
	for _, c := range []struct {
		name   string
		cost   *gorgonia.Node
		groups []Group
		want   []string
	}{
		{"nil cost", nil, []Group{{Nodes: a}}, []string{"cost is nil"}},
		{"cost in no graph", gorgonia.NewConstant(1.), []Group{{Nodes: a}}, []string{"in no graph"}},
		{"cost no scalar", inner, []Group{{Nodes: a}}, []string{"shape (2), want a computed scalar"}},
		{"cost an input", w[2], []Group{{Nodes: w[2:]}}, []string{"w2", "want a computed scalar"}},
		{"no groups", cost, nil, []string{"no learnables in 0 groups"}},
		{"no nodes", cost, []Group{{}, {LearnRate: 1}}, []string{"no learnables in 2 groups"}},
		{"negative rate", cost, []Group{{Name: "x", Nodes: a, LearnRate: -0.1}}, []string{`group "x"`, "LearnRate is -0.1"}},
		{"rate NaN", cost, []Group{{Nodes: a, LearnRate: math.NaN()}}, []string{"LearnRate is NaN"}},
		{"rate infinite", cost, []Group{{Nodes: a, LearnRate: math.Inf(1)}}, []string{"LearnRate is +Inf"}},
		{"schedule without rate", cost, []Group{{Nodes: a, Schedule: Cosine}}, []string{"a Schedule needs a LearnRate"}},
		{"rate of AdaGrad", cost, []Group{{Nodes: a, LearnRate: 0.5, Solver: gorgonia.NewAdaGradSolver()}}, []string{"LearnRate 0.5", "AdaGrad"}},
		{"rate of Barzilai-Borwein", cost, []Group{{Nodes: a, LearnRate: 0.5, Solver: gorgonia.NewBarzilaiBorweinSolver()}}, []string{"LearnRate 0.5", "Barzilai"}},
		{"AdamW", cost, []Group{{Name: "x", Nodes: a, Solver: gorgonia.NewAdamW()}}, []string{`group "x"`, "AdamW", "BindDualValues"}},
		{"nil solver of a type", cost, []Group{{Nodes: a, LearnRate: 1, Solver: (*gorgonia.AdamSolver)(nil)}}, []string{"nil *gorgonia.AdamSolver"}},
		{"shared solver", cost, []Group{{Name: "x", Nodes: a, Solver: shared}, {Name: "y", Nodes: b, Solver: shared}}, []string{`groups "x" and "y" share a solver`}},
		{"nil node", cost, []Group{{Name: "x", Nodes: gorgonia.Nodes{w[0], nil}}}, []string{`group "x": node 1: is nil`}},
		{"node of another graph", cost, []Group{{Nodes: gorgonia.Nodes{foreign}}}, []string{"node 0: foreign", "not in the cost's graph"}},
		{"computed node", cost, []Group{{Nodes: gorgonia.Nodes{inner}}}, []string{"is not an input"}},
		{"no value", cost, []Group{{Nodes: gorgonia.Nodes{empty}}}, []string{"empty", "has no value"}},
		{"ints", cost, []Group{{Nodes: gorgonia.Nodes{ints}}}, []string{"ints", "dtype int"}},
		{"twice in a group", cost, []Group{{Nodes: gorgonia.Nodes{w[0], w[0]}}}, []string{"node 1: w0", "twice"}},
		{"in two groups", cost, []Group{{Nodes: a}, {Name: "y", Nodes: a}}, []string{`group "y": node 0: w0`, "twice"}},
		{"not of the cost", cost, []Group{{Nodes: gorgonia.Nodes{apart}}}, []string{"gradient of the cost", "apart"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, err := NewTrainer(c.cost, c.groups...)
			require.Nil(t, tr)
			require.ErrorContains(t, err, "models: NewTrainer: ")
			for _, w := range c.want {
				require.ErrorContains(t, err, w)
			}
		})
	}

	// The refused groups have left the graph as it was.
	require.NoError(t, gorgonia.Let(empty, dense(tensor.Shape{2}, 0, 0)))
	tr := trainerOf(t, cost, Group{Nodes: w, LearnRate: 0.5, Solver: gorgonia.NewVanillaSolver()})
	_, err := tr.Step(0, 1)
	require.NoError(t, err)
	require.Equal(t, fill(6, 0.5), parameters(t, w))

	for _, steps := range []int{0, -3} {
		_, err = tr.Run(context.Background(), steps, nil)
		require.ErrorContains(t, err, fmt.Sprintf("steps is %d", steps))
	}
}

// TestGradientKinds: solvers get each gradient in the kind and shape of its
// learnable, whatever the machine made of it.
func TestGradientKinds(t *testing.T) {
	rank0 := tensor.New(tensor.FromScalar(7.))
	for _, c := range []struct {
		name  string
		shape tensor.Shape
		read  gorgonia.Value
		same  bool
	}{
		{"scalar for scalar", tensor.ScalarShape(), gorgonia.NewF64(7), true},
		{"rank 0 for scalar", tensor.ScalarShape(), rank0, false},
		{"vector for scalar", tensor.ScalarShape(), dense(tensor.Shape{1}, 7), false},
		{"vector for vector", tensor.Shape{1}, dense(tensor.Shape{1}, 7), true},
		{"scalar for vector", tensor.Shape{1}, gorgonia.NewF64(7), false},
		{"matrix for vector", tensor.Shape{1}, dense(tensor.Shape{1, 1}, 7), false},
		{"scalar for matrix", tensor.Shape{1, 1}, gorgonia.NewF64(7), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := input(gorgonia.NewGraph(), tensor.Float64, c.shape, "n", []float64{1})
			vg := &valueGrad{node: n, read: c.read}
			g, err := vg.Grad()
			require.NoError(t, err)
			require.Equal(t, []float64{7}, numbers(t, g))
			require.Equal(t, c.same, g == c.read)
			require.IsType(t, n.Value(), g)
			require.Equal(t, n.Value().Shape(), g.Shape())
			for _, next := range []float64{9, -2} { // overwritten: it is neither the old one nor the sum
				require.NoError(t, copyValue(c.read, dense(tensor.Shape{1}, next)))
				g, err = vg.Grad()
				require.NoError(t, err)
				require.Equal(t, []float64{next}, numbers(t, g))
			}
		})
	}
	n := input(gorgonia.NewGraph(), tensor.Float64, tensor.Shape{3}, "n", []float64{1, 2, 3})
	_, err := (&valueGrad{node: n}).Grad()
	require.ErrorContains(t, err, "no gradient was computed for n")
	_, err = (&valueGrad{node: n, read: dense(tensor.Shape{2}, 1, 2)}).Grad()
	require.ErrorContains(t, err, "gradient of shape (2) for n")
}

// TestTrainerDifferentiated: a cost with a gradient, and one computed of a node with
// the gradient of another cost, is refused. Gorgonia would give in the cases in order:
// the old gradient; that of twice the cost; a part of the gradient to w2, without the
// one by way of the product.
func TestTrainerDifferentiated(t *testing.T) {
	sum := func(n *gorgonia.Node) *gorgonia.Node { return gorgonia.Must(gorgonia.Sum(n)) }
	for _, c := range []struct {
		name   string
		before func(cost, product *gorgonia.Node) *gorgonia.Node // to differentiate before
		want   string
	}{
		{"cost", func(cost, _ *gorgonia.Node) *gorgonia.Node { return cost }, "already differentiated"},
		{"cost as a part of another", func(cost, _ *gorgonia.Node) *gorgonia.Node {
			return gorgonia.Must(gorgonia.Mul(cost, gorgonia.NewConstant(2.)))
		}, "already differentiated"},
		{"inner node", func(_, product *gorgonia.Node) *gorgonia.Node { return sum(product) }, "gradient of another cost"},
		{"input", func(_, product *gorgonia.Node) *gorgonia.Node {
			return sum(gorgonia.Must(gorgonia.Cube(product.Graph().ByName("w1")[0])))
		}, "w1 :: Vector float64, which has the gradient of another cost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			w1, w2 := input(g, tensor.Float64, tensor.Shape{2}, "w1", []float64{1, 2}), input(g, tensor.Float64, tensor.Shape{2}, "w2", []float64{3, 4})
			product := gorgonia.Must(gorgonia.HadamardProd(w1, w2))
			cost := sum(gorgonia.Must(gorgonia.Add(product, gorgonia.Must(gorgonia.Square(w2)))))
			_, err := gorgonia.Grad(c.before(cost, product), w1)
			require.NoError(t, err)
			_, err = NewTrainer(cost, Group{Nodes: gorgonia.Nodes{w2}})
			require.ErrorContains(t, err, "models: NewTrainer: the cost")
			require.ErrorContains(t, err, c.want)
		})
	}
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
	trainerOf(t, cost, Group{Nodes: w})
	_, err := NewTrainer(cost, Group{Nodes: w})
	require.ErrorContains(t, err, "already differentiated, by gorgonia.Grad or another Trainer")
}

// keeper is a solver that leaves gradients as they are; Gorgonia's set them to 0.
type keeper struct {
	t     *testing.T
	grads [][]float64
}

func (k *keeper) Step(model []gorgonia.ValueGrad) error {
	var all []float64
	for _, vg := range model {
		g, err := vg.Grad()
		require.NoError(k.t, err)
		require.Equal(k.t, vg.Value().Shape(), g.Shape())
		all = append(all, numbers(k.t, g)...)
	}
	k.grads = append(k.grads, all)
	return nil
}

// TestTrainerOverwritesGradients: each step's gradients are those of its inputs, also
// for a solver that does not clear them. The cost is Σ x·w, so that they are x.
func TestTrainerOverwritesGradients(t *testing.T) {
	for _, shape := range []tensor.Shape{tensor.ScalarShape(), {1}, {3}, {1, 1}, {2, 2}} {
		g := gorgonia.NewGraph()
		n := shape.TotalSize()
		w, x := input(g, tensor.Float64, shape, "w", ramp(n + 1)[:n]), input(g, tensor.Float64, shape, "x", fill(n, 0))
		cost := gorgonia.Must(gorgonia.HadamardProd(w, x))
		if !shape.IsScalar() {
			cost = gorgonia.Must(gorgonia.Sum(cost))
		}
		k := &keeper{t: t}
		want := [][]float64{fill(n, 3), fill(n, -1), fill(n, 5)}
		_, err := trainerOf(t, cost, Group{Nodes: gorgonia.Nodes{w}, Solver: k}).Run(context.Background(), len(want), func(step int) error {
			v := values.New(tensor.Float64, shape) // scalars have no memory to write to
			require.NoError(t, values.Store(v, want[step]))
			return gorgonia.Let(x, v)
		})
		require.NoError(t, err)
		require.Equal(t, want, k.grads, "%v", shape)
	}
}

// TestTwoCosts: costs of a graph that share no learnable can have a trainer each.
func TestTwoCosts(t *testing.T) {
	g := gorgonia.NewGraph()
	var trainers []*Trainer
	var nodes gorgonia.Nodes
	for _, name := range []string{"a", "b"} {
		w := input(g, tensor.Float64, tensor.Shape{2}, name, []float64{1, 1})
		trainers = append(trainers, trainerOf(t, gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(w)))),
			Group{Nodes: gorgonia.Nodes{w}, LearnRate: 0.25, Solver: gorgonia.NewVanillaSolver()}))
		nodes = append(nodes, w)
	}
	for _, tr := range trainers {
		_, err := tr.Step(0, 1)
		require.NoError(t, err)
	}
	require.Equal(t, fill(4, 0.5), parameters(t, nodes))
}

// TestRunWithoutEnd: a run of as many steps as an int holds takes memory for those it
// makes, and ends with its context.
func TestRunWithoutEnd(t *testing.T) {
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
	tr := trainerOf(t, cost, Group{Nodes: w, Solver: &recorder{}})
	ctx, cancel := context.WithCancel(context.Background())
	tr.Progress = func(step int, _ float64) {
		if step == 9 {
			cancel()
		}
	}
	r, err := tr.Run(ctx, math.MaxInt, nil)
	require.NoError(t, err)
	require.True(t, r.Interrupted)
	require.Equal(t, 10, r.Steps)
	require.LessOrEqual(t, cap(r.Losses), 64)
	var none context.Context
	_, err = tr.Run(none, 1, nil)
	require.ErrorContains(t, err, "ctx is nil")
}

// TestOwnRate: solvers without a rate to set keep their own, if none is asked for.
func TestOwnRate(t *testing.T) {
	for _, solver := range []gorgonia.Solver{gorgonia.NewAdaGradSolver(), gorgonia.NewBarzilaiBorweinSolver()} {
		cost, w := linearCost(t, tensor.Float64, tensor.Shape{2}, tensor.Shape{2, 2})
		_, err := trainerOf(t, cost, Group{Nodes: w, Solver: solver}).Step(0, 1)
		require.NoError(t, err, "%T", solver)
		for _, e := range parameters(t, w) {
			require.Less(t, e, 1., "%T", solver)
		}
	}
}

func TestTrainerClose(t *testing.T) {
	cost, w := linearCost(t, tensor.Float64, tensor.Shape{2})
	tr, err := NewTrainer(cost, Group{Nodes: w, LearnRate: 1})
	require.NoError(t, err)
	require.NoError(t, tr.Close())
	_, err = tr.Step(0, 1)
	require.ErrorContains(t, err, "step 0: the trainer is closed")
	_, err = tr.Run(context.Background(), 1, nil)
	require.ErrorContains(t, err, "closed")
	require.NoError(t, tr.Close())
}
