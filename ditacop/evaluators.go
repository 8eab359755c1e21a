package ditacop

import (
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/cpab/curve"
	"gorgonia.org/gorgonia"
)

// evaluators are the curves of all groups at one θ. They are immutable: several
// machines may run on them while θ has moved on elsewhere.
type evaluators struct {
	theta []float64
	evs   []curve.Evaluator
}

// evaluatorsOf returns the curves at the θ that v holds. The forward pass and
// both gradients of a step share them.
func (a *Activation) evaluatorsOf(v gorgonia.Value) ([]curve.Evaluator, error) {
	theta, err := float64sOf(v)
	if err != nil {
		return nil, fmt.Errorf("θ: %w", err)
	}
	return a.evaluatorsFor(theta)
}

// evaluatorsFor returns the curves at theta: those made last, if they are of
// this θ, else new ones.
func (a *Activation) evaluatorsFor(theta []float64) ([]curve.Evaluator, error) {
	a.mu.Lock()
	cached := a.cache
	a.mu.Unlock()
	if cached != nil && slices.Equal(cached.theta, theta) {
		return cached.evs, nil
	}
	d := a.Space().Dim()
	if len(theta) != a.groups*d {
		return nil, fmt.Errorf("θ has %d numbers, want %d × %d", len(theta), a.groups, d)
	}
	made := &evaluators{theta: theta, evs: make([]curve.Evaluator, a.groups)}
	for g := range made.evs {
		e, err := a.curve.Exact(theta[g*d : (g+1)*d])
		if err != nil {
			return nil, fmt.Errorf("θ of group %d: %w", g, err)
		}
		made.evs[g] = e
	}
	a.mu.Lock()
	a.cache = made
	a.mu.Unlock()
	return made.evs, nil
}
