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

// tableFrom is the number of elements per θ from which a table costs less than
// it saves: setting it up costs about as much as this many exact evaluations.
const tableFrom = 128

// tabulateFrom is the number of groups from which tables are made on several processors.
const tabulateFrom = 8

// evaluators are the curves of all groups at one θ. While they have users they do
// not change: several machines may run on them, and θ may move on meanwhile.
type evaluators struct {
	theta []float64 // empty: none yet
	shape *shape.Curve

	exact  []*table.Exact
	tables []*table.Table // nil until large float32 tensors ask for them
	fresh  bool           // the tables are those of theta

	asExact, asTables []table.Evaluator // the same as interfaces
	users             int               // under the mutex of the cache
	device            any               // the tables as a GPU takes them; nil: not made yet
}

// cache keeps the evaluators of the θ that was seen last, which the forward pass
// and both gradients of a step share, and reuses their memory for the next θ.
type cache struct {
	mu      sync.Mutex
	current *evaluators
	theta   []float64 // scratch
}

// acquire returns the evaluators at the θ that v holds, with tables if these pay
// for tensors with the given number of elements per θ; and the curves to use.
// float64 tensors are evaluated exactly, as are small ones. Release them after
// use.
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
	evs := e.asExact
	if a.dt == tensor.Float32 && perTheta >= tableFrom {
		if err := e.tabulate(a.tol); err != nil {
			return nil, nil, err
		}
		evs = e.asTables
	}
	e.users++
	return e, evs, nil
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
	e.theta, e.fresh, e.device = e.theta[:0], false, nil // on error, no θ
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

// tabulate brings the tables up to date. It changes tables that are not fresh
// only, which no one uses yet.
func (e *evaluators) tabulate(tol float64) error {
	if e.fresh {
		return nil
	}
	switch {
	case e.tables == nil:
		if err := e.makeTables(tol); err != nil {
			return err
		}
	case len(e.tables) < tabulateFrom:
		for _, t := range e.tables {
			t.Reset()
		}
	default:
		parallel.Each(len(e.tables), runtime.GOMAXPROCS(0), func(g int) { e.tables[g].Reset() })
	}
	e.fresh = true
	return nil
}

func (e *evaluators) makeTables(tol float64) error {
	tables, asTables := make([]*table.Table, len(e.exact)), make([]table.Evaluator, len(e.exact))
	for g, x := range e.exact {
		t, err := table.New(x, tol)
		if err != nil {
			return err
		}
		tables[g], asTables[g] = t, t
	}
	e.tables, e.asTables = tables, asTables
	return nil
}
