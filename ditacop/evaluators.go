package ditacop

import (
	"fmt"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/cpab/curve"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// tableFrom is the number of elements per θ from which a table costs less than
// it saves: setting it up costs about as much as this many exact evaluations.
const tableFrom = 512

// evaluators are the curves of all groups at one θ. They do not change: several
// machines may run on them while θ has moved on elsewhere.
type evaluators struct {
	theta []float64
	exact []*curve.Exact
	tol   float64

	once   sync.Once // guards the tables, which only large float32 tensors need
	tables []*curve.Table
	err    error
}

// evaluatorsOf returns the curves at the θ that v holds, for tensors with the
// given number of elements per θ. The forward pass and both gradients of a step
// share them. float64 tensors are evaluated exactly, as are small ones.
func (a *Activation) evaluatorsOf(v gorgonia.Value, perTheta int) ([]curve.Evaluator, error) {
	theta, err := float64sOf(v)
	if err != nil {
		return nil, fmt.Errorf("θ: %w", err)
	}
	e, err := a.at(theta)
	if err != nil {
		return nil, err
	}
	out := make([]curve.Evaluator, len(e.exact))
	if a.dt != tensor.Float32 || perTheta < tableFrom {
		for g := range out {
			out[g] = e.exact[g]
		}
		return out, nil
	}
	if err := e.tabulate(); err != nil {
		return nil, err
	}
	for g := range out {
		out[g] = e.tables[g]
	}
	return out, nil
}

// at returns the evaluators at theta: those made last, if they are of this θ,
// else new ones.
func (a *Activation) at(theta []float64) (*evaluators, error) {
	a.mu.Lock()
	cached := a.cache
	a.mu.Unlock()
	if cached != nil && slices.Equal(cached.theta, theta) {
		return cached, nil
	}
	d := a.Space().Dim()
	if len(theta) != a.groups*d {
		return nil, fmt.Errorf("θ has %d numbers, want %d × %d", len(theta), a.groups, d)
	}
	made := &evaluators{theta: theta, exact: make([]*curve.Exact, a.groups), tol: a.tol}
	for g := range made.exact {
		e, err := a.curve.Exact(theta[g*d : (g+1)*d])
		if err != nil {
			return nil, fmt.Errorf("θ of group %d: %w", g, err)
		}
		made.exact[g] = e
	}
	a.mu.Lock()
	a.cache = made
	a.mu.Unlock()
	return made, nil
}

// tabulate makes the tables, once.
func (e *evaluators) tabulate() error {
	e.once.Do(func() {
		e.tables = make([]*curve.Table, len(e.exact))
		for g, x := range e.exact {
			if e.tables[g], e.err = x.Table(e.tol); e.err != nil {
				return
			}
		}
	})
	return e.err
}
