package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"gonum.org/v1/plot"
)

// printTable prints one line per activation.
func printTable(w io.Writer, c *config, res results) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "activation\tR² mean\t± sd\tmedian\tmin\tmax\tseeds\ts/run\tparameters\t")
	for _, a := range c.activations {
		runs := res.done(a)
		if len(runs) == 0 {
			fmt.Fprintf(t, "%s\t–\t–\t–\t–\t–\t0\t–\t–\t\n", a)
			continue
		}
		seconds := make([]float64, len(runs))
		for i, o := range runs {
			seconds[i] = o.seconds
		}
		s := scores(runs)
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%d\t%.1f\t%d\t\n",
			a, s.Mean, s.SD, s.Median, s.Min, s.Max, s.N, cli.NewStats(seconds).Median, runs[0].params)
	}
	return t.Flush()
}

// save writes scores and pictures of the finished runs and returns the files.
func save(c *config, res results) ([]string, error) {
	if err := os.MkdirAll(c.out, 0o755); err != nil {
		return nil, fmt.Errorf("-out: %w", err)
	}
	var files []string
	for _, f := range []struct {
		name  string
		write func(path string, c *config, res results) error
	}{
		{"scores.csv", saveScores},
		{"fits.png", saveFits},
		{"activation.png", saveActivation},
		{"losses.png", saveLosses},
	} {
		path := filepath.Join(c.out, f.name)
		if err := f.write(path, c, res); err != nil {
			return files, err
		}
		if _, err := os.Stat(path); err == nil { // some have nothing to show
			files = append(files, path)
		}
	}
	return files, nil
}

func saveScores(path string, c *config, res results) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	rows := [][]string{{"activation", "seed", "r2", "seconds", "parameters", "final_loss"}}
	for _, a := range c.activations {
		for _, o := range res.done(a) {
			number := func(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
			rows = append(rows, []string{a, strconv.FormatUint(o.seed, 10), number(o.r2), number(o.seconds),
				strconv.Itoa(o.params), number(o.losses[len(o.losses)-1])})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// saveFits draws the target and each activation's fit of median score.
func saveFits(path string, c *config, res results) error {
	_, want := evaluationGrid()
	surface := func(title string, z []float64) *figure.Surface {
		return &figure.Surface{Title: title, N: gridSize, Lo: -1, Hi: 1, Values: z}
	}
	surfaces := []*figure.Surface{surface("target", want)}
	for _, a := range c.activations {
		if runs := res.done(a); len(runs) > 0 {
			o := typical(runs)
			surfaces = append(surfaces, surface(fmt.Sprintf("%s: R² = %.1f %%", a, 100*o.r2), o.fit))
		}
	}
	row, err := figure.Surfaces(surfaces)
	if err != nil {
		return err
	}
	return figure.Save(path, figure.Height, figure.Height, wrap(row, 4))
}

// wrap breaks a row of plots into rows of at most n.
func wrap(row []*plot.Plot, n int) [][]*plot.Plot {
	var rows [][]*plot.Plot
	for ; len(row) > n; row = row[n:] {
		rows = append(rows, row[:n])
	}
	if len(rows) > 0 {
		row = append(row[:len(row):len(row)], make([]*plot.Plot, n-len(row))...)
	}
	return append(rows, row)
}

// saveActivation draws what DiTAC learned in its run of median score.
func saveActivation(path string, c *config, res results) error {
	runs := res.done("ditac")
	if len(runs) == 0 {
		return nil
	}
	o := typical(runs)
	row, err := figure.Activation(fmt.Sprintf("%s, seed %d", c.ditac.Variant, o.seed), o.learned, o.inputs)
	if err != nil {
		return err
	}
	return figure.Save(path, figure.Width, figure.Height, wrap(row, 2))
}

func saveLosses(path string, c *config, res results) error {
	var curves []figure.Losses
	for _, a := range c.activations {
		l := figure.Losses{Name: a}
		for _, o := range res.done(a) {
			l.Runs = append(l.Runs, o.losses)
		}
		curves = append(curves, l)
	}
	p, err := figure.LossCurves(curves)
	if err != nil {
		return err
	}
	return figure.Save(path, 1.6*figure.Width, 1.2*figure.Height, [][]*plot.Plot{{p}})
}
