package models

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/solver"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
)

// Group is a set of learnables that one solver steps with one learning rate. Whether
// the θ of activations needs a group of its own is said at [ditacop.NewSplitSolver],
// which is the same for loops without a Trainer.
type Group struct {
	// Name says in errors which group is meant.
	Name string
	// Nodes are the learnables. A group without nodes is allowed and does nothing:
	// the activations of a network may have none.
	Nodes gorgonia.Nodes
	// Solver steps the learnables. It keeps state per learnable, so no two groups
	// can share one. nil means a new Adam. gorgonia.AdamW does not work, as it takes
	// nothing but nodes with gradients of BindDualValues: Adam has its weight decay.
	Solver gorgonia.Solver
	// LearnRate is the base learning rate. 0 leaves the solver's own rate and takes
	// no Schedule.
	LearnRate float64
	// Schedule multiplies LearnRate at each step. nil means Constant.
	Schedule Schedule
}

// LearnRateSetter is what a gorgonia.Solver of another package implements so that a
// Trainer can set its learning rate. Trainers know gorgonia's AdamSolver,
// RMSPropSolver, VanillaSolver and Momentum; its other solvers keep their own rates.
type LearnRateSetter interface{ SetLearnRate(rate float64) }

// Trainer minimises a cost by gradient descent on a Gorgonia TapeMachine.
//
// It reads each gradient into memory of its own, instead of by
// gorgonia.BindDualValues, which gives zero gradients on CUDA. Gradients are
// overwritten in each step: none accumulates.
type Trainer struct {
	// Progress is called after each step, if it is not nil, with the step, from 0,
	// and the cost before the step.
	Progress func(step int, loss float64)
	// Clip is the largest norm of the gradient, the root of the sum of squares of the
	// gradients to all learnables of all groups. A larger gradient is scaled down to it
	// (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural
	// networks", 2013, algorithm 1). 0 leaves gradients as they are. With Clip a norm
	// that is NaN or infinite is an error of the step, before any learnable changes.
	Clip float64
	// Watch are learnables whose gradients' norms are kept for GradientNorm.
	Watch gorgonia.Nodes

	norms  map[*gorgonia.Node]float64
	vm     gorgonia.VM
	loss   gorgonia.Value
	groups []*group
}

type group struct {
	Group
	rate  float64 // that the solver has
	model []gorgonia.ValueGrad
}

// Result is what a run did.
type Result struct {
	// Losses are the costs, each that of a step's inputs before the step's update.
	Losses []float64
	// Steps is the number of completed steps, the length of Losses.
	Steps int
	// Elapsed is the time that the run took.
	Elapsed time.Duration
	// Interrupted says that the context ended the run before its last step.
	Interrupted bool
}

// NewTrainer returns a trainer of the groups of learnables for a scalar cost. It
// adds the gradients to the cost's graph and compiles the graph, so apply
// gorgonia.Read to all nodes of interest before. A cost that was differentiated
// before, by gorgonia.Grad or by another Trainer, and one with a node that another
// cost has the gradient of, is an error: Gorgonia keeps one gradient per node and
// would give the old one. Costs that are trained in turn (as in a GAN) need a graph
// each.
func NewTrainer(cost *gorgonia.Node, groups ...Group) (*Trainer, error) {
	if cost == nil || cost.Graph() == nil {
		return nil, fmt.Errorf("models: NewTrainer: cost is nil or in no graph")
	}
	if !cost.IsScalar() || cost.IsVar() {
		return nil, fmt.Errorf("models: NewTrainer: cost %s of shape %v, want a computed scalar", describe(cost), cost.Shape())
	}
	if err := checkNew(cost); err != nil {
		return nil, fmt.Errorf("models: NewTrainer: %w", err)
	}
	t := &Trainer{}
	var nodes gorgonia.Nodes
	for _, g := range groups {
		if err := checkGroup(&g); err != nil {
			return nil, fmt.Errorf("models: NewTrainer: group %q: %w", g.Name, err)
		}
		for _, other := range t.groups {
			if solver.Same(g.Solver, other.Solver) {
				return nil, fmt.Errorf("models: NewTrainer: groups %q and %q share a solver, which keeps state per learnable", other.Name, g.Name)
			}
		}
		for i, n := range g.Nodes {
			if err := checkLearnable(n, cost, nodes); err != nil {
				return nil, fmt.Errorf("models: NewTrainer: group %q: node %d: %w", g.Name, i, err)
			}
			nodes = append(nodes, n)
		}
		if len(g.Nodes) > 0 {
			t.groups = append(t.groups, &group{Group: g, rate: math.NaN()})
		}
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("models: NewTrainer: no learnables in %d groups", len(groups))
	}
	grads, err := gorgonia.Grad(cost, nodes...)
	if err != nil {
		return nil, fmt.Errorf("models: NewTrainer: gradient of the cost: %w", err)
	}
	gorgonia.Read(cost, &t.loss)
	for _, g := range t.groups {
		for _, n := range g.Nodes {
			vg := &valueGrad{node: n}
			gorgonia.Read(grads[0], &vg.read)
			grads = grads[1:]
			g.model = append(g.model, vg)
		}
	}
	if t.vm, err = cuda.NewTapeMachine(cost.Graph()); err != nil {
		return nil, fmt.Errorf("models: NewTrainer: %w", err)
	}
	return t, nil
}

