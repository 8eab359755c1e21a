package train

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/atomicfile"
	"github.com/ditac-go/ditac/internal/safetensors"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"gorgonia.org/gorgonia"
)

// A checkpoint is a file of ditacop.Save, of learnables and state, with tensors and
// metadata more. The names of the tensors begin with safetensors.Trainer, by which
// ditacop.Load leaves them out.
const (
	metadataKey = "ditac.train"
	format      = 1

	lossesName  = safetensors.Trainer + "losses"
	historyName = safetensors.Trainer + "history"
	bestName    = safetensors.Trainer + "best"
	startsName  = safetensors.Trainer + "starts"
)

// description is the metadata of a checkpoint.
type description struct {
	Format   int
	Settings settings
	Step     int
	Best     int
	Waited   int
	Stopped  bool
	Done     bool
	Seconds  float64
	Solvers  []int // steps of the Adam of each group; −1: another solver
}

// settings are what a resumed training must have in common with the one before.
type settings struct {
	Batch, Steps, EvalEvery, Patience int
	Seed                              uint64
	LearnRate, ThetaRate, Clip        float64
	Penalty                           bool
	Metrics                           string
	Train, Valid                      string // which data
}

func (c *Config) settings() settings {
	var names []string
	for _, m := range c.Metrics {
		names = append(names, m.Name)
	}
	return settings{
		Batch: c.Batch, Steps: c.Steps, EvalEvery: c.EvalEvery, Patience: c.Patience, Seed: c.Seed,
		LearnRate: c.LearnRate, ThetaRate: c.ThetaRate, Clip: c.Clip, Penalty: c.Penalty,
		Metrics: strings.Join(names, ", "), Train: fingerprint(c.Train), Valid: fingerprint(c.Valid),
	}
}

// fingerprint tells sets apart, by the numbers of some examples.
func fingerprint(s *data.Set) string {
	if s == nil {
		return ""
	}
	const most = 4096
	h := fnv.New64a()
	for _, v := range [][]float32{s.X, s.Y} {
		for i := 0; i < len(v); i += max(1, len(v)/most) {
			_ = binary.Write(h, binary.LittleEndian, v[i])
		}
	}
	return fmt.Sprintf("%d examples (%016x)", s.Len(), h.Sum64())
}

// differs says in which setting the checkpoint differs from the training.
func (was settings) differs(now settings, schedule bool) error {
	for _, s := range []struct {
		name     string
		was, now any
	}{
		{"Batch", was.Batch, now.Batch}, {"EvalEvery", was.EvalEvery, now.EvalEvery}, {"Patience", was.Patience, now.Patience},
		{"Seed", was.Seed, now.Seed}, {"LearnRate", was.LearnRate, now.LearnRate}, {"ThetaRate", was.ThetaRate, now.ThetaRate},
		{"Clip", was.Clip, now.Clip}, {"Penalty", was.Penalty, now.Penalty}, {"Metrics", was.Metrics, now.Metrics},
		{"Train", was.Train, now.Train}, {"Valid", was.Valid, now.Valid},
	} {
		if s.was != s.now {
			return fmt.Errorf("it was made with %s %v, now it is %v", s.name, s.was, s.now)
		}
	}
	switch {
	case now.Steps < was.Steps:
		return fmt.Errorf("it was made with Steps %d, now there are %d", was.Steps, now.Steps)
	case now.Steps > was.Steps && (schedule || now.Patience > 0):
		return fmt.Errorf("it was made with Steps %d, now there are %d: more can be asked for without a Schedule, Groups and Patience only", was.Steps, now.Steps)
	}
	return nil
}

// checkSolvers reports solvers whose state a checkpoint cannot keep.
func (s *session) checkSolvers() error {
	for _, g := range s.groups {
		switch g.Solver.(type) {
		case *models.Adam, *gorgonia.VanillaSolver:
		default:
			return fmt.Errorf("Config.Checkpoint: the Solver of group %q is a %T, whose state cannot be kept: want a *models.Adam", g.Name, g.Solver)
		}
	}
	return nil
}

