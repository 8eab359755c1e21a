package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
)

// Fit trains a network. When ctx is done, it finishes the step, writes the checkpoint and
// returns what was reached, without an error. With Resume it goes on from the checkpoint:
// the weights, the losses and the evaluations end bit for bit as if it had never stopped,
// wherever it was killed.
//
// An error, such as a loss that is NaN, comes with the Result of the steps before it, if
// there is a network; the checkpoint stays as it was then.
func Fit(ctx context.Context, c Config) (*Result, error) {
	if ctx == nil {
		return nil, fmt.Errorf("train: Fit: ctx is nil, want at least context.Background()")
	}
	r, err := fit(ctx, c)
	if err != nil {
		return r, fmt.Errorf("train: Fit: %w", err)
	}
	return r, nil
}

func fit(ctx context.Context, c Config) (*Result, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := newSession(c)
	if err != nil {
		return nil, err
	}
	err = s.run(ctx)
	r, e := s.result(err == nil)
	err = errors.Join(err, e)
	err = errors.Join(err, s.observe(Event{Kind: Ended, Result: r}), s.close())
	return r, err
}

// session is a training that runs.
type session struct {
	Config
	*graph
	groups  []models.Group
	trainer *models.Trainer
	valid   *Predictor

	inspector *inspector // nil before the first Inspect

	progress
	resumed     bool
	interrupted bool
	started     time.Time // this call
	since       time.Time // of the time that seconds lacks
	stepTimes   []float64
	domains     []Domain
}

// progress is what changes from step to step beside learnables, state and solvers; a
// checkpoint has all of it.
type progress struct {
	step    int
	losses  []float64
	history []Record
	best    int    // index in history, −1: none
	kept    []byte // the network at best, as ditacop.SaveTo writes it, with Patience
	waited  int    // evaluations since best
	stopped bool
	done    bool // the last step was made, or stopped; the network is that of best then
	seconds float64
	starts  []float64 // in-domain fractions before training
}

func newSession(c Config) (*session, error) {
	g, err := newGraph(c.Network, models.Training, c.Batch, c.XShape)
	if err != nil {
		return nil, err
	}
	cost, err := g.loss(c.Loss, c.YShape)
	if err != nil {
		return nil, err
	}
	if acts := ditacop.Activations(cost.Graph()); c.Penalty && len(acts) > 0 {
		p, err := ditacop.Penalty(cost.Graph())
		if err == nil {
			cost, err = gorgonia.Add(cost, p)
		}
		if err != nil {
			return nil, fmt.Errorf("Config.Penalty: %w", err)
		}
	}
	s := &session{Config: c, graph: g, groups: c.groups(g.net), started: time.Now(), progress: progress{best: -1}}
	if c.Checkpoint != "" {
		if err := s.checkSolvers(); err != nil {
			return nil, err
		}
	}
	if c.Valid != nil {
		if s.valid, err = NewPredictor(c.Network, c.XShape, c.Batch); err != nil {
			return nil, err
		}
		s.valid.loss, s.valid.yshape = c.Loss, c.YShape
	}
	if s.trainer, err = models.NewTrainer(cost, s.groups...); err != nil {
		return nil, err
	}
	s.trainer.Clip, s.trainer.Watch = c.Clip, g.net.ActivationLearnables()
	return s, nil
}

func (s *session) close() error {
	err := errors.Join(s.trainer.Close(), s.inspector.close())
	if s.valid != nil {
		err = errors.Join(err, s.valid.Close())
	}
	return err
}

// run trains to the end.
func (s *session) run(ctx context.Context) error {
	if s.Resume {
		var err error
		if s.resumed, err = s.load(); err != nil {
			return err
		}
	}
	if err := s.tryCheckpoint(); err != nil {
		return err
	}
	if err := s.measureDomains(); err != nil {
		return err
	}
	if err := s.observe(Event{Kind: Started, Resumed: s.resumed}); err != nil {
		return err
	}
	s.since = time.Now()
	for s.step < s.Steps && !s.stopped {
		if ctx.Err() != nil {
			s.interrupted = true
			return s.save()
		}
		if err := s.next(); err != nil {
			return err
		}
	}
	if s.done {
		return nil
	}
	if err := s.restoreBest(); err != nil {
		return err
	}
	s.done = true
	return s.save()
}

// next makes a step, and the evaluation and the checkpoint that are due after it.
func (s *session) next() error {
	began := time.Now()
	if err := s.fill(); err != nil {
		return err
	}
	loss, err := s.trainer.Step(s.step, s.Steps)
	if err != nil {
		return err
	}
	s.stepTimes = append(s.stepTimes, time.Since(began).Seconds())
	s.losses = append(s.losses, loss)
	s.step++
	if err := s.observe(Event{Kind: Stepped}); err != nil {
		return err
	}
	last := s.step == s.Steps
	due := last || s.EvalEvery > 0 && s.step%s.EvalEvery == 0
	if due {
		if err := s.evaluate(); err != nil {
			return err
		}
	}
	if s.CheckpointEvery > 0 {
		due = s.step%s.CheckpointEvery == 0
	}
	if due && !last && !s.stopped { // else the network of the end is saved
		return s.save()
	}
	return nil
}

