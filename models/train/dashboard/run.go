package dashboard

import (
	"sync"
	"time"
)

// line is a line of a run's file: one of the fields.
type line struct {
	Start   *start       `json:"start,omitempty"`
	Loss    []point      `json:"loss,omitempty"`
	Eval    *eval        `json:"eval,omitempty"`
	Frame   *frame       `json:"frame,omitempty"`
	End     *end         `json:"end,omitempty"`
	Explain *explanation `json:"explain,omitempty"`
}

// start begins a run, or goes on with it at a step.
type start struct {
	Format  int       `json:"format"`
	Time    time.Time `json:"time"`
	Step    int       `json:"step"`
	Steps   int       `json:"steps"`
	Batch   int       `json:"batch"`
	Params  int       `json:"params"`
	Metrics []string  `json:"metrics"`
}

// format is that of the files.
const format = 1

// eval is an evaluation, a train.Record.
type eval struct {
	Step      int      `json:"step"`
	Epoch     number   `json:"epoch"`
	TrainLoss number   `json:"trainLoss"`
	ValidLoss number   `json:"validLoss"`
	Seconds   number   `json:"seconds"`
	Metrics   []number `json:"metrics"`
}

// end ends a run.
type end struct {
	Step        int    `json:"step"`
	Interrupted bool   `json:"interrupted,omitempty"`
	Stopped     bool   `json:"stopped,omitempty"` // by Patience
	Seconds     number `json:"seconds"`
}

const (
	maxEvals   = 512
	maxFrames  = 64
	maxScalars = 512
)

// run is what is known of a training.
type run struct {
	name string

	mu           sync.Mutex
	start        start
	step         int
	epoch        float64
	seconds      float64
	live         bool      // its training runs in this process
	read         int64     // bytes of the file that are known: whole lines
	lines        int       // that they are
	size         int64     // of the file, when it was read last
	changed      time.Time // the file, when it was read last
	end          *end
	explained    *explanation
	explanations int // that there were
	problem      string
	losses       means
	evals        thinned[eval]
	first        *frame // at the start
	frames       thinned[*frame]
	scalars      thinned[scalars]
	version      int
}

func newRun(name string) *run {
	r := &run{name: name}
	r.clear()
	return r
}

func (r *run) clear() {
	r.losses = means{}
	r.evals = thinned[eval]{most: maxEvals}
	r.frames = thinned[*frame]{most: maxFrames}
	r.scalars = thinned[scalars]{most: maxScalars}
	r.first, r.end, r.step, r.epoch, r.seconds = nil, nil, 0, 0, 0
	r.explained, r.explanations = nil, 0
}

// forget clears a run, whose file is to be read anew.
func (r *run) forget() {
	r.clear()
	r.read, r.lines, r.size = 0, 0, 0
}

// apply adds what a line says.
func (r *run) apply(l line) {
	switch {
	case l.Start != nil:
		r.begin(*l.Start)
	case l.Eval != nil:
		r.evals.add(*l.Eval)
		r.step, r.epoch, r.seconds = max(r.step, l.Eval.Step), float64(l.Eval.Epoch), float64(l.Eval.Seconds)
	case l.Frame != nil:
		r.addFrame(l.Frame)
	case l.End != nil:
		r.end = l.End
		r.step, r.seconds = l.End.Step, float64(l.End.Seconds)
	case l.Explain != nil:
		r.explained = l.Explain
		r.explanations++
	}
	for _, p := range l.Loss {
		r.losses.add(p)
		r.step = max(r.step, p.Step)
	}
	r.version++
}

// begin starts a run, or drops what is after the step from which it goes on.
func (r *run) begin(s start) {
	r.start, r.end, r.explained, r.explanations = s, nil, nil, 0
	if s.Step == 0 {
		r.clear()
		return
	}
	r.step = s.Step
	r.losses.until(s.Step)
	r.evals.until(s.Step, func(e eval) int { return e.Step })
	r.frames.until(s.Step, func(f *frame) int { return f.Step })
	r.scalars.until(s.Step, func(x scalars) int { return x.Step })
}