// tryCheckpoint reports a checkpoint that could not be written: before the training, whose
// first checkpoint may be hours away, not after it.
func (s *session) tryCheckpoint() error {
	if s.Checkpoint == "" || s.done {
		return nil
	}
	if info, err := os.Stat(s.Checkpoint); err == nil && info.IsDir() {
		return fmt.Errorf("Config.Checkpoint %q is a folder", s.Checkpoint)
	}
	probe, err := os.CreateTemp(filepath.Dir(s.Checkpoint), ".writable.*")
	if err == nil {
		err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		return fmt.Errorf("Config.Checkpoint %q: %w", s.Checkpoint, err)
	}
	return nil
}

// save writes the checkpoint, if there is to be one.
func (s *session) save() error {
	s.lap()
	if s.Checkpoint == "" {
		return nil
	}
	f, err := s.checkpoint()
	if err == nil {
		err = atomicfile.Write(s.Checkpoint, func(w io.Writer) error { return safetensors.Write(w, f) })
	}
	if err != nil {
		return fmt.Errorf("checkpoint %q: %w", s.Checkpoint, err)
	}
	return s.observe(Event{Kind: Saved})
}

func (s *session) checkpoint() (*safetensors.File, error) {
	var network bytes.Buffer
	if err := ditacop.SaveTo(&network, s.state()); err != nil {
		return nil, err
	}
	f, err := safetensors.Read(&network)
	if err != nil {
		return nil, err
	}
	d := description{
		Format: format, Settings: s.settings(), Step: s.step, Best: s.best, Waited: s.waited, Stopped: s.stopped, Done: s.done, Seconds: s.seconds,
	}
	add := func(name string, shape []int, x []float64) {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Dtype: safetensors.F64, Shape: shape, Data: bytesOf(x)})
	}
	for i, g := range s.groups {
		a, ok := g.Solver.(*models.Adam)
		if !ok {
			d.Solvers = append(d.Solvers, -1)
			continue
		}
		state := a.State()
		d.Solvers = append(d.Solvers, state.Steps)
		for k := range state.First {
			add(momentName(i, k, "first"), []int{len(state.First[k])}, state.First[k])
			add(momentName(i, k, "second"), []int{len(state.Second[k])}, state.Second[k])
		}
	}
	add(lossesName, []int{len(s.losses)}, s.losses)
	add(startsName, []int{len(s.starts)}, s.starts)
	add(historyName, []int{len(s.history), s.columns()}, s.rows())
	if s.kept != nil {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: bestName, Dtype: "U8", Shape: []int{len(s.kept)}, Data: s.kept})
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	f.Metadata[metadataKey] = string(text)
	return f, nil
}

func momentName(group, learnable int, moment string) string {
	return fmt.Sprintf("%sgroup%d.%d.%s", safetensors.Trainer, group, learnable, moment)
}

// columns is the number of numbers of a record.
func (s *session) columns() int { return 5 + len(s.Metrics) }

// rows returns the history as numbers, record after record.
func (s *session) rows() []float64 {
	var x []float64
	for _, r := range s.history {
		x = append(x, float64(r.Step), r.Epoch, r.TrainLoss, r.ValidLoss, r.Seconds)
		x = append(x, r.Metrics...)
	}
	return x
}

func recordsOf(x []float64, columns int) []Record {
	var out []Record
	for ; len(x) > 0; x = x[columns:] {
		r := Record{Step: int(x[0]), Epoch: x[1], TrainLoss: x[2], ValidLoss: x[3], Seconds: x[4]}
		if columns > 5 {
			r.Metrics = append(r.Metrics, x[5:columns]...)
		}
		out = append(out, r)
	}
	return out
}

// load brings the training to where the checkpoint is, and reports whether there is one.
func (s *session) load() (bool, error) {
	b, err := os.ReadFile(s.Checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = s.restore(b)
	}
	if err != nil {
		return false, fmt.Errorf("resume from %q: %w", s.Checkpoint, err)
	}
	return true, nil
}

