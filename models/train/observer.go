package train

import (
	"time"

	"github.com/ditac-go/ditac/models"
)

// Kind says what an Event is about.
type Kind int

const (
	// Started comes first. Its Step is that of the checkpoint, if Resumed.
	Started Kind = iota
	// Stepped comes after each step, with the step's Loss.
	Stepped
	// Evaluated comes after an evaluation, with its Record.
	Evaluated
	// Saved comes after the checkpoint was written.
	Saved
	// Ended comes last, also after an error, with the Result.
	Ended
)

// String implements fmt.Stringer.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kinds) {
		return "unknown"
	}
	return kinds[k]
}

var kinds = []string{"started", "stepped", "evaluated", "saved", "ended"}

// Event is something that happened in a training.
type Event struct {
	Kind Kind
	// Step is the number of steps made so far, of Steps in all.
	Step, Steps int
	// Epoch counts epochs from 0, with fractions; 0 if the Source has none.
	Epoch float64
	// Batch is the number of examples of a step.
	Batch int
	// Loss is that of the last step, before its update.
	Loss float64
	// Metrics are the names of the metrics.
	Metrics []string
	// Resumed says of Started that training goes on from a checkpoint.
	Resumed bool
	// Record is that of the last evaluation; nil before the first.
	Record *Record
	// Result is that of Ended.
	Result *Result
	// Network is the one that is trained, in its graph.
	Network models.Network
	// Elapsed is the time since Fit began.
	Elapsed time.Duration
	// Inspect returns what the activations are and see now, from the input to the output. Call
	// it during Observe only. It costs about an evaluation of a batch, and the first call
	// makes a graph; it is nil in an event that Fit did not make.
	Inspect func() ([]Layer, error)
}

// Observer is told what happens in a training. An error ends it.
type Observer interface{ Observe(e Event) error }

// ObserverFunc is a function as an Observer.
type ObserverFunc func(e Event) error

// Observe implements [Observer].
func (f ObserverFunc) Observe(e Event) error { return f(e) }
