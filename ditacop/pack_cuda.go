//go:build cuda

package ditacop

import (
	"sync/atomic"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/cuda/kernels"
)

// packed are the tables of evaluators as the GPU takes them.
type packed struct {
	tables  kernels.Tables
	version uint64 // different from that of any other
}

var versions atomic.Uint64

// pack returns the tables of the evaluators evs of e, or nil if these are not tables or
// the GPU cannot do with one.
func (a *Activation) pack(e *evaluators, evs []curve.Evaluator) *packed {
	a.cache.mu.Lock()
	defer a.cache.mu.Unlock()
	if p, ok := e.device.(*packed); ok {
		return p
	}
	layouts := make([]curve.Layout, len(evs))
	for g, ev := range evs {
		t, ok := ev.(*curve.Table)
		if ok {
			layouts[g], ok = t.Layout()
		}
		if !ok {
			return nil
		}
	}
	p := &packed{kernels.Pack(layouts), versions.Add(1)}
	e.device = p
	return p
}
