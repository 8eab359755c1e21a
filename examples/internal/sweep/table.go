package sweep

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ditac-go/ditac/examples/internal/cli"
)

// table is what a report shows of a score.
type table struct {
	title  string
	header []string
	rows   [][]string
	notes  []string
}

// tables returns those of the results: for each score that there is, the statistics of
// each activation at its best rate and, of several rates, the mean at each.
func (r *Results) tables() []table {
	var all []table
	for k := range r.Scores {
		if !r.has(k) {
			continue
		}
		all = append(all, r.bestTable(k))
		if len(r.Grid.Rates) > 1 {
			all = append(all, r.ratesTable(k))
		}
	}
	return all
}

// bestTable compares the activations, each at its best rate, with the first one.
func (r *Results) bestTable(score int) table {
	reference := r.Best(r.Grid.Activations[0])
	t := table{
		title: fmt.Sprintf("%s (%s), %s", r.Scores[score].Name, r.Scores[score].direction(), r.ratesUsed()),
		header: []string{"activation", "rate", "mean", "± sd", "median", "min", "max", "seeds", "over " + r.Grid.Activations[0], "p",
			"s/run", "test ms", "parameters"},
	}
	edge := false
	for i, a := range r.Grid.Activations {
		outcomes := r.Best(a)
		if len(outcomes) == 0 {
			t.rows = append(t.rows, []string{a, "–", "–", "–", "–", "–", "–", "0", "–", "–", "–", "–", "–"})
			continue
		}
		x := stats(outcomes, score)
		rate := fmt.Sprint(outcomes[0].Run.Rate)
		if r.atEdge(outcomes[0].Run.Rate) {
			rate, edge = rate+"*", true
		}
		row := []string{a, rate, decimals(x.Mean), decimals(x.SD), decimals(x.Median), decimals(x.Min), decimals(x.Max), strconv.Itoa(x.N), "–", "–"}
		if i > 0 {
			c := compare(outcomes, reference, score)
			row[8], row[9] = signed(c.mean), probability(c.p)
		}
		t.rows = append(t.rows, append(row,
			times(outcomes, reference, 1, func(o *Outcome) float64 { return o.TrainSeconds }),
			times(outcomes, reference, 2, func(o *Outcome) float64 { return 1000 * o.InferSeconds }),
			strconv.Itoa(outcomes[0].Params)))
	}
	if len(r.Grid.Activations) > 1 {
		t.notes = append(t.notes, fmt.Sprintf("p: two-sided paired t-test against %s over the seeds that both have", r.Grid.Activations[0]))
	}
	if edge {
		t.notes = append(t.notes, "*: the lowest or the highest of the rates that were tried; one beyond may be better")
	}
	return t
}

// ratesUsed says with which rate a row of the table stands.
func (r *Results) ratesUsed() string {
	if len(r.Grid.Rates) == 1 {
		return fmt.Sprintf("rate %v", r.Grid.Rates[0])
	}
	return fmt.Sprintf("each activation at its best rate of %s, by its mean %s", list(r.Grid.Rates), r.Scores[0].Name)
}

// atEdge reports whether a rate is the lowest or the highest of several.
func (r *Results) atEdge(rate float64) bool {
	return len(r.Grid.Rates) > 1 && (rate == slices.Min(r.Grid.Rates) || rate == slices.Max(r.Grid.Rates))
}

// ratesTable has the mean at each rate.
func (r *Results) ratesTable(score int) table {
	t := table{title: r.Scores[score].Name + ": mean (worst) at each rate", header: []string{"activation"}}
	for _, rate := range r.Grid.Rates {
		t.header = append(t.header, fmt.Sprint("rate ", rate))
	}
	t.header = append(t.header, "seeds")
	for _, a := range r.Grid.Activations {
		row := []string{a}
		seeds := 0
		for _, rate := range r.Grid.Rates {
			x := stats(r.Of(a, rate), score)
			seeds = max(seeds, x.N)
			worst := x.Max
			if r.Scores[score].Higher {
				worst = x.Min
			}
			row = append(row, fmt.Sprintf("%s (%s)", decimals(x.Mean), decimals(worst)))
		}
		t.rows = append(t.rows, append(row, strconv.Itoa(seeds)))
	}
	return t
}

// print writes the table as text.
func (t table) print(w io.Writer) error {
	fmt.Fprintln(w, t.title)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range append([][]string{t.header}, t.rows...) {
		fmt.Fprintln(tw, strings.Join(row, "\t")+"\t")
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, note := range t.notes {
		fmt.Fprintln(w, note)
	}
	_, err := fmt.Fprintln(w)
	return err
}

// markdown writes the table in Markdown.
func (t table) markdown(w io.Writer) error {
	fmt.Fprintf(w, "%s\n\n", t.title)
	fmt.Fprintf(w, "| %s |\n|---|%s\n", strings.Join(t.header, " | "), strings.Repeat("---:|", len(t.header)-1))
	for _, row := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
	for _, note := range t.notes {
		fmt.Fprintf(w, "\n%s\n", strings.Replace(note, "*", `\*`, 1))
	}
	_, err := fmt.Fprintln(w)
	return err
}

// decimals writes a score; a dash where there is none.
func decimals(x float64) string {
	if x != x {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// signed writes a difference.
func signed(x float64) string {
	if x != x {
		return "–"
	}
	return fmt.Sprintf("%+.2f", x)
}

// probability writes p of a test.
func probability(p float64) string {
	switch {
	case p != p:
		return "–"
	case p < 0.001:
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// times writes the median of times, and by how much it is that of the reference's.
func times(outcomes, reference []*Outcome, digits int, of func(*Outcome) float64) string {
	t := cli.NewStats(collect(outcomes, of)).Median
	if t == 0 { // not measured
		return "–"
	}
	s := strconv.FormatFloat(t, 'f', digits, 64)
	if ratio := t / cli.NewStats(collect(reference, of)).Median; ratio == ratio && !math.IsInf(ratio, 0) {
		s += fmt.Sprintf(" (%.1f×)", ratio)
	}
	return s
}

// list writes numbers with commas between them.
func list(x []float64) string {
	parts := make([]string, len(x))
	for i, v := range x {
		parts[i] = fmt.Sprint(v)
	}
	return strings.Join(parts, ", ")
}
