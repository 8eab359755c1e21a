package dashboard

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/internal/pace"
)

const (
	// inspectFree is what inspecting activations may take beside its share of the time of
	// training, and inspectGap the least time between two inspections.
	inspectFree = 300 * time.Millisecond
	inspectGap  = time.Second
	// flushGap is the most time that passes before the file has what memory has.
	flushGap = 500 * time.Millisecond
)

// observer tells a run what happens in its training. It keeps clients and disks from
// stopping one: what goes wrong is in the run's problem, which the page shows.
type observer struct {
	board *Board
	want  string
	run   *run // of the training that runs; nil: none
	past  *run // of the last that ended
	file  *file
	fresh []point // not in the file yet

	last    time.Duration // the end of the event before
	flushed time.Duration
	pace    pace.Pace // of inspections
}

// Observe implements train.Observer. It returns an error only if the run cannot begin.
func (o *observer) Observe(e train.Event) error {
	if e.Kind == train.Started {
		if err := o.begin(e); err != nil {
			return fmt.Errorf("dashboard: run %q: %w", o.want, err)
		}
	}
	if o.run == nil {
		return nil
	}
	began := time.Now()
	switch e.Kind {
	case train.Started:
		o.pace.Start(o.inspect(e)) // most of it makes the graph
	case train.Stepped:
		o.step(e)
	case train.Evaluated:
		o.evaluated(e)
	case train.Ended:
		o.ended(e)
		return nil
	}
	if (e.Kind == train.Stepped || e.Kind == train.Evaluated) && o.pace.Due(e.Elapsed) {
		o.pace.Took(e.Elapsed, o.inspect(e))
	}
	if e.Elapsed-o.flushed > flushGap {
		o.flush()
		o.flushed = e.Elapsed
	}
	o.last = e.Elapsed + time.Since(began)
	return nil
}

// begin opens the run's file.
func (o *observer) begin(e train.Event) error {
	r, path, err := o.board.claim(o.want, e.Resumed)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Resumed { // what is there may be older than the file
		r.forget()
		if err = r.load(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.live, r.problem = false, err.Error()
			return err
		}
	}
	if o.file, err = openFile(path, r.read); err != nil {
		r.live, r.problem = false, err.Error()
		return err
	}
	s := start{Format: format, Time: time.Now().UTC(), Step: e.Step, Steps: e.Steps, Batch: e.Batch, Metrics: e.Metrics}
	if e.Network != nil {
		s.Params = e.Network.NumParams()
	}
	o.run, r.problem = r, ""
	o.write(line{Start: &s})
	r.apply(line{Start: &s})
	return nil
}

// write adds a line to the file; the caller has the lock.
func (o *observer) write(l line) {
	if err := o.file.add(l); err != nil {
		o.run.problem = err.Error()
	}
	o.run.lines++
}

func (o *observer) step(e train.Event) {
	o.run.mu.Lock()
	defer o.run.mu.Unlock()
	p := point{e.Step, 1, number(e.Loss), number((e.Elapsed - o.last).Seconds())}
	o.fresh = append(o.fresh, o.run.losses.add(p)...)
	o.run.step, o.run.epoch, o.run.seconds = e.Step, e.Epoch, e.Elapsed.Seconds()
	o.run.version++
}

func (o *observer) evaluated(e train.Event) {
	if e.Record == nil {
		return
	}
	rec := eval{
		Step: e.Record.Step, Epoch: number(e.Record.Epoch), TrainLoss: number(e.Record.TrainLoss),
		ValidLoss: number(e.Record.ValidLoss), Seconds: number(e.Record.Seconds), Metrics: numbers(e.Record.Metrics),
	}
	o.run.mu.Lock()
	defer o.run.mu.Unlock()
	if o.run.evals.add(rec) {
		o.write(line{Eval: &rec})
	}
	o.run.version++
}

// inspect adds a frame and returns how long that took; the activations are looked at without
// the lock.
func (o *observer) inspect(e train.Event) time.Duration {
	if e.Inspect == nil {
		return 0
	}
	began := time.Now()
	layers, err := e.Inspect()
	f := newFrame(e.Step, layers)
	o.run.mu.Lock()
	if err != nil {
		o.run.problem = err.Error()
	} else if o.run.addFrame(f) {
		o.write(line{Frame: f})
	}
	o.run.version++
	o.run.mu.Unlock()
	return time.Since(began)
}

// flush writes what is new to the file.
func (o *observer) flush() {
	o.run.mu.Lock()
	defer o.run.mu.Unlock()
	if len(o.fresh) > 0 {
		o.write(line{Loss: o.fresh})
		o.fresh = o.fresh[:0]
	}
	if err := o.file.flush(); err != nil {
		o.run.problem = err.Error()
	}
}

func (o *observer) ended(e train.Event) {
	o.inspect(e)
	r := o.run
	r.mu.Lock()
	if !r.frames.kept() { // so that the file has the last one
		o.write(line{Frame: r.frames.last})
	}
	if !r.evals.kept() {
		o.write(line{Eval: &r.evals.last})
	}
	o.fresh = append(o.fresh, r.losses.close()...)
	r.mu.Unlock()
	o.flush()
	last := end{Step: e.Step, Seconds: number(e.Elapsed.Seconds())}
	if e.Result != nil {
		last.Interrupted, last.Stopped, last.Seconds = e.Result.Interrupted, e.Result.Stopped, number(e.Result.Seconds)
	}
	r.mu.Lock()
	o.write(line{End: &last})
	r.apply(line{End: &last})
	if err := o.file.close(); err != nil {
		r.problem = err.Error()
	}
	r.read, r.size = o.file.written, o.file.written
	r.mu.Unlock()
	o.board.release(r)
	o.run, o.past = nil, r
}
