package models

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// AdamOptions are the settings of an [Adam]. The zero value is the usual one, and so is a
// zero Adam.
type AdamOptions struct {
	// LearnRate is η; 0 means 0.001.
	LearnRate float64
	// Beta1 and Beta2 are the decay rates of the moments, in [0, 1); 0 means 0.9 and
	// 0.999.
	Beta1, Beta2 float64
	// Eps is ε, at least 0; 0 means 1e-8.
	Eps float64
	// WeightDecay is the decoupled weight decay λ of Loshchilov and Hutter ("AdamW",
	// 2019), at least 0: each step also lowers w by η·λ·w. Leave it at 0 for the group of
	// θ, which ditacop.WithPenalty keeps small.
	WeightDecay float64
}

// Adam is the solver of Kingma and Ba, "Adam: A Method for Stochastic Optimization",
// 2015, algorithm 1:
//
//	m ← β₁·m + (1 − β₁)·g
//	v ← β₂·v + (1 − β₂)·g²
//	w ← w − η·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)
//
// It computes in the dtype of the learnables and sets the gradients to zero after each
// step, as Gorgonia's solvers do. Its numbers are, bit for bit, those of
// gorgonia.AdamSolver without clipping or regularisation, for all learnables but scalars
// (of rank 0), whose v is rounded in another order there. What it adds is State and SetState,
// which a resumed training needs, decoupled weight decay, and speed.
type Adam struct {
	opts    AdamOptions
	steps   int
	moments []*moments
	pending *AdamState // of SetState, until the first step tells the dtypes
}

var (
	_ gorgonia.Solver = (*Adam)(nil)
	_ LearnRateSetter = (*Adam)(nil)
)

// AdamState is what an [Adam] keeps from step to step. It is plain data.
type AdamState struct {
	// Steps is t, the number of steps made.
	Steps int
	// First and Second are m and v, for each learnable in the order of the model and
	// there in row-major order. float64 holds those of float32 learnables exactly.
	First, Second [][]float64
}

// moments are m and v of a learnable, in its dtype.
type moments struct {
	dt       tensor.Dtype
	m32, v32 []float32
	m64, v64 []float64
}

// NewAdam returns a solver. Options out of their range are an error of its first Step.
func NewAdam(opts AdamOptions) *Adam { return &Adam{opts: opts.withDefaults()} }

func (o AdamOptions) withDefaults() AdamOptions {
	for _, d := range []struct {
		option *float64
		value  float64
	}{{&o.LearnRate, 0.001}, {&o.Beta1, 0.9}, {&o.Beta2, 0.999}, {&o.Eps, 1e-8}} {
		if *d.option == 0 {
			*d.option = d.value
		}
	}
	return o
}

// made gives an Adam that NewAdam did not make its options.
func (a *Adam) made() {
	if a.opts == (AdamOptions{}) {
		a.opts = a.opts.withDefaults()
	}
}

func (o AdamOptions) check() error {
	for _, c := range []struct {
		name  string
		value float64
		most  float64
	}{
		{"LearnRate", o.LearnRate, math.Inf(1)}, {"Beta1", o.Beta1, 1}, {"Beta2", o.Beta2, 1},
		{"Eps", o.Eps, math.Inf(1)}, {"WeightDecay", o.WeightDecay, math.Inf(1)},
	} {
		if !(c.value >= 0 && c.value < c.most) {
			if math.IsInf(c.most, 1) {
				return fmt.Errorf("%s is %v, want a number of at least 0", c.name, c.value)
			}
			return fmt.Errorf("%s is %v, want 0 to less than %v", c.name, c.value, c.most)
		}
	}
	return nil
}

// SetLearnRate sets η for the steps to come.
func (a *Adam) SetLearnRate(rate float64) {
	a.made()
	a.opts.LearnRate = rate
}

// Step updates the learnables of the model, which must be the same in the same order at
// each call, and sets their gradients to zero. It reports bad options, a learnable
// without a gradient or of another shape than it, and a model that the moments do not
// fit; then nothing has changed.
func (a *Adam) Step(model []gorgonia.ValueGrad) error {
	if err := a.step(model); err != nil {
		return fmt.Errorf("models: Adam: %w", err)
	}
	return nil
}