// checkGroup reports what is wrong with a group and sets its defaults.
func checkGroup(g *Group) error {
	if math.IsNaN(g.LearnRate) || math.IsInf(g.LearnRate, 0) || g.LearnRate < 0 {
		return fmt.Errorf("LearnRate is %v, want a positive number or 0", g.LearnRate)
	}
	if g.LearnRate == 0 && g.Schedule != nil {
		return fmt.Errorf("a Schedule needs a LearnRate, which is 0")
	}
	if g.Schedule == nil {
		g.Schedule = Constant
	}
	if g.Solver == nil {
		g.Solver = NewAdam(AdamOptions{})
	}
	if solver.IsNil(g.Solver) {
		return fmt.Errorf("the Solver is a nil %T", g.Solver)
	}
	switch g.Solver.(type) {
	case *gorgonia.AdamW:
		return fmt.Errorf("a *gorgonia.AdamW finds gradients only by gorgonia.BindDualValues, which a Trainer does not use")
	case *gorgonia.AdamSolver, *gorgonia.RMSPropSolver, *gorgonia.VanillaSolver, *gorgonia.Momentum, LearnRateSetter:
		return nil
	}
	if g.LearnRate != 0 {
		return fmt.Errorf("LearnRate %v cannot be set on a %T: set it there, or give it a SetLearnRate method", g.LearnRate, g.Solver)
	}
	return nil
}

// checkNew reports a cost that has a gradient already, or is computed of a node that
// has. Backpropagation stops at such nodes, so that it would miss gradients, or take
// those of another cost.
func checkNew(cost *gorgonia.Node) error {
	if cost.Deriv() != nil {
		return fmt.Errorf("the cost %s was already differentiated, by gorgonia.Grad or another Trainer: a Trainer differentiates it itself", describe(cost))
	}
	nodes := reach(cost, nil)
	for _, n := range cost.Graph().AllNodes() {
		if nodes[n] && n.Deriv() != nil {
			return fmt.Errorf("the cost is computed of %s, which has the gradient of another cost of this graph", describe(n))
		}
	}
	return nil
}

func checkLearnable(n, cost *gorgonia.Node, others gorgonia.Nodes) error {
	switch {
	case n == nil:
		return fmt.Errorf("is nil")
	case n.Graph() != cost.Graph():
		return fmt.Errorf("%s is not in the cost's graph", describe(n))
	case !n.IsVar():
		return fmt.Errorf("%s is not an input of the graph", describe(n))
	case n.Value() == nil:
		return fmt.Errorf("%s has no value", describe(n))
	case !isFloat(n.Value().Dtype()):
		return fmt.Errorf("%s has dtype %v, want float32 or float64", describe(n), n.Value().Dtype())
	case others.Contains(n):
		return fmt.Errorf("%s is in the groups twice", describe(n))
	}
	return nil
}

// Close frees what the machine holds. The trainer cannot run any more; closing it
// again does nothing.
func (t *Trainer) Close() error {
	if t.vm == nil {
		return nil
	}
	vm := t.vm
	t.vm = nil
	return vm.Close()
}

// Run makes the given number of steps. Before each, it calls next, if that is not
// nil, to fill the inputs of the graph: bind the inputs once and write to the
// memory of their values.
//
// steps may be as large as math.MaxInt for a run that ctx or an error of next ends.
// When ctx is done, Run finishes the current step and returns what was reached,
// without an error. An error of next or of a step, as a cost that is NaN or
// infinite, ends the run; the result then covers the steps before it, and the
// learnables are those that gave the bad cost.
func (t *Trainer) Run(ctx context.Context, steps int, next func(step int) error) (Result, error) {
	if ctx == nil {
		return Result{}, fmt.Errorf("models: Trainer.Run: ctx is nil, want at least context.Background()")
	}
	if steps < 1 {
		return Result{}, fmt.Errorf("models: Trainer.Run: steps is %d, want at least 1", steps)
	}
	start := time.Now()
	var r Result
	err := t.run(ctx, steps, next, &r)
	r.Steps = len(r.Losses)
	r.Elapsed = time.Since(start)
	return r, err
}

