package sweep

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/ditac-go/ditac/examples/internal/cli"
)

// Print prints a table for each score that there is: with one rate, statistics over
// the seeds; with several, the median and the lowest score at each.
func (r *Results[T]) Print(w io.Writer) error {
	for k := range r.Scores {
		if !r.has(k) {
			continue
		}
		if k > 0 {
			fmt.Fprintln(w)
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		if len(r.Grid.Rates) == 1 {
			r.printStats(t, k)
		} else {
			r.printRates(t, k)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether a run has the score.
func (r *Results[T]) has(score int) bool {
	for _, o := range r.done {
		if x := o.Scores[score]; x == x {
			return true
		}
	}
	return false
}

func (r *Results[T]) printStats(t io.Writer, score int) {
	fmt.Fprintf(t, "activation\t%s mean\t± sd\tmedian\tmin\tmax\tseeds\ts/run\tparameters\t\n", r.Scores[score])
	for _, a := range r.Grid.Activations {
		outcomes := r.Of(a, r.Grid.Rates[0])
		if len(outcomes) == 0 {
			fmt.Fprintf(t, "%s\t–\t–\t–\t–\t–\t0\t–\t–\t\n", a)
			continue
		}
		x := stats(outcomes, score)
		seconds := make([]float64, len(outcomes))
		for i, o := range outcomes {
			seconds[i] = o.Seconds
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%.1f\t%d\t\n", a, number(x.Mean), number(x.SD), number(x.Median),
			number(x.Min), number(x.Max), x.N, cli.NewStats(seconds).Median, outcomes[0].Params)
	}
}

func (r *Results[T]) printRates(t io.Writer, score int) {
	fmt.Fprintf(t, "%s: median (lowest)\t", r.Scores[score])
	for _, rate := range r.Grid.Rates {
		fmt.Fprintf(t, "rate %v\t", rate)
	}
	fmt.Fprintln(t, "seeds\t")
	for _, a := range r.Grid.Activations {
		fmt.Fprintf(t, "%s\t", a)
		seeds := 0
		for _, rate := range r.Grid.Rates {
			x := stats(r.Of(a, rate), score)
			seeds = max(seeds, x.N)
			fmt.Fprintf(t, "%s (%s)\t", number(x.Median), number(x.Min))
		}
		fmt.Fprintf(t, "%d\t\n", seeds)
	}
}

// number prints a score; a dash where there is none.
func number(x float64) string {
	if x != x {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', 1, 64)
}

// SaveScores writes the scores of all runs to a CSV file.
func (r *Results[T]) SaveScores(path string) error {
	full := func(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
	rows := [][]string{append(append([]string{"activation", "rate", "seed"}, r.Scores...), "seconds", "parameters")}
	for _, rate := range r.Grid.Rates {
		for _, a := range r.Grid.Activations {
			for _, o := range r.Of(a, rate) {
				row := []string{a, full(rate), strconv.FormatUint(o.Run.Seed, 10)}
				for _, x := range o.Scores {
					row = append(row, full(x))
				}
				rows = append(rows, append(row, full(o.Seconds), strconv.Itoa(o.Params)))
			}
		}
	}
	return cli.WriteCSV(path, rows)
}
