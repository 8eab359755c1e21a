package nb

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/ditac-go/ditac/models/plots"
	"github.com/ditac-go/ditac/models/train"
	"gonum.org/v1/plot"
)

// Training shows trainings while they run, in one picture: the losses, and the first metric
// after each evaluation. Below a cell in which a training runs, the picture changes until it
// ends; the next training's picture has the curves of both.
//
//	live := nb.NewTraining("MNIST")
//	result, err := train.Fit(ctx, train.Config{…, Observers: []train.Observer{live.Run("ditac")}})
type Training struct {
	title string
	mu    sync.Mutex
	runs  []*run
}

// NewTraining returns a picture without trainings.
func NewTraining(title string) *Training { return &Training{title: title} }

// Run returns the observer of one training, which is named in the picture.
func (t *Training) Run(name string) train.Observer {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &run{name: name, training: t, shown: NewShown()}
	t.runs = append(t.runs, r)
	return r
}

// Figure returns the picture.
func (t *Training) Figure() (*plots.Figure, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var losses []plots.Series
	var metrics []plots.Line
	metric := ""
	for _, r := range t.runs {
		losses = append(losses, plots.Series{Name: r.name, Runs: [][]float64{r.losses}})
		metrics = append(metrics, plots.Line{Name: r.name, X: r.epochs, Y: r.metrics})
		if r.metric != "" {
			metric = r.metric
		}
	}
	loss, err := plots.LossPlot(t.title+": training loss", "loss", losses)
	if err != nil {
		return nil, err
	}
	row := []*plot.Plot{loss}
	if metric != "" {
		p, err := plots.LinePlot(metric, "epoch", metric, metrics)
		if err != nil {
			return nil, err
		}
		row = append(row, p)
	}
	return plots.Grid(t.title, plots.Width, plots.Height, [][]*plot.Plot{row})
}

// run is one training.
type run struct {
	name     string
	training *Training
	shown    *Shown
	losses   []float64
	epochs   []float64
	metrics  []float64
	metric   string
	next     time.Time // of drawing
}

// idle is how many times as long as drawing takes training goes on without: drawing takes
// at most 2 % of the time.
const idle = 50

// Observe implements train.Observer.
func (r *run) Observe(e train.Event) error {
	r.training.mu.Lock()
	switch e.Kind {
	case train.Started:
		r.losses, r.epochs, r.metrics = nil, nil, nil
		r.next = time.Now().Add(time.Second)
	case train.Stepped:
		r.losses = append(r.losses, e.Loss)
	case train.Evaluated:
		if len(e.Metrics) > 0 && len(e.Record.Metrics) > 0 {
			r.metric = e.Metrics[0]
			r.epochs, r.metrics = append(r.epochs, e.Record.Epoch), append(r.metrics, e.Record.Metrics[0])
		}
	}
	r.training.mu.Unlock()
	if e.Kind != train.Ended && time.Now().Before(r.next) || len(r.losses) == 0 {
		return nil
	}
	begun := time.Now()
	figure, err := r.training.Figure()
	if err != nil {
		return err
	}
	var png bytes.Buffer
	if err := figure.WritePNG(&png); err != nil {
		return err
	}
	err = r.shown.Show(png.Bytes(), r.line(e))
	r.next = time.Now().Add(max(time.Second, idle*time.Since(begun)))
	return err
}

// line says in words how far the training is.
func (r *run) line(e train.Event) string {
	s := fmt.Sprintf("%s: step %d of %d, loss %.4g", r.name, e.Step, e.Steps, e.Loss)
	if n := len(r.metrics); n > 0 {
		s += fmt.Sprintf(", %s %.4f", r.metric, r.metrics[n-1])
	}
	s += fmt.Sprintf(", %.0f s", e.Elapsed.Seconds())
	if e.Kind != train.Ended && e.Step > 0 {
		s += fmt.Sprintf(", %.0f s to go", e.Elapsed.Seconds()/float64(e.Step)*float64(e.Steps-e.Step))
	}
	return s
}
