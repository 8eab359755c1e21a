package plots

import (
	"fmt"
	"sync"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/models/train"
)

// Snapshot is what an activation was at a step of training.
type Snapshot struct {
	Step  int
	Curve *curve.Exact
}

// History is what an activation was during training, from the start on.
type History struct {
	Name      string
	Snapshots []Snapshot
}

// maxSnapshots bounds the memory of a Recorder: when there are so many, every other one is
// dropped and they are taken half as often.
const maxSnapshots = 256

// Recorder notes what the DiTAC activations of a network are during training. It is a
// train.Observer:
//
//	recorder, err := plots.NewRecorder(20)
//	result, err := train.Fit(ctx, train.Config{…, Observers: []train.Observer{recorder}})
//	figure, err := plots.Evolution("first layer", recorder.Histories()[0])
//
// An activation with a θ per channel has a history for each. A training that is resumed is
// noted from there on.
type Recorder struct {
	mu        sync.Mutex
	every     int
	histories []History
}

// NewRecorder returns a recorder that takes a snapshot every so many steps, and one at the
// start and at the end. After 256 of them it takes half as many.
func NewRecorder(every int) (*Recorder, error) {
	if every < 1 {
		return nil, fmt.Errorf("plots: NewRecorder: every %d steps, want at least 1", every)
	}
	return &Recorder{every: every}, nil
}

// Observe implements train.Observer.
func (r *Recorder) Observe(e train.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case e.Network == nil:
		return nil
	case e.Kind == train.Started:
		r.histories = nil
	case e.Kind == train.Stepped && e.Step%r.every == 0:
	case e.Kind == train.Ended && !r.has(e.Step):
	default:
		return nil
	}
	layers, err := LayersOf(e.Network)
	if err != nil {
		return err
	}
	if len(r.histories) == 0 {
		r.histories = make([]History, len(layers))
	}
	for i, l := range layers {
		h := &r.histories[i]
		h.Name = l.Name
		h.Snapshots = append(h.Snapshots, Snapshot{e.Step, l.Now})
	}
	r.thin()
	return nil
}

// has says whether there is a snapshot of a step.
func (r *Recorder) has(step int) bool {
	for _, h := range r.histories {
		return len(h.Snapshots) > 0 && h.Snapshots[len(h.Snapshots)-1].Step == step
	}
	return false
}

// thin drops every other snapshot when there are too many.
func (r *Recorder) thin() {
	for i := range r.histories {
		h := &r.histories[i]
		if len(h.Snapshots) < maxSnapshots {
			return
		}
		kept := h.Snapshots[:0]
		for k := 0; k < len(h.Snapshots); k += 2 {
			kept = append(kept, h.Snapshots[k])
		}
		h.Snapshots = kept
		if i == 0 {
			r.every *= 2
		}
	}
}

// Histories returns what was noted so far, an activation's after another's from the input to
// the output.
func (r *Recorder) Histories() []History {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]History, len(r.histories))
	for i, h := range r.histories {
		out[i] = History{h.Name, append([]Snapshot(nil), h.Snapshots...)}
	}
	return out
}
