// Package sweep makes the trainings that an example compares, each of some
// activations with each of some learning rates and seeds, and reports their scores.
package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/internal/parallel"
)

// Run is one training.
type Run struct {
	Activation string
	Rate       float64 // learning rate
	Seed       uint64
}

// String names the run in errors.
func (r Run) String() string {
	return fmt.Sprintf("%s, rate %v, seed %d", r.Activation, r.Rate, r.Seed)
}

// Outcome is what a training gave.
type Outcome[T any] struct {
	Run     Run
	Scores  []float64 // one for each of Results.Scores; NaN for none
	Params  int       // number of learned numbers
	Seconds float64   // of the training alone
	More    T         // what the pictures need
}

// Results are the outcomes of the trainings that are done.
type Results[T any] struct {
	Grid   *cli.Grid
	Scores []string // names with units, such as "R² %"
	done   map[Run]*Outcome[T]
}

// NewResults returns results without any outcome.
func NewResults[T any](g *cli.Grid, scores ...string) *Results[T] {
	return &Results[T]{Grid: g, Scores: scores, done: map[Run]*Outcome[T]{}}
}

// Add keeps the outcome of a training, unless it is nil: not done.
func (r *Results[T]) Add(o *Outcome[T]) {
	if o != nil {
		r.done[o.Run] = o
	}
}

// Of returns the outcomes of an activation with a rate, in the order of the seeds.
func (r *Results[T]) Of(activation string, rate float64) []*Outcome[T] {
	var out []*Outcome[T]
	for _, seed := range r.Grid.Seeds {
		if o := r.done[Run{activation, rate, seed}]; o != nil {
			out = append(out, o)
		}
	}
	return out
}

// Typical returns the outcome with the median of the first score among those of an
// activation with the first rate, or nil if there is none.
func (r *Results[T]) Typical(activation string) *Outcome[T] {
	outcomes := r.Of(activation, r.Grid.Rates[0])
	if len(outcomes) == 0 {
		return nil
	}
	return outcomes[stats(outcomes, 0).MedianAt]
}

// Count returns the number of outcomes.
func (r *Results[T]) Count() int { return len(r.done) }

// stats returns the statistics of a score.
func stats[T any](outcomes []*Outcome[T], score int) cli.Stats {
	x := make([]float64, len(outcomes))
	for i, o := range outcomes {
		x[i] = o.Scores[score]
	}
	return cli.NewStats(x)
}

// runs returns the trainings of a grid, the activations in turn: what is done when the
// work is interrupted compares them over equal seeds.
func runs(g *cli.Grid) []Run {
	var all []Run
	for _, seed := range g.Seeds {
		for _, rate := range g.Rates {
			for _, a := range g.Activations {
				all = append(all, Run{a, rate, seed})
			}
		}
	}
	return all
}

// do makes the trainings of the results' grid, on its number of workers, and adds
// their outcomes. It returns the errors of all that failed; the others go on
// meanwhile.
func (r *Results[T]) do(ctx context.Context, train func(ctx context.Context, run Run) (*Outcome[T], error)) error {
	all := runs(r.Grid)
	outcomes, errs := make([]*Outcome[T], len(all)), make([]error, len(all))
	parallel.Each(len(all), r.Grid.Workers, func(k int) {
		if ctx.Err() != nil {
			return
		}
		var err error
		if outcomes[k], err = train(ctx, all[k]); err != nil {
			outcomes[k], errs[k] = nil, fmt.Errorf("%v: %w", all[k], err)
		}
	})
	for _, o := range outcomes {
		r.Add(o)
	}
	return errors.Join(errs...)
}
