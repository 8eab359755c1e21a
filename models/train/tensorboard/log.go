package tensorboard

import (
	"math"
	"time"

	"github.com/ditac-go/ditac/models/train"
)

const (
	// lossGap is the least time between two losses of steps, for small files.
	lossGap = 200 * time.Millisecond
	// inspectShare is the share of training's time that inspecting activations may take,
	// but for the start and the end.
	inspectShare = 0.01
)

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
	spent time.Duration // on inspecting
	cost  time.Duration
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
			err = l.inspect(e)
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
	err = l.inspect(e)
	l.spent = 0 // most of it made the graph
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
	if l.spent+l.cost <= time.Duration(inspectShare*float64(e.Elapsed)) {
		if err := l.inspect(e); err != nil {
			return err
		}
	}
	return l.w.Flush()
}

// inspect writes what the activations are and see.
func (l *log) inspect(e train.Event) error {
	if e.Inspect == nil {
		return nil
	}
	began := time.Now()
	layers, err := e.Inspect()
	if err != nil {
		return err
	}
	for _, a := range layers {
		for name, x := range map[string]float64{"theta": a.Theta, "gradient": a.Gradient, "in_domain": a.InDomain, "penalty": a.Penalty} {
			if math.IsNaN(x) {
				continue
			}
			if err := l.w.Scalar(a.Name+"/"+name, e.Step, x); err != nil {
				return err
			}
		}
		if err := l.w.Histogram(a.Name+"/inputs", e.Step, a.Inputs); err != nil {
			return err
		}
	}
	l.cost = time.Since(began)
	l.spent += l.cost
	return l.w.Flush()
}