// addFrame says whether the frame is one to keep.
func (r *run) addFrame(f *frame) bool {
	if r.first == nil {
		r.first = f
	}
	r.scalars.add(f.scalars())
	return r.frames.add(f)
}

// summary is a run in the list of runs.
type summary struct {
	Name         string    `json:"name"`
	State        string    `json:"state"`
	Problem      string    `json:"problem,omitempty"`
	Started      time.Time `json:"started"`
	Step         int       `json:"step"`
	Steps        int       `json:"steps"`
	Batch        int       `json:"batch"`
	Params       int       `json:"params"`
	Epoch        number    `json:"epoch"`
	Seconds      number    `json:"seconds"`
	Metrics      []string  `json:"metrics"`
	Loss         number    `json:"loss"`
	Rate         number    `json:"rate"`
	Frame        int       `json:"frame"`        // step of the last frame, −1: none
	Explanations int       `json:"explanations"` // another number: ask anew
	Version      int       `json:"version"`
}

func (r *run) summary() summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := summary{
		Name: r.name, State: r.state(), Problem: r.problem, Started: r.start.Time, Step: r.step, Steps: r.start.Steps,
		Batch: r.start.Batch, Params: r.start.Params, Epoch: number(r.epoch), Seconds: number(r.seconds),
		Metrics: r.start.Metrics, Frame: -1, Explanations: r.explanations, Version: r.version,
	}
	last := r.losses.open
	if n := len(r.losses.points); last.Count == 0 && n > 0 {
		last = r.losses.points[n-1]
	}
	s.Loss, s.Rate = last.Loss, number(last.rate(r.start.Batch))
	if r.frames.seen > 0 {
		s.Frame = r.frames.last.Step
	}
	return s
}

func (r *run) state() string {
	switch {
	case r.problem != "" && !r.live:
		return "unreadable"
	case r.end == nil && (r.live || time.Since(r.changed) < silence):
		return "running"
	case r.end == nil:
		return "cut short"
	case r.end.Interrupted:
		return "interrupted"
	case r.end.Stopped:
		return "stopped early"
	case r.end.Step < r.start.Steps:
		return "failed"
	}
	return "finished"
}

// curves are the series of a run, from some point on.
type curves struct {
	Generation int         `json:"generation"` // another one: forget what was there
	From       int         `json:"from"`
	Losses     [][3]number `json:"losses"` // step, loss, examples per second
	Open       *[3]number  `json:"open"`   // the last, which will change
	EvalsFrom  int         `json:"evalsFrom"`
	Evals      []eval      `json:"evals"`
	Metrics    []string    `json:"metrics"`
}

// curves returns the series; of a generation the client has some points and evaluations.
func (r *run) curves(generation, from, evalsFrom int) curves {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := curves{Generation: r.losses.joined + r.evals.halved, Metrics: r.start.Metrics, Losses: [][3]number{}, Evals: []eval{}}
	evals := r.evals.all()
	if c.Generation == generation && from <= len(r.losses.points) && evalsFrom <= len(r.evals.items) {
		c.From, c.EvalsFrom = from, evalsFrom
	}
	of := func(p point) [3]number { return [3]number{number(p.Step), p.Loss, number(p.rate(r.start.Batch))} }
	for _, p := range r.losses.points[c.From:] {
		c.Losses = append(c.Losses, of(p))
	}
	if r.losses.open.Count > 0 {
		p := of(r.losses.open)
		c.Open = &p
	}
	c.Evals = append(c.Evals, evals[c.EvalsFrom:]...)
	return c
}

// layers are the activations of a run.
type layers struct {
	Start   *frame    `json:"start"`
	Now     *frame    `json:"now"`
	Steps   []int     `json:"steps"` // of the frames that there are
	History []scalars `json:"history"`
}

// layers returns the activations at the kept step nearest to the given one; −1: the last.
func (r *run) layers(step int) layers {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := layers{Start: r.first, Steps: []int{}, History: r.scalars.all()}
	for _, f := range r.frames.all() {
		l.Steps = append(l.Steps, f.Step)
		if l.Now == nil || step < 0 || abs(f.Step-step) <= abs(l.Now.Step-step) {
			l.Now = f
		}
	}
	return l
}

func abs(x int) int { return max(x, -x) }