func (t *Trainer) run(ctx context.Context, steps int, next func(step int) error, r *Result) error {
	for step := range steps {
		if ctx.Err() != nil {
			r.Interrupted = true
			return nil
		}
		if next != nil {
			if err := next(step); err != nil {
				return fmt.Errorf("models: Trainer.Run: inputs of step %d: %w", step, err)
			}
		}
		loss, err := t.Step(step, steps)
		if err != nil {
			return err
		}
		r.Losses = append(r.Losses, loss)
		if t.Progress != nil {
			t.Progress(step, loss)
		}
	}
	return nil
}

// Step makes one step, the given one of a run of steps, and returns the cost
// before its update. It is for loops that Run does not fit, such as two trainers
// in turn.
func (t *Trainer) Step(step, steps int) (float64, error) {
	if t.vm == nil {
		return 0, fmt.Errorf("models: Trainer: step %d: the trainer is closed, or was not made by NewTrainer", step)
	}
	defer t.vm.Reset()
	if err := t.vm.RunAll(); err != nil {
		return 0, fmt.Errorf("models: Trainer: step %d: %w", step, err)
	}
	losses, err := values.Float64s(t.loss)
	if err != nil {
		return 0, fmt.Errorf("models: Trainer: step %d: cost: %w", step, err)
	}
	loss := losses[0]
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return loss, fmt.Errorf("models: Trainer: step %d: the cost is %v", step, loss)
	}
	if err := t.clip(); err != nil {
		return 0, fmt.Errorf("models: Trainer: step %d: %w", step, err)
	}
	t.note()
	for _, g := range t.groups {
		if err := g.step(step, steps); err != nil {
			return 0, fmt.Errorf("models: Trainer: step %d: group %q: %w", step, g.Name, err)
		}
	}
	return loss, nil
}

// note notes the norms of the gradients to Watch, which solvers may change.
func (t *Trainer) note() {
	if len(t.Watch) == 0 {
		return
	}
	if t.norms == nil {
		t.norms = map[*gorgonia.Node]float64{}
	}
	for _, g := range t.groups {
		for _, v := range g.model {
			if vg := v.(*valueGrad); vg.read != nil && t.Watch.Contains(vg.node) {
				t.norms[vg.node] = math.Sqrt(sumOfSquares(vg.read))
			}
		}
	}
}

// GradientNorm returns the norm of the gradient to one of Watch in the last step, after Clip;
// ok is false before the first step, and if it is in none of the groups.
func (t *Trainer) GradientNorm(n *gorgonia.Node) (norm float64, ok bool) {
	norm, ok = t.norms[n]
	return norm, ok
}

func (g *group) step(step, steps int) error {
	if g.LearnRate != 0 {
		factor := g.Schedule(step, steps)
		rate := g.LearnRate * factor
		if math.IsNaN(rate) || math.IsInf(rate, 0) || rate < 0 {
			return fmt.Errorf("the schedule's factor is %v, want a number of at least 0", factor)
		}
		if rate != g.rate {
			if s, ok := g.Solver.(LearnRateSetter); ok {
				s.SetLearnRate(rate)
			} else {
				gorgonia.WithLearnRate(rate)(g.Solver)
			}
			g.rate = rate
		}
	}
	return g.Solver.Step(g.model)
}

// valueGrad gives a solver a learnable and its gradient as the machine read it.
type valueGrad struct {
	node *gorgonia.Node
	read gorgonia.Value
	grad gorgonia.Value // read, or its copy in the kind and shape of the learnable
}

// Value implements gorgonia.Valuer.
func (v *valueGrad) Value() gorgonia.Value { return v.node.Value() }

// Node returns the learnable, by which ditacop.SplitSolver knows θ.
func (v *valueGrad) Node() *gorgonia.Node { return v.node }

// Name implements gorgonia.Namer, for the errors of solvers.
func (v *valueGrad) Name() string { return v.node.Name() }

// Grad implements gorgonia.ValueGrad. Gorgonia's gradients are sometimes scalars
// for vectors of one element or the other way round, on which solvers panic.
func (v *valueGrad) Grad() (gorgonia.Value, error) {
	if v.read == nil {
		return nil, fmt.Errorf("no gradient was computed for %v", v.node)
	}
	w := v.node.Value()
	_, scalar := w.(gorgonia.Scalar)
	if _, s := v.read.(gorgonia.Scalar); s == scalar && slices.Equal(w.Shape(), v.read.Shape()) {
		return v.read, nil
	}
	if v.grad == nil {
		v.grad = values.New(w.Dtype(), w.Shape())
	}
	if err := copyValue(v.grad, v.read); err != nil {
		return nil, fmt.Errorf("gradient of shape %v for %v of shape %v: %w", v.read.Shape(), v.node, w.Shape(), err)
	}
	return v.grad, nil
}