func (a *Adam) step(model []gorgonia.ValueGrad) error {
	a.made()
	if err := a.opts.check(); err != nil {
		return err
	}
	grads := make([]gorgonia.Value, len(model))
	for i, n := range model {
		var err error
		if grads[i], err = gradOf(n); err != nil {
			return fmt.Errorf("learnable %d: %w", i, err)
		}
	}
	if err := a.prepare(model); err != nil {
		return err
	}
	a.steps++
	for i, n := range model {
		var err error
		if s := a.moments[i]; s.dt == tensor.Float32 {
			err = adamUpdate(a.opts, a.steps, n.Value(), grads[i], s.m32, s.v32)
		} else {
			err = adamUpdate(a.opts, a.steps, n.Value(), grads[i], s.m64, s.v64)
		}
		if err != nil {
			return fmt.Errorf("learnable %d: %w", i, err)
		}
	}
	return nil
}

// gradOf returns the gradient of a learnable, which has its dtype and size.
func gradOf(n gorgonia.ValueGrad) (gorgonia.Value, error) {
	if n == nil || n.Value() == nil {
		return nil, fmt.Errorf("no value")
	}
	w := n.Value()
	if !isFloat(w.Dtype()) {
		return nil, fmt.Errorf("dtype %v, want float32 or float64", w.Dtype())
	}
	g, err := n.Grad()
	if err != nil {
		return nil, fmt.Errorf("gradient: %w", err)
	}
	if g == nil {
		return nil, fmt.Errorf("no gradient")
	}
	if g.Dtype() != w.Dtype() || g.Shape().TotalSize() != w.Shape().TotalSize() {
		return nil, fmt.Errorf("gradient of %v of shape %v for %v of shape %v", g.Dtype(), g.Shape(), w.Dtype(), w.Shape())
	}
	return g, nil
}

// prepare makes the moments at the first step, of zeros or of the state that was set,
// and checks at others that the model is the same.
func (a *Adam) prepare(model []gorgonia.ValueGrad) error {
	if a.moments == nil {
		made := make([]*moments, len(model))
		for i, n := range model {
			made[i] = newMoments(n.Value().Dtype(), n.Value().Shape().TotalSize())
		}
		if p := a.pending; p != nil {
			if err := p.fill(made); err != nil {
				return err
			}
			a.steps, a.pending = p.Steps, nil
		}
		a.moments = made
	}
	if len(a.moments) != len(model) {
		return fmt.Errorf("%d learnables, but %d at the steps before", len(model), len(a.moments))
	}
	for i, n := range model {
		w, s := n.Value(), a.moments[i]
		if w.Dtype() != s.dt || w.Shape().TotalSize() != s.len() {
			return fmt.Errorf("learnable %d is %d numbers of %v, but was %d of %v at the steps before", i, w.Shape().TotalSize(), w.Dtype(), s.len(), s.dt)
		}
	}
	return nil
}

// adamUpdate updates w, m and v. The conversions keep compilers from fusing products
// with sums, so that all machines give the same bits.
func adamUpdate[T values.Float](o AdamOptions, steps int, weights, grad gorgonia.Value, m, v []T) error {
	w, inPlace := values.Direct[T](weights)
	if !inPlace {
		x, err := values.Elements[T](weights)
		if err != nil {
			return err
		}
		w = x // a copy
	}
	g, err := values.Elements[T](grad)
	if err != nil {
		return err
	}
	b1, b2, eps, eta := T(o.Beta1), T(o.Beta2), T(o.Eps), T(o.LearnRate)
	c1 := 1 / T(1-math.Pow(o.Beta1, float64(steps)))
	c2 := 1 / T(1-math.Pow(o.Beta2, float64(steps)))
	keep := T(1 - o.LearnRate*o.WeightDecay)
	parallel.SlicesOf(len(w), 1<<14).Each(func(_, from, to int) {
		g := g[from:to]
		w, m, v := w[from:to][:len(g)], m[from:to][:len(g)], v[from:to][:len(g)]
		for i, e := range g {
			mi := T(m[i]*b1) + T(e*(1-b1))
			vi := T(v[i]*b2) + T(T(e*e)*(1-b2))
			m[i], v[i] = mi, vi
			move := T(mi*c1) * -eta / (T(math.Sqrt(float64(T(vi*c2)))) + eps)
			w[i] = T(w[i]*keep) + move
		}
	})
	if !inPlace {
		if err := values.Store(weights, w); err != nil {
			return err
		}
	}
	if g, ok := values.Direct[T](grad); ok {
		clear(g)
		return nil
	}
	return values.Store(grad, make([]T, len(w)))
}

