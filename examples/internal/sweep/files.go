package sweep

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/internal/atomicfile"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// File is a file that shows results.
type File struct {
	Name  string
	Write func(path string, res *Results) error
}

// ErrNothing says that a file has nothing to show: it is not written.
var ErrNothing = errors.New("nothing to show")

// reports are the files that every program writes.
var reports = []File{{"scores.csv", saveCSV}, {"table.md", saveMarkdown}, {"scores.png", savePlot}}

// save writes all files and returns the paths of those that were written.
func (p Program) save(res *Results) ([]string, error) {
	var paths []string
	var errs []error
	for _, f := range append(reports[:len(reports):len(reports)], p.Files...) {
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

// saveCSV writes the scores of all runs.
func saveCSV(path string, r *Results) error {
	full := func(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
	header := []string{"activation", "rate", "seed"}
	for _, s := range r.Scores {
		header = append(header, s.Name)
	}
	rows := [][]string{append(header, "seconds", "parameters", "test seconds")}
	for _, rate := range r.Grid.Rates {
		for _, a := range r.Grid.Activations {
			for _, o := range r.Of(a, rate) {
				row := []string{a, full(rate), strconv.FormatUint(o.Run.Seed, 10)}
				for _, x := range o.Scores {
					row = append(row, full(x))
				}
				rows = append(rows, append(row, full(o.TrainSeconds), strconv.Itoa(o.Params), full(o.InferSeconds)))
			}
		}
	}
	return cli.WriteCSV(path, rows)
}

// saveMarkdown writes the tables.
func saveMarkdown(path string, r *Results) error {
	err := atomicfile.Write(path, func(w io.Writer) error {
		for _, t := range r.tables() {
			if err := t.markdown(w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	return nil
}

// savePlot draws a row of plots for each score: the seeds of each activation at its
// best rate, and the means at all rates if there are several.
func savePlot(path string, r *Results) error {
	var rows [][]*plot.Plot
	for k, score := range r.Scores {
		if !r.has(k) {
			continue
		}
		row, err := r.plots(k, score)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return ErrNothing
	}
	width := figure.Width * max(1, vg.Length(len(r.Grid.Activations))/8)
	return figure.Save(path, width, figure.Height, rows)
}

// plots returns the row of a score.
func (r *Results) plots(k int, score Score) ([]*plot.Plot, error) {
	var samples []figure.Samples
	var lines []figure.Points
	for _, a := range r.Grid.Activations {
		samples = append(samples, figure.Samples{Name: a, Values: collect(r.Best(a), func(o *Outcome) float64 { return o.Scores[k] })})
		line := figure.Points{Name: a}
		for _, rate := range slices.Sorted(slices.Values(r.Grid.Rates)) {
			line.X = append(line.X, rate)
			line.Y = append(line.Y, stats(r.Of(a, rate), k).Mean)
		}
		lines = append(lines, line)
	}
	if len(r.Grid.Rates) == 1 {
		p, err := figure.Strips(fmt.Sprintf("rate %v", r.Grid.Rates[0]), score.Name, samples)
		return []*plot.Plot{p}, err
	}
	best, err := figure.Strips("each at its best rate", score.Name, samples)
	if err != nil {
		return nil, err
	}
	rates, err := figure.OverRates("mean over seeds", score.Name, lines)
	return []*plot.Plot{best, rates}, err
}
