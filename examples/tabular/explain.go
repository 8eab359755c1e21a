package main

import (
	"bytes"
	"cmp"
	"os"
	"slices"

	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/table"
	"github.com/ditac-go/ditac/models/plots"
)

// most is the greatest number of columns that are shown.
const most = 20

// saveExplained draws what each column contributes to the outputs of the network of median
// score of each activation: the mean of the absolute attributions over rows of the test.
func saveExplained(path string, t *table.Task, res *sweep.Results) error {
	names := t.Inputs()
	var series []plots.BarSeries
	sums := make([]float64, len(names))
	for _, a := range res.Grid.Activations {
		e := task.ExplainedOf(res.Typical(a), []int{len(names)})
		if e == nil {
			continue
		}
		s := plots.BarSeries{Name: a, Values: e.Attributions.MeanAbs()}
		for i, v := range s.Values {
			sums[i] += v
		}
		series = append(series, s)
	}
	if series == nil {
		return sweep.ErrNothing
	}
	order := make([]int, len(names)) // the columns that contribute most first
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(sums[j], sums[i]) })
	order = order[:min(most, len(order))]
	shown := make([]string, len(order))
	for k, i := range order {
		shown[k] = names[i]
	}
	for n, s := range series {
		values := make([]float64, len(order))
		for k, i := range order {
			values[k] = s.Values[i]
		}
		series[n].Values = values
	}
	f, err := plots.Bars("what columns contribute", "mean |attribution|", shown, series)
	if err != nil {
		return err
	}
	return f.Save(path)
}

// writeExplained writes what activations contribute, and how complete the attributions are.
func writeExplained(path string, t *table.Task, res *sweep.Results) error {
	var b bytes.Buffer
	if err := task.PrintExplained(&b, res, []int{len(t.Inputs())}); err != nil {
		return err
	}
	if b.Len() == 0 {
		return sweep.ErrNothing
	}
	return os.WriteFile(path, bytes.TrimLeft(b.Bytes(), "\n"), 0o666)
}