// State returns a copy of what the solver keeps: of no moments before its first step.
func (a *Adam) State() AdamState {
	if a.pending != nil {
		return a.pending.clone()
	}
	s := AdamState{Steps: a.steps}
	for _, l := range a.moments {
		m, v := l.float64s()
		s.First, s.Second = append(s.First, m), append(s.Second, v)
	}
	return s
}

// SetState makes the solver go on from a state, of which it takes a copy. It reports a
// negative number of steps, lists of different lengths and moments that no Adam has:
// infinite or NaN ones and a negative v. Whether they fit the model is seen at the next
// Step.
func (a *Adam) SetState(s AdamState) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("models: Adam.SetState: %w", err)
	}
	a.moments, a.steps, a.pending = nil, 0, nil
	if len(s.First) == 0 {
		a.steps = s.Steps
		return nil
	}
	c := s.clone()
	a.pending = &c
	return nil
}

func (s AdamState) check() error {
	if s.Steps < 0 {
		return fmt.Errorf("AdamState.Steps is %d, want at least 0", s.Steps)
	}
	if len(s.First) != len(s.Second) {
		return fmt.Errorf("%d learnables in First, %d in Second", len(s.First), len(s.Second))
	}
	for i, m := range s.First {
		v := s.Second[i]
		if len(m) != len(v) {
			return fmt.Errorf("learnable %d has %d numbers in First, %d in Second", i, len(m), len(v))
		}
		for k := range m {
			if !finite(m[k]) {
				return fmt.Errorf("AdamState.First[%d][%d] is %v", i, k, m[k])
			}
			if !finite(v[k]) || v[k] < 0 {
				return fmt.Errorf("AdamState.Second[%d][%d] is %v, want a number of at least 0", i, k, v[k])
			}
		}
	}
	return nil
}

func (s AdamState) clone() AdamState {
	c := AdamState{Steps: s.Steps}
	for i := range s.First {
		c.First = append(c.First, append([]float64(nil), s.First[i]...))
		c.Second = append(c.Second, append([]float64(nil), s.Second[i]...))
	}
	return c
}

// fill gives the moments the numbers of the state.
func (s AdamState) fill(all []*moments) error {
	if len(s.First) != len(all) {
		return fmt.Errorf("the state that was set has %d learnables, the model %d", len(s.First), len(all))
	}
	for i, l := range all {
		if len(s.First[i]) != l.len() {
			return fmt.Errorf("the state that was set has %d numbers for learnable %d, which has %d", len(s.First[i]), i, l.len())
		}
	}
	for i, l := range all {
		l.set(s.First[i], s.Second[i])
	}
	return nil
}

func newMoments(dt tensor.Dtype, n int) *moments {
	l := &moments{dt: dt}
	if dt == tensor.Float32 {
		l.m32, l.v32 = make([]float32, n), make([]float32, n)
	} else {
		l.m64, l.v64 = make([]float64, n), make([]float64, n)
	}
	return l
}

func (l *moments) len() int { return len(l.m32) + len(l.m64) }

func (l *moments) set(m, v []float64) {
	if l.dt == tensor.Float32 {
		l.m32, l.v32 = values.Convert[float32](m), values.Convert[float32](v)
	} else {
		l.m64, l.v64 = values.Convert[float64](m), values.Convert[float64](v)
	}
}

func (l *moments) float64s() (m, v []float64) {
	m, v = make([]float64, l.len()), make([]float64, l.len())
	for i := range m {
		if l.dt == tensor.Float32 {
			m[i], v[i] = float64(l.m32[i]), float64(l.v32[i])
		} else {
			m[i], v[i] = l.m64[i], l.v64[i]
		}
	}
	return m, v
}
