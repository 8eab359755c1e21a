package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
)

// summary is the table of all maps: the first score of each activation at its best rate.
type summary struct {
	maps        []string
	activations []string
	cells       map[[2]string]string // by activation and map
}

// add takes the results of a map.
func (s *summary) add(name string, res *sweep.Results) {
	if s.cells == nil {
		s.cells = map[[2]string]string{}
	}
	s.maps = append(s.maps, name)
	for _, a := range res.Grid.Activations {
		if !slices.Contains(s.activations, a) {
			s.activations = append(s.activations, a)
		}
		var scores []float64
		for _, o := range res.Best(a) {
			scores = append(scores, o.Scores[0])
		}
		if len(scores) > 0 {
			x := cli.NewStats(scores)
			s.cells[[2]string{a, name}] = fmt.Sprintf("%.2f ± %.2f", x.Mean, x.SD)
		}
	}
}

// print writes the table.
func (s *summary) print(w io.Writer) error {
	if len(s.maps) == 0 {
		return nil
	}
	fmt.Fprintf(w, "## All maps\n\nheld-out R² %% (higher is better), mean ± sd over the seeds, each activation at its best rate of each map\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "activation\t%s\t\n", strings.Join(s.maps, "\t"))
	for _, a := range s.activations {
		row := []string{a}
		for _, m := range s.maps {
			cell, ok := s.cells[[2]string{a, m}]
			if !ok {
				cell = "–"
			}
			row = append(row, cell)
		}
		fmt.Fprintln(t, strings.Join(row, "\t")+"\t")
	}
	return t.Flush()
}
