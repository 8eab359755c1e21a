package ditacop

import (
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/shape"
	"github.com/ditac-go/ditac/internal/table"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// makeFrom is the number of groups from which tables and forms are made on several
// processors.
const makeFrom = 8

// evaluators are the curves of all groups at one θ. While they have users they do
// not change: several machines may run on them, and θ may move on meanwhile.
type evaluators struct {
	theta []float64 // empty: none yet
	shape *shape.Curve

	exact   []*table.Exact
	asExact []table.Evaluator // the same as interfaces
	forms   made
	tables  made

	users int // under the mutex of the cache
}

// made are evaluators that are made of the exact ones when they are first asked for.
type made struct {
	evs   []table.Evaluator // nil until then
	fresh bool              // those of the current θ
}

// cache keeps the evaluators of the θ that was seen last, which the forward pass
// and both gradients of a step share, and reuses their memory for the next θ.
type cache struct {
	mu      sync.Mutex
	current *evaluators
	theta   []float64 // scratch
}

// acquire returns the evaluators at the θ that v holds, and the curves to use for tensors
// with the given number of elements per θ. Release them after use.
func (a *Activation) acquire(v gorgonia.Value, perTheta int) (*evaluators, []table.Evaluator, error) {
	c := &a.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	if c.theta, err = appendFloat64s(c.theta[:0], v); err != nil {
		return nil, nil, fmt.Errorf("θ: %w", err)
	}
	if err := a.moveTo(c.theta); err != nil {
		return nil, nil, err
	}
	e := c.current
	evs, err := a.choose(e, perTheta)
	if err != nil {
		return nil, nil, err
	}
	e.users++
	return e, evs, nil
}

// choose returns the evaluators of e to use: tables for float32 tensors, or forms, if these
// pay, or the exact ones.
func (a *Activation) choose(e *evaluators, perTheta int) ([]table.Evaluator, error) {
	formsFrom, tableFrom := table.BreakEven(a.curve.Space().Cells())
	switch {
	case a.dt == tensor.Float32 && perTheta >= tableFrom:
		return a.tables(e)
	case perTheta >= formsFrom:
		return e.forms.at(e.exact, func(x *table.Exact) (table.Evaluator, error) {
			if a.dt == tensor.Float32 {
				return table.NewForms32(x, a.tol), nil
			}
			return table.NewForms(x), nil
		})
	}
	return e.asExact, nil
}

// tables returns the tables of e.
func (a *Activation) tables(e *evaluators) ([]table.Evaluator, error) {
	return e.tables.at(e.exact, func(x *table.Exact) (table.Evaluator, error) { return table.New(x, a.tol) })
}

func (a *Activation) release(e *evaluators) {
	a.cache.mu.Lock()
	e.users--
	a.cache.mu.Unlock()
}

// moveTo makes the cache's evaluators those at theta, unless they are.
func (a *Activation) moveTo(theta []float64) error {
	c := &a.cache
	d := a.curve.Dim()
	if len(theta) != a.groups*d {
		return fmt.Errorf("θ has %d numbers, want %d × %d", len(theta), a.groups, d)
	}
	if c.current != nil && slices.Equal(c.current.theta, theta) {
		return nil
	}
	if c.current == nil || c.current.users > 0 {
		c.current = &evaluators{shape: table.ShapeOf(a.curve), exact: make([]*table.Exact, a.groups), asExact: make([]table.Evaluator, a.groups)}
	}
	e := c.current
	e.theta, e.forms.fresh, e.tables.fresh = e.theta[:0], false, false // on error, no θ
	for g := range e.exact {
		err := error(nil)
		if part := theta[g*d : (g+1)*d]; e.exact[g] != nil {
			err = e.exact[g].Reset(part)
		} else if e.exact[g], err = table.NewExact(e.shape, part); err == nil {
			e.asExact[g] = e.exact[g]
		}
		if err != nil {
			return fmt.Errorf("θ of group %d: %w", g, err)
		}
	}
	e.theta = append(e.theta, theta...)
	return nil
}

// at returns the evaluators, up to date with the exact ones. It changes those that are not
// fresh only, which no one uses yet.
func (m *made) at(exact []*table.Exact, first func(*table.Exact) (table.Evaluator, error)) ([]table.Evaluator, error) {
	switch {
	case m.fresh:
		return m.evs, nil
	case m.evs == nil:
		evs := make([]table.Evaluator, len(exact))
		for g, x := range exact {
			var err error
			if evs[g], err = first(x); err != nil {
				return nil, err
			}
		}
		m.evs = evs
	default:
		workers := 1
		if len(m.evs) >= makeFrom {
			workers = runtime.GOMAXPROCS(0)
		}
		parallel.Each(len(m.evs), workers, func(g int) { m.evs[g].(interface{ Reset() }).Reset() })
	}
	m.fresh = true
	return m.evs, nil
}
