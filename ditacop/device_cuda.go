//go:build cuda

package ditacop

import (
	"sync/atomic"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gpu"
	"github.com/ditac-go/ditac/internal/ptx"
	"github.com/ditac-go/ditac/internal/table"
	"gorgonia.org/tensor"
)

// deviceCurves are the curves of all groups at one θ in the form that the GPU takes.
type deviceCurves interface {
	// upload puts them on the GPU, unless they are there, and returns where.
	upload(s *cuda.Session, name string) (cuda.Arg, error)
	forward(s *cuda.Session, data cuda.Arg, e gpu.Elements, dst, x tensor.Memory) error
	backwardX(s *cuda.Session, data cuda.Arg, e gpu.Elements, dst, x, g tensor.Memory) error
	// backwardTheta returns Σ g·∂y/∂θ of each group, one after the other.
	backwardTheta(s *cuda.Session, data cuda.Arg, e gpu.Elements, x, g tensor.Memory) ([]float64, error)
}

// versions tell contents of the GPU's memory apart.
var versions atomic.Uint64

// forDevice returns the evaluators evs of e as the GPU takes them, or nil if it has no
// form for them.
func (a *Activation) forDevice(e *evaluators, evs []table.Evaluator) deviceCurves {
	a.cache.mu.Lock()
	defer a.cache.mu.Unlock()
	if a.dt == tensor.Float64 {
		if _, ok := e.device.(*exactCurves); !ok {
			e.device = packExact(e.exact)
		}
		if c := e.device.(*exactCurves); c.layouts != nil {
			return c
		}
		return nil
	}
	if _, few := evs[0].(*table.Exact); few {
		return nil
	}
	if _, ok := e.device.(*tables); !ok {
		tabs, err := a.tables(e) // where the CPU would take forms, too
		if err != nil {
			return nil
		}
		e.device = packTables(tabs)
	}
	if c := e.device.(*tables); c.of != nil {
		return c
	}
	return nil
}

// tables are float32 curves by table.
type tables struct {
	ptx.Tables
	of      []*table.Table // nil if one of them has no layout, or they do not fit
	version uint64
}

func packTables(evs []table.Evaluator) *tables {
	t := &tables{of: make([]*table.Table, len(evs)), version: versions.Add(1)}
	layouts := make([]table.Layout, len(evs))
	for g, ev := range evs {
		t.of[g] = ev.(*table.Table)
		var ok bool
		if layouts[g], ok = t.of[g].Layout(); !ok {
			return &tables{}
		}
	}
	if t.Tables = ptx.Pack(layouts); !t.Fits() {
		return &tables{}
	}
	return t
}

func (t *tables) upload(s *cuda.Session, name string) (cuda.Arg, error) {
	return s.Resident(name, t.version, t.Data)
}

func (t *tables) forward(s *cuda.Session, data cuda.Arg, e gpu.Elements, dst, x tensor.Memory) error {
	return gpu.Forward(s, &t.Tables, data, e, dst, x)
}

func (t *tables) backwardX(s *cuda.Session, data cuda.Arg, e gpu.Elements, dst, x, g tensor.Memory) error {
	return gpu.BackwardX(s, &t.Tables, data, e, dst, x, g)
}

func (t *tables) backwardTheta(s *cuda.Session, data cuda.Arg, e gpu.Elements, x, g tensor.Memory) ([]float64, error) {
	sums, err := gpu.Moments(s, &t.Tables, data, e, x, g)
	if err != nil {
		return nil, err
	}
	d := t.of[0].Dim()
	dtheta := make([]float64, len(t.of)*d)
	for g, tab := range t.of {
		of, n := sums[6*g*t.Slots:], 6*tab.Pieces()
		if err := tab.Gradient(dtheta[g*d:(g+1)*d], of[:n], [2]float64{of[n], of[n+1]}); err != nil {
			return nil, err
		}
	}
	return dtheta, nil
}

// exactCurves are float64 curves, evaluated exactly.
type exactCurves struct {
	ptx.Exact
	layouts []*table.ExactLayout // nil if one of the curves has none, or they do not fit
	dim     int
	version uint64
}

func packExact(evs []*table.Exact) *exactCurves {
	t := &exactCurves{layouts: make([]*table.ExactLayout, len(evs)), dim: evs[0].Dim(), version: versions.Add(1)}
	for g, ev := range evs {
		var ok bool
		if t.layouts[g], ok = ev.Layout(); !ok {
			return &exactCurves{}
		}
	}
	if t.Exact = ptx.PackExact(t.layouts); !t.Fits() {
		return &exactCurves{}
	}
	return t
}

func (t *exactCurves) upload(s *cuda.Session, name string) (cuda.Arg, error) {
	return s.Resident(name, t.version, t.Data)
}

func (t *exactCurves) forward(s *cuda.Session, data cuda.Arg, e gpu.Elements, dst, x tensor.Memory) error {
	return gpu.ExactForward(s, &t.Exact, data, e, dst, x)
}

func (t *exactCurves) backwardX(s *cuda.Session, data cuda.Arg, e gpu.Elements, dst, x, g tensor.Memory) error {
	return gpu.ExactBackwardX(s, &t.Exact, data, e, dst, x, g)
}

func (t *exactCurves) backwardTheta(s *cuda.Session, data cuda.Arg, e gpu.Elements, x, g tensor.Memory) ([]float64, error) {
	sums, err := gpu.ExactMoments(s, &t.Exact, data, e, x, g)
	if err != nil {
		return nil, err
	}
	dtheta := make([]float64, len(t.layouts)*t.dim)
	for g, l := range t.layouts {
		of, n := sums[table.SumsSize*g*t.Slots:], table.SumsSize*len(l.Starts)
		if err := l.Gradient(dtheta[g*t.dim:(g+1)*t.dim], of[:n], of[n]); err != nil {
			return nil, err
		}
	}
	return dtheta, nil
}
