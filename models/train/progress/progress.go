// Package progress shows the progress of a training as a bar on a terminal: the loss, the
// first metric of the last evaluation, examples per second and the remaining time.
//
//	bar := progress.Bar(os.Stderr)
//	result, err := train.Fit(ctx, train.Config{ …, Observers: []train.Observer{bar}})
package progress

import (
	"fmt"
	"io"
	"time"

	"github.com/ditac-go/ditac/models/train"
	"github.com/schollz/progressbar/v3"
)

// throttle is the least time between two drawings.
const throttle = 200 * time.Millisecond

// Bar returns an observer that draws a bar to w. Ask golang.org/x/term whether w is a
// terminal before: elsewhere the bar is a mess. An observer is for one training at a time.
func Bar(w io.Writer) train.Observer { return &bar{w: w} }

type bar struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	from  int       // step at the start
	began time.Time // the time of the start
	drawn time.Time
}

// Observe implements [train.Observer].
func (b *bar) Observe(e train.Event) error {
	switch e.Kind {
	case train.Started:
		b.from, b.began = e.Step, time.Now()
		b.bar = progressbar.NewOptions(e.Steps,
			progressbar.OptionSetWriter(b.w),
			progressbar.OptionSetDescription(describe(e, 0)),
			progressbar.OptionSetWidth(20),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetElapsedTime(true),
			progressbar.OptionShowCount(),
			progressbar.OptionClearOnFinish())
		if e.Step > 0 {
			return b.bar.Set(e.Step)
		}
	case train.Stepped, train.Evaluated:
		if b.bar == nil || time.Since(b.drawn) < throttle && e.Step < e.Steps {
			return nil
		}
		b.drawn = time.Now()
		b.bar.Describe(describe(e, float64((e.Step-b.from)*e.Batch)/time.Since(b.began).Seconds()))
		return b.bar.Set(e.Step)
	case train.Ended:
		if b.bar != nil {
			return b.bar.Exit()
		}
	}
	return nil
}

// describe returns what stands before the bar.
func describe(e train.Event, perSecond float64) string {
	text := ""
	if e.Step > 0 {
		text = fmt.Sprintf("loss %.4g", e.Loss)
	}
	if r := e.Record; r != nil && len(r.Metrics) > 0 {
		text += fmt.Sprintf(", %s %.4g", e.Metrics[0], r.Metrics[0])
	}
	if perSecond > 0 {
		text += fmt.Sprintf(", %.3g examples/s", perSecond)
	}
	return text
}
