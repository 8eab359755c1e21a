package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/ditac-go/ditac/examples/internal/cli"
)

// results are the outcomes by activation, in the order of the seeds; nil for
// runs that were not finished.
type results map[string][]*outcome

// experiment makes all runs, some at a time. It returns what was done when ctx
// ends, and the first error of a run together with the other runs.
func experiment(ctx context.Context, c *config) (results, error) {
	type job struct {
		activation string
		index      int
	}
	var jobs []job
	res := results{}
	for _, a := range c.activations {
		res[a] = make([]*outcome, len(c.seeds))
	}
	for i := range c.seeds { // activations in turn: an interrupted run compares equal seeds
		for _, a := range c.activations {
			jobs = append(jobs, job{a, i})
		}
	}
	progress := cli.NewProgress(len(jobs)*c.steps, "training", !c.quiet)
	defer progress.Close()
	var (
		next atomic.Int64
		wg   sync.WaitGroup
		errs = make([]error, len(jobs))
	)
	for range min(c.workers, len(jobs)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ctx.Err() == nil {
				k := int(next.Add(1)) - 1
				if k >= len(jobs) {
					return
				}
				j := jobs[k]
				o, err := train(ctx, c, j.activation, c.seeds[j.index], func() { progress.Add(1) })
				if err != nil {
					errs[k] = fmt.Errorf("%s, seed %d: %w", j.activation, c.seeds[j.index], err)
					continue
				}
				res[j.activation][j.index] = o
			}
		}()
	}
	wg.Wait()
	return res, errors.Join(errs...)
}

// done returns the finished runs of an activation.
func (r results) done(activation string) []*outcome {
	var out []*outcome
	for _, o := range r[activation] {
		if o != nil {
			out = append(out, o)
		}
	}
	return out
}

// scores returns the statistics of R², in per cent.
func scores(runs []*outcome) cli.Stats {
	x := make([]float64, len(runs))
	for i, o := range runs {
		x[i] = 100 * o.r2
	}
	return cli.NewStats(x)
}

// typical returns the run of median score.
func typical(runs []*outcome) *outcome { return runs[scores(runs).MedianAt] }
