package sweep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/internal/parallel"
)

// Program is a program that makes the trainings of a grid and reports them.
type Program struct {
	Name string
	Grid *cli.Grid
	// Scores are what trainings are compared by. The first one decides which rate is an
	// activation's best, and which run its typical one.
	Scores []Score
	// Settings are all that decides the results beside the run, the program and the
	// number of steps: what a flag or a file of the user's own says. They are kept as
	// JSON with each outcome, so what counts has to be exported.
	Settings any
	// Train makes a training and calls progress after each of the grid's steps. It
	// returns nil for one that the end of ctx has cut short. The outcome depends on the
	// run and the settings alone.
	Train func(ctx context.Context, run Run, progress func()) (*Outcome, error)
	// Files are what is written beside the scores.
	Files []File
}

// interrupted is the exit status of a program that Ctrl-C has ended, as a shell reports
// SIGINT.
const interrupted = 130

// Run returns the exit status of the program: 0 if all trainings are done and reported,
// 1 if one failed or is missing, 2 if none was begun. An interrupted one reports the
// trainings that are done.
func (p Program) Run(ctx context.Context, out, messages io.Writer) int {
	complain := func(status int, err error) int {
		if err == nil {
			return 0
		}
		fmt.Fprintf(messages, "%s: %v\n", p.Name, err)
		return status
	}
	if err := p.makeFolders(); err != nil {
		return complain(2, err)
	}
	res, todo, err := p.load(messages)
	if err != nil {
		return complain(2, err)
	}
	status := 0
	if len(todo) > 0 {
		if err := p.announce(ctx, todo, messages); err != nil {
			return complain(2, err)
		}
		status = complain(1, p.train(ctx, res, todo))
		if ctx.Err() != nil {
			fmt.Fprintln(messages, "interrupted: the same command goes on with the runs that are missing")
			status = interrupted
		}
	}
	if p.Grid.Shards > 1 {
		return p.reportShard(res, out, status)
	}
	return max(status, p.report(res, out, messages, complain))
}

// makeFolders makes the folder of the results and, so that -merge knows those of a part
// that has no run, that of the outcomes.
func (p Program) makeFolders() error {
	if err := p.Grid.MakeOut(); err != nil || p.Grid.Merge {
		return err
	}
	if err := os.MkdirAll(p.Grid.Path(runsFolder), 0o755); err != nil {
		return fmt.Errorf("-out %q: %w", p.Grid.Out, err)
	}
	return nil
}

// load returns the outcomes of the grid's runs that are in the files, and the runs to
// make: those of the grid's shard that are not.
func (p Program) load(messages io.Writer) (res *Results, todo []Run, err error) {
	res = NewResults(p.Grid, p.Scores...)
	own, err := newStore(p, p.Grid.Out)
	if err != nil {
		return nil, nil, err
	}
	mine := shard(p.Grid, runs(p.Grid))
	if p.Grid.Fresh {
		if err := own.remove(mine); err != nil {
			return nil, nil, fmt.Errorf("-fresh: %w", err)
		}
	}
	for _, folder := range append([]string{p.Grid.Out}, p.Grid.Folders...) {
		if err := p.loadFolder(res, folder); err != nil {
			return nil, nil, err
		}
	}
	if p.Grid.Merge {
		return res, nil, nil
	}
	for _, run := range mine {
		if res.done[run] == nil {
			todo = append(todo, run)
		}
	}
	if done := len(mine) - len(todo); done > 0 && !p.Grid.Quiet {
		fmt.Fprintf(messages, "%d of %d runs are done, read from %s (-fresh makes them anew)\n", done, len(mine), own.folder)
	}
	return res, todo, nil
}

// loadFolder adds the outcomes that a folder holds. A run that two folders hold with
// different scores is an error.
func (p Program) loadFolder(res *Results, folder string) error {
	s, err := newStore(p, folder)
	if err != nil {
		return err
	}
	if p.Grid.Merge && folder != p.Grid.Out {
		if _, err := os.Stat(s.folder); err != nil {
			return fmt.Errorf("-merge: %w", err)
		}
	}
	for _, run := range runs(p.Grid) {
		o, err := s.load(run)
		if err != nil {
			if errors.Is(err, errSettings) && !p.Grid.Merge {
				err = fmt.Errorf("%w; choose another folder with -out, or make the runs anew with -fresh", err)
			}
			return err
		}
		if other := res.done[run]; o != nil && other != nil && !sameScores(o, other) {
			return fmt.Errorf("-merge: %s: other scores than those of the same run in another folder: %v there, %v here", s.path(run), other.Scores, o.Scores)
		}
		res.Add(o)
	}
	return nil
}