// fill brings the inputs of the step to the graph.
func (s *session) fill() error {
	if err := s.Source.Fill(s.step, s.x.f32, s.target.f32); err != nil {
		return fmt.Errorf("inputs of step %d: %w", s.step, err)
	}
	s.x.ready()
	s.target.ready()
	return nil
}

// evaluate adds a record to the history.
func (s *session) evaluate() error {
	from := 0
	if n := len(s.history); n > 0 {
		from = s.history[n-1].Step
	}
	r := Record{Step: s.step, Epoch: s.epoch()}
	for _, l := range s.losses[from:s.step] {
		r.TrainLoss += l / float64(s.step-from)
	}
	if s.Valid != nil {
		out, loss, err := s.valid.run(s.net, s.Valid.X, s.Valid.Y)
		if err != nil {
			return fmt.Errorf("evaluation after %d steps: %w", s.step, err)
		}
		r.ValidLoss = loss
		for _, m := range s.Metrics {
			v, err := m.Of(out, s.Valid.Y, s.Valid)
			if err != nil {
				return fmt.Errorf("evaluation after %d steps: metric %s: %w", s.step, m.Name, err)
			}
			r.Metrics = append(r.Metrics, v)
		}
	}
	s.lap()
	r.Seconds = s.seconds
	s.history = append(s.history, r)
	if err := s.compare(r); err != nil {
		return err
	}
	return s.observe(Event{Kind: Evaluated})
}

// compare keeps the record if it is the best.
func (s *session) compare(r Record) error {
	if s.best < 0 || s.Valid == nil || s.betterThanBest(r) {
		s.best, s.waited = len(s.history)-1, 0
		if s.Patience == 0 {
			return nil
		}
		var b bytes.Buffer
		err := ditacop.SaveTo(&b, s.state())
		s.kept = b.Bytes()
		return err
	}
	if s.waited++; s.Patience > 0 && s.waited >= s.Patience {
		s.stopped = true
	}
	return nil
}

func (s *session) betterThanBest(r Record) bool {
	best := s.history[s.best]
	if len(s.Metrics) > 0 {
		return better(r.Metrics[0], best.Metrics[0], s.Metrics[0].Higher)
	}
	return better(r.ValidLoss, best.ValidLoss, false)
}

// restoreBest gives the network the values of the best evaluation, with Patience.
func (s *session) restoreBest() error {
	if s.kept == nil {
		return nil
	}
	if err := ditacop.LoadFrom(bytes.NewReader(s.kept), s.state()); err != nil {
		return fmt.Errorf("weights of the best evaluation: %w", err)
	}
	return nil
}

// lap adds the time since the last call to seconds.
func (s *session) lap() {
	now := time.Now()
	s.seconds += now.Sub(s.since).Seconds()
	s.since = now
}

func (s *session) epoch() float64 {
	if n := s.perEpoch(); n > 0 {
		return float64(s.step) / float64(n)
	}
	return 0
}

// observe tells the observers of an event, whose common fields it sets.
func (s *session) observe(e Event) error {
	e.Step, e.Steps, e.Epoch, e.Batch, e.Network = s.step, s.Steps, s.epoch(), s.Batch, s.net
	e.Elapsed, e.Inspect = time.Since(s.started), s.inspect
	if s.step > 0 {
		e.Loss = s.losses[s.step-1]
	}
	for _, m := range s.Metrics {
		e.Metrics = append(e.Metrics, m.Name)
	}
	if n := len(s.history); n > 0 {
		e.Record = &s.history[n-1]
	}
	for _, o := range s.Observers {
		if err := o.Observe(e); err != nil {
			return fmt.Errorf("observer %T, %v: %w", o, e.Kind, err)
		}
	}
	return nil
}

// result returns what was reached; domains only after a run without an error.
func (s *session) result(ok bool) (*Result, error) {
	r := &Result{
		Network: s.net, Losses: s.losses, History: s.history, Steps: s.step,
		Interrupted: s.interrupted, Stopped: s.stopped, Seconds: s.seconds,
		StepSeconds: median(s.stepTimes), Domains: s.domains,
	}
	if s.best >= 0 {
		r.Best = s.history[s.best]
	}
	if !ok {
		return r, nil
	}
	ends, err := s.fractions()
	for i, e := range ends {
		r.Domains[i].End = e.Start
	}
	return r, err
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// finite reports whether x is a number that JSON can hold.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
