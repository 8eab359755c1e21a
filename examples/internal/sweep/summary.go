package sweep

import (
	"fmt"
	"io"
	"slices"
)

// Summary is a table of several programs' results: the first score of each activation, at
// its best rate of each program.
type Summary struct {
	Title string // of the table
	// Differences says to show what each activation has more than the first one, with a
	// star where a paired t-test over the seeds gives a p below 0.05.
	Differences bool

	names       []string
	activations []string
	cells       map[[2]string]string // by activation and name
}

// Summaries returns the two tables of several programs: that of a score in %, of which more
// is better, and that of its differences. Each is what a program is about, such as a map.
func Summaries(score, each string) []*Summary {
	return []*Summary{
		{Title: score + " (higher is better), mean ± sd over the seeds, each activation at its best rate of each " + each},
		{Title: "difference to the first activation in percentage points", Differences: true},
	}
}

// Add takes the results of the program of a name.
func (s *Summary) Add(name string, res *Results) {
	if s.cells == nil {
		s.cells = map[[2]string]string{}
	}
	s.names = append(s.names, name)
	first := res.Grid.Activations[0]
	for _, a := range res.Grid.Activations {
		if !slices.Contains(s.activations, a) {
			s.activations = append(s.activations, a)
		}
		best := res.Best(a)
		if len(best) == 0 {
			continue
		}
		x := stats(best, 0)
		cell := fmt.Sprintf("%.2f ± %.2f", x.Mean, x.SD)
		if x.N == 1 {
			cell = fmt.Sprintf("%.2f", x.Mean)
		}
		if s.Differences && a != first {
			if c := compare(best, res.Best(first), 0); c.n > 0 {
				if cell = signed(c.mean); c.p < significant {
					cell += "*"
				}
			}
		}
		s.cells[[2]string{a, name}] = cell
	}
}

// significant is the p of a test below which a difference gets a star.
const significant = 0.05

// Len returns the number of programs that were added.
func (s *Summary) Len() int { return len(s.names) }

// Print writes the table, a row for each program.
func (s *Summary) Print(w io.Writer) error {
	if s.Len() == 0 {
		return nil
	}
	return s.table().print(w)
}

// Markdown writes the table in Markdown.
func (s *Summary) Markdown(w io.Writer) error { return s.table().markdown(w) }

func (s *Summary) table() table {
	t := table{title: s.Title, header: append([]string{""}, s.activations...)}
	for _, name := range s.names {
		row := []string{name}
		for _, a := range s.activations {
			cell, ok := s.cells[[2]string{a, name}]
			if !ok {
				cell = "–"
			}
			row = append(row, cell)
		}
		t.rows = append(t.rows, row)
	}
	if s.Differences {
		t.notes = []string{fmt.Sprintf("*: p < %v in a two-sided paired t-test over the seeds", significant)}
	}
	return t
}