// sameScores compares scores by their bits, as NaN does not equal itself.
func sameScores(a, b *Outcome) bool {
	return fmt.Sprint(a.Scores) == fmt.Sprint(b.Scores)
}

// announce says how long the runs will take, and refuses them if that is beyond the
// budget.
func (p Program) announce(ctx context.Context, todo []Run, messages io.Writer) error {
	budget := p.Grid.Budget
	if p.Grid.Quiet && budget == 0 {
		return nil
	}
	d := p.estimate(ctx, todo)
	if ctx.Err() != nil {
		return nil // nothing was timed: the caller says so
	}
	workers := min(p.Grid.Workers, len(todo))
	fmt.Fprintf(messages, "%s to make: about %s on %s\n", count(len(todo), "run"), about(d), count(workers, "worker"))
	if budget > 0 && d > budget {
		parts := int((d + budget - 1) / budget)
		return fmt.Errorf("-budget: %v, and the runs take about %s: fewer of them or -steps, or parts on several machines (-shard 1/%d)", budget, about(d), parts)
	}
	return nil
}

// train makes the runs, keeps each outcome in a file and adds it to the results. It
// returns the errors of all that failed; the others go on meanwhile.
func (p Program) train(ctx context.Context, res *Results, todo []Run) error {
	progress := cli.NewProgress(int64(len(todo))*int64(p.Grid.Steps), "training", !p.Grid.Quiet)
	defer progress.Close()
	s, err := newStore(p, p.Grid.Out)
	if err != nil {
		return err
	}
	outcomes, errs := make([]*Outcome, len(todo)), make([]error, len(todo))
	parallel.Each(len(todo), p.Grid.Workers, func(k int) {
		if ctx.Err() != nil {
			return
		}
		o, err := p.Train(ctx, todo[k], func() { progress.Add(1) })
		if err == nil && o != nil {
			o.Run = todo[k]
			err = s.save(o)
		}
		if err != nil {
			errs[k] = fmt.Errorf("%v: %w", todo[k], err)
			return
		}
		outcomes[k] = o
	})
	for _, o := range outcomes {
		res.Add(o)
	}
	return errors.Join(errs...)
}

// reportShard says what is done of a shard, whose scores -merge reports with the others.
func (p Program) reportShard(res *Results, out io.Writer, status int) int {
	mine := shard(p.Grid, runs(p.Grid))
	done := 0
	for _, run := range mine {
		if res.done[run] != nil {
			done++
		}
	}
	fmt.Fprintf(out, "shard %d/%d: %d of its %s done, in %s; report them with -merge\n", p.Grid.Shard, p.Grid.Shards, done, count(len(mine), "run"), p.Grid.Path(runsFolder))
	return status
}

// report prints the tables and writes the files.
func (p Program) report(res *Results, out, messages io.Writer, complain func(int, error) int) int {
	if res.Count() == 0 {
		fmt.Fprintln(messages, "no run is done: nothing to report")
		return 1
	}
	status := 0
	if missing := res.missing(); len(missing) > 0 {
		fmt.Fprintf(messages, "%d of %s missing: %s\n", len(missing), count(p.Grid.Runs(), "run"), names(missing))
		status = 1
	}
	files, err := p.save(res) // first: an output that goes away, as of head, ends the program
	for _, t := range res.tables() {
		status = max(status, complain(1, t.print(out)))
	}
	if len(files) > 0 {
		fmt.Fprintf(out, "wrote %s\n", strings.Join(files, ", "))
	}
	return max(status, complain(1, err))
}

// names lists runs, the first ones of many.
func names(list []Run) string {
	const most = 12
	var parts []string
	for _, run := range list[:min(most, len(list))] {
		parts = append(parts, "("+run.String()+")")
	}
	if more := len(list) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