// restore checks all of a checkpoint before it changes anything.
func (s *session) restore(b []byte) error {
	f, err := safetensors.Read(bytes.NewReader(b))
	if err != nil {
		return err
	}
	text, ok := f.Metadata[metadataKey]
	if !ok {
		return fmt.Errorf("it is no checkpoint of a training: the metadata lacks %s", metadataKey)
	}
	var d description
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return fmt.Errorf("%s: %w", metadataKey, err)
	}
	if d.Format != format {
		return fmt.Errorf("its format is %d, but this version of the package reads %d", d.Format, format)
	}
	if err := d.Settings.differs(s.settings(), s.Schedule != nil || s.Groups != nil); err != nil {
		return err
	}
	r := reader{tensors: map[string]safetensors.Tensor{}}
	for _, t := range f.Tensors {
		r.tensors[t.Name] = t
	}
	p, err := s.read(&r, d)
	if err != nil {
		return err
	}
	states, err := s.solvers(&r, d)
	if err != nil {
		return err
	}
	if err := ditacop.LoadFrom(bytes.NewReader(b), s.state()); err != nil {
		return err
	}
	for i, a := range states {
		if a != nil {
			if err := s.groups[i].Solver.(*models.Adam).SetState(*a); err != nil {
				return err
			}
		}
	}
	s.progress = p
	return nil
}

// read returns what the checkpoint says of the progress.
func (s *session) read(r *reader, d description) (progress, error) {
	p := progress{
		step: d.Step, best: d.Best, waited: d.Waited, stopped: d.Stopped, seconds: d.Seconds,
		done:   d.Done && d.Step == s.Steps || d.Stopped,
		losses: r.numbers(lossesName), starts: r.numbers(startsName),
	}
	history := r.numbers(historyName)
	if t, ok := r.tensors[bestName]; ok {
		p.kept = t.Data
	}
	if r.err != nil {
		return p, r.err
	}
	if len(p.losses) != d.Step || d.Step < 0 || d.Step > s.Steps || len(history)%s.columns() != 0 {
		return p, fmt.Errorf("it has %d losses for %d of %d steps, and %d numbers of evaluations of %d each", len(p.losses), d.Step, s.Steps, len(history), s.columns())
	}
	p.history = recordsOf(history, s.columns())
	if p.best < -1 || p.best >= len(p.history) || (s.Patience > 0) != (p.kept != nil) && p.best >= 0 {
		return p, fmt.Errorf("its best evaluation is number %d of %d", p.best, len(p.history))
	}
	return p, nil
}

// solvers returns the states of the groups' Adams, nil for other solvers.
func (s *session) solvers(r *reader, d description) ([]*models.AdamState, error) {
	if len(d.Solvers) != len(s.groups) {
		return nil, fmt.Errorf("it has %d groups of learnables, now there are %d", len(d.Solvers), len(s.groups))
	}
	out := make([]*models.AdamState, len(s.groups))
	for i, g := range s.groups {
		_, adam := g.Solver.(*models.Adam)
		if adam != (d.Solvers[i] >= 0) {
			return nil, fmt.Errorf("group %q has another solver than it had", g.Name)
		}
		if !adam {
			continue
		}
		state := models.AdamState{Steps: d.Solvers[i]}
		for k, n := range g.Nodes {
			if state.Steps == 0 {
				break
			}
			m, v := r.numbers(momentName(i, k, "first")), r.numbers(momentName(i, k, "second"))
			if r.err == nil && (len(m) != n.Shape().TotalSize() || len(v) != len(m)) {
				return nil, fmt.Errorf("it has %d and %d moments for %q of shape %v", len(m), len(v), n.Name(), n.Shape())
			}
			state.First, state.Second = append(state.First, m), append(state.Second, v)
		}
		out[i] = &state
	}
	return out, r.err
}

// reader reads tensors until one is wrong.
type reader struct {
	tensors map[string]safetensors.Tensor
	err     error
}

func (r *reader) numbers(name string) []float64 {
	t, ok := r.tensors[name]
	if r.err == nil && (!ok || t.Dtype != safetensors.F64) {
		r.err = fmt.Errorf("it lacks %q: another network or damage", name)
	}
	if r.err != nil {
		return nil
	}
	x := make([]float64, len(t.Data)/8)
	for i := range x {
		x[i] = math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:]))
	}
	return x
}

func bytesOf(x []float64) []byte {
	b := make([]byte, 0, 8*len(x))
	for _, e := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(e))
	}
	return b
}
