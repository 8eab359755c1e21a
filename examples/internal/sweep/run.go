package sweep

import (
	"fmt"
	"strconv"

	"github.com/ditac-go/ditac/examples/internal/cli"
)

// Run is one training.
type Run struct {
	Activation string
	Rate       float64 // learning rate
	Seed       uint64
}

// String names the run in messages.
func (r Run) String() string {
	return fmt.Sprintf("%s, rate %v, seed %d", r.Activation, r.Rate, r.Seed)
}

// file returns the name of the run's file.
func (r Run) file() string {
	return fmt.Sprintf("%s_lr%s_seed%d.json", r.Activation, strconv.FormatFloat(r.Rate, 'g', -1, 64), r.Seed)
}

// Score says what a number is that trainings are compared by.
type Score struct {
	Name   string // with the unit, such as "R² %"
	Higher bool   // a higher one is better
}

// better reports whether score a is better than b. None, NaN, is worse than any.
func (s Score) better(a, b float64) bool {
	if b != b {
		return a == a
	}
	if s.Higher {
		return a > b
	}
	return a < b
}

// direction says in tables which scores are good.
func (s Score) direction() string {
	if s.Higher {
		return "higher is better"
	}
	return "lower is better"
}

// Outcome is what a training gave.
type Outcome struct {
	Run    Run       // set by Program
	Scores []float64 // one for each of Program.Scores; NaN for none
	Params int       // number of learned numbers
	// TrainSeconds is the time of the training alone, InferSeconds that of the trained
	// network's outputs for the examples of the first score; 0 if it was not measured.
	TrainSeconds, InferSeconds float64
	// Arrays are what the pictures need, by name.
	Arrays map[string][]float32
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

// shard returns those of a grid's trainings that are of the grid's shard. The runs of
// one activation after the other are dealt out to the shards in turn: each gets as many
// as another, and as many of each activation, up to one.
func shard(g *cli.Grid, all []Run) []Run {
	if g.Shards <= 1 {
		return all
	}
	var part []Run
	n := len(g.Activations)
	for i, run := range all {
		if (i%n*(len(all)/n)+i/n)%g.Shards == g.Shard-1 {
			part = append(part, run)
		}
	}
	return part
}
