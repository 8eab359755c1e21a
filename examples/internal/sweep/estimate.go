package sweep

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ditac-go/ditac/internal/parallel"
)

// A training is timed over some steps after the first ones, which make memory and
// tables.
const (
	warmSteps  = 2
	timedSteps = 50
	timedFor   = 400 * time.Millisecond // enough, if it is two steps at least
)

// estimate returns about how long the runs take on the grid's workers. It begins one
// run of each activation and breaks it off; as many at a time as there are workers, as
// they slow each other down.
func (p Program) estimate(ctx context.Context, todo []Run) time.Duration {
	first := map[string]Run{}
	var activations []string
	for _, run := range todo {
		if _, ok := first[run.Activation]; !ok {
			first[run.Activation] = run
			activations = append(activations, run.Activation)
		}
	}
	var mu sync.Mutex
	each := map[string]time.Duration{}
	parallel.Each(len(activations), p.Grid.Workers, func(k int) {
		d := p.time(ctx, first[activations[k]])
		mu.Lock()
		defer mu.Unlock()
		each[activations[k]] = d
	})
	total, longest := time.Duration(0), time.Duration(0)
	for _, run := range todo {
		total += each[run.Activation]
		longest = max(longest, each[run.Activation])
	}
	return max(longest, total/time.Duration(p.Grid.Workers))
}

// time returns about how long a run takes: the time up to its first steps, and that of
// a later step for each of the others. A run that fails takes none: its error is
// reported when it is made.
func (p Program) time(ctx context.Context, run Run) time.Duration {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	steps := 0
	var warm, last time.Time
	begin := time.Now()
	_, err := p.Train(ctx, run, func() {
		steps++
		last = time.Now()
		if steps == warmSteps {
			warm = last
		}
		if timed := steps - warmSteps; timed >= timedSteps || timed >= 2 && last.Sub(warm) > timedFor {
			stop()
		}
	})
	switch timed := steps - warmSteps; {
	case err != nil || steps == 0:
		return 0
	case timed < 1:
		return time.Duration(float64(last.Sub(begin)) * float64(p.Grid.Steps) / float64(steps))
	default:
		step := float64(last.Sub(warm)) / float64(timed)
		return warm.Sub(begin) + time.Duration(step*float64(p.Grid.Steps-warmSteps))
	}
}

// about writes a duration as coarsely as an estimate of it is.
func about(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "10s or less"
	case d < 2*time.Minute:
		return d.Round(time.Second).String()
	case d < 2*time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return fmt.Sprintf("%.1fh", d.Hours())
}
