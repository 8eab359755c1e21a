package sweep

import (
	"math"

	"github.com/ditac-go/ditac/examples/internal/cli"
)

// Results are the outcomes of the trainings that are done.
type Results struct {
	Grid   *cli.Grid
	Scores []Score
	done   map[Run]*Outcome
}

// NewResults returns results without any outcome.
func NewResults(g *cli.Grid, scores ...Score) *Results {
	return &Results{Grid: g, Scores: scores, done: map[Run]*Outcome{}}
}

// Add keeps the outcome of a training, unless it is nil: not done.
func (r *Results) Add(o *Outcome) {
	if o != nil {
		r.done[o.Run] = o
	}
}

// Count returns the number of outcomes.
func (r *Results) Count() int { return len(r.done) }

// Of returns the outcomes of an activation with a rate, in the order of the seeds.
func (r *Results) Of(activation string, rate float64) []*Outcome {
	var out []*Outcome
	for _, seed := range r.Grid.Seeds {
		if o := r.done[Run{activation, rate, seed}]; o != nil {
			out = append(out, o)
		}
	}
	return out
}

// BestRate returns the rate at which the mean of an activation's first score is best,
// among those with the most seeds done; the first rate if there is none.
func (r *Results) BestRate(activation string) float64 {
	best, seeds, mean := r.Grid.Rates[0], 0, math.NaN()
	for _, rate := range r.Grid.Rates {
		x := stats(r.Of(activation, rate), 0)
		if x.N > seeds || x.N == seeds && x.N > 0 && r.Scores[0].better(x.Mean, mean) {
			best, seeds, mean = rate, x.N, x.Mean
		}
	}
	return best
}

// Best returns the outcomes of an activation at its best rate, in the order of the seeds.
func (r *Results) Best(activation string) []*Outcome {
	return r.Of(activation, r.BestRate(activation))
}

// Typical returns the outcome with the median of the first score among those of an
// activation at its best rate, or nil if there is none.
func (r *Results) Typical(activation string) *Outcome {
	outcomes := r.Best(activation)
	if len(outcomes) == 0 {
		return nil
	}
	return outcomes[stats(outcomes, 0).MedianAt]
}

// missing returns the trainings of the grid that are not done.
func (r *Results) missing() []Run {
	var missing []Run
	for _, run := range runs(r.Grid) {
		if r.done[run] == nil {
			missing = append(missing, run)
		}
	}
	return missing
}

// has reports whether a run has the score.
func (r *Results) has(score int) bool {
	for _, o := range r.done {
		if x := o.Scores[score]; x == x {
			return true
		}
	}
	return false
}

// collect returns a number of each outcome.
func collect(outcomes []*Outcome, of func(*Outcome) float64) []float64 {
	x := make([]float64, len(outcomes))
	for i, o := range outcomes {
		x[i] = of(o)
	}
	return x
}

// stats returns the statistics of a score.
func stats(outcomes []*Outcome, score int) cli.Stats {
	return cli.NewStats(collect(outcomes, func(o *Outcome) float64 { return o.Scores[score] }))
}
