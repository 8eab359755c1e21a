package sweep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
)

// Program is a program that makes the trainings of a grid and reports them.
type Program[T any] struct {
	Name   string
	Grid   *cli.Grid
	Scores []string // names with units
	// Train makes a training and calls progress after every step. It returns nil for
	// one that the end of ctx has cut short.
	Train func(ctx context.Context, run Run, progress func()) (*Outcome[T], error)
	// Files are what is written beside the scores, by name.
	Files []File[T]
}

// File is a file that shows results.
type File[T any] struct {
	Name  string
	Write func(path string, res *Results[T]) error
}

// ErrNothing says that a file has nothing to show: it is not written.
var ErrNothing = errors.New("nothing to show")

// Run returns the exit status of the program. An interrupted one reports the trainings
// that are done.
func (p Program[T]) Run(ctx context.Context, out, messages io.Writer) int {
	status := 0
	complain := func(err error) {
		if err != nil {
			fmt.Fprintf(messages, "%s: %v\n", p.Name, err)
			status = 1
		}
	}
	if complain(p.Grid.MakeOut()); status != 0 {
		return status
	}
	res := NewResults[T](p.Grid, p.Scores...)
	complain(p.train(ctx, res))
	if ctx.Err() != nil {
		fmt.Fprintln(messages, "interrupted: reporting the runs that are done")
		status = 130 // as a shell reports SIGINT
	}
	if res.Count() == 0 {
		fmt.Fprintln(messages, "no run is done: nothing to report")
		return max(status, 1)
	}
	complain(res.Print(out))
	files, err := p.save(res)
	if len(files) > 0 {
		fmt.Fprintf(out, "wrote %s\n", strings.Join(files, ", "))
	}
	complain(err)
	return status
}

func (p Program[T]) train(ctx context.Context, res *Results[T]) error {
	progress := cli.NewProgress(int64(p.Grid.Runs())*int64(p.Grid.Steps), "training", !p.Grid.Quiet)
	defer progress.Close()
	return res.do(ctx, func(ctx context.Context, run Run) (*Outcome[T], error) {
		return p.Train(ctx, run, func() { progress.Add(1) })
	})
}

// save writes the files and returns the paths of those that were written.
func (p Program[T]) save(res *Results[T]) ([]string, error) {
	scores := File[T]{"scores.csv", func(path string, res *Results[T]) error { return res.SaveScores(path) }}
	var paths []string
	var errs []error
	for _, f := range append([]File[T]{scores}, p.Files...) {
		path := p.Grid.Path(f.Name)
		switch err := f.Write(path, res); {
		case errors.Is(err, ErrNothing):
		case err != nil:
			errs = append(errs, err)
		default:
			paths = append(paths, path)
		}
	}
	return paths, errors.Join(errs...)
}
