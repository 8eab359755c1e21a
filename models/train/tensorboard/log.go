package tensorboard

import (
	"math"
	"time"

	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/internal/pace"
)

// lossGap is the least time between two losses of steps, for small files.
const lossGap = 200 * time.Millisecond

// Log returns an observer that writes a training to a new event file in a folder: loss, the
// mean of the steps since the last, at most five a second; at evaluations valid_loss, the
// metrics and, if all inspections since the start, counting the next as long as the last, took
// at most 1 % of the time, the activations; these at the start and the end too. A training that
// is resumed voids what files of the folder have after its step. Errors of writing end training.
func Log(dir string) train.Observer { return &log{dir: dir} }

type log struct {
	dir   string
	w     *Writer
	sum   float64 // of the losses since the last that was written
	count int
	wrote time.Duration
	pace  pace.Pace // of inspections, but for those at the start and the end
}

// Observe implements train.Observer.
func (l *log) Observe(e train.Event) error {
	if e.Kind == train.Started {
		return l.start(e)
	}
	if l.w == nil {
		return nil
	}
	switch e.Kind {
	case train.Stepped:
		l.sum += e.Loss
		l.count++
		if e.Elapsed-l.wrote < lossGap {
			return nil
		}
		return l.loss(e)
	case train.Evaluated:
		return l.evaluated(e)
	case train.Ended:
		err := l.loss(e)
		if err == nil {
			_, err = l.inspect(e)
		}
		if e := l.w.Close(); err == nil {
			err = e
		}
		l.w = nil
		return err
	}
	return nil
}

func (l *log) start(e train.Event) (err error) {
	*l = log{dir: l.dir}
	if l.w, err = NewWriter(l.dir); err != nil {
		return err
	}
	if e.Resumed {
		if err := l.w.restart(e.Step); err != nil {
			return err
		}
	}
	took, err := l.inspect(e)
	l.pace.Start(took) // most of it makes the graph
	return err
}

// loss writes the mean of the losses that were not written.
func (l *log) loss(e train.Event) error {
	if l.count == 0 {
		return nil
	}
	err := l.w.Scalar("loss", e.Step, l.sum/float64(l.count))
	l.sum, l.count, l.wrote = 0, 0, e.Elapsed
	return err
}

func (l *log) evaluated(e train.Event) error {
	r := e.Record
	if r == nil {
		return nil
	}
	names, values := []string{"train_loss", "valid_loss"}, []float64{r.TrainLoss, r.ValidLoss}
	for i, x := range r.Metrics {
		names, values = append(names, "metrics/"+e.Metrics[i]), append(values, x)
	}
	for i, name := range names {
		if err := l.w.Scalar(name, r.Step, values[i]); err != nil {
			return err
		}
	}
	if l.pace.Due(e.Elapsed) {
		took, err := l.inspect(e)
		if err != nil {
			return err
		}
		l.pace.Took(e.Elapsed, took)
	}
	return l.w.Flush()
}

// inspect writes what the activations are and see, and returns how long that took.
func (l *log) inspect(e train.Event) (time.Duration, error) {
	if e.Inspect == nil {
		return 0, nil
	}
	began := time.Now()
	layers, err := e.Inspect()
	if err != nil {
		return 0, err
	}
	for _, a := range layers {
		if err := l.activation(a, e.Step); err != nil {
			return 0, err
		}
	}
	err = l.w.Flush()
	return time.Since(began), err
}

// activation writes the scalars of an activation, as far as it has them, and its inputs.
func (l *log) activation(a train.Layer, step int) error {
	names := []string{"theta", "gradient", "in_domain", "penalty"}
	for i, x := range []float64{a.Theta, a.Gradient, a.InDomain, a.Penalty} {
		if math.IsNaN(x) {
			continue
		}
		if err := l.w.Scalar(a.Name+"/"+names[i], step, x); err != nil {
			return err
		}
	}
	return l.w.Histogram(a.Name+"/inputs", step, a.Inputs)
}
