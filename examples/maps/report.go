package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task/maps"
	"github.com/ditac-go/ditac/models/data"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// drawn are the most activations that a picture shows.
const drawn = 4

// saveMaps draws the map and the fits of median score and, of a map of two coordinates,
// what the fits miss.
func saveMaps(path string, t *maps.Task, res *sweep.Results) error {
	var fits []fit
	for _, a := range chosen(res) {
		if o := res.Typical(a); o != nil {
			fits = append(fits, fit{fmt.Sprintf("%s: R² = %.2f %%", a, o.Scores[0]), o.Arrays[maps.Values]})
		}
	}
	if len(fits) == 0 {
		return sweep.ErrNothing
	}
	s := t.Set()
	if s.XShape[0] == 1 {
		return saveSeries(path, s, fits)
	}
	rows, err := surfaces(s, fits)
	if err != nil {
		return err
	}
	return figure.Save(path, figure.Width, figure.Height, rows)
}

// chosen returns the activations of the picture: the first, and the DiTACs before others.
func chosen(res *sweep.Results) []string {
	all := slices.Clone(res.Grid.Activations)
	slices.SortStableFunc(all[1:], func(a, b string) int { return rank(a) - rank(b) })
	return all[:min(drawn, len(all))]
}

func rank(a string) int {
	switch a {
	case "ditac":
		return 0
	case "amplified":
		return 1
	}
	return 2
}

// fit is what a network predicts at all places.
type fit struct {
	title  string
	values []float32
}

// saveSeries draws a series and its fits.
func saveSeries(path string, s *data.Set, fits []fit) error {
	line := func(values []float32) plotter.XYs {
		xy := make(plotter.XYs, s.Len())
		for i := range xy {
			xy[i].X, xy[i].Y = float64(s.X[i]), float64(values[i])
		}
		slices.SortFunc(xy, func(a, b plotter.XY) int { return int(math.Copysign(1, a.X-b.X)) })
		return xy
	}
	var row []*plot.Plot
	for _, f := range fits {
		p := plot.New()
		p.Title.Text = f.title
		p.X.Label.Text = s.Inputs[0]
		truth, err := plotter.NewScatter(line(s.Y))
		if err != nil {
			return err
		}
		truth.Radius, truth.Color = 1, figure.Color(7)
		curve, err := plotter.NewLine(line(f.values))
		if err != nil {
			return err
		}
		curve.Color, curve.Width = figure.Color(0), 1.5
		p.Add(truth, curve)
		row = append(row, p)
	}
	return figure.Save(path, figure.Width, figure.Height, [][]*plot.Plot{row})
}

// surfaces returns heat maps of the first target and its fits, and of what the fits miss.
func surfaces(s *data.Set, fits []fit) ([][]*plot.Plot, error) {
	x, y := axis(s, 0), axis(s, 1)
	outputs := s.YShape[0]
	blank := func(title string) *figure.Surface {
		f := &figure.Surface{
			Title: title, N: len(x), Rows: len(y), Lo: float64(x[0]), Hi: float64(x[len(x)-1]), YLo: float64(y[0]), YHi: float64(y[len(y)-1]),
			XLabel: s.Inputs[0], YLabel: s.Inputs[1], Values: make([]float64, len(x)*len(y)),
		}
		for i := range f.Values {
			f.Values[i] = math.NaN()
		}
		return f
	}
	place := func(f *figure.Surface, value func(i int) float32) *figure.Surface {
		for i := range s.Len() {
			c, _ := slices.BinarySearch(x, s.X[2*i])
			r, _ := slices.BinarySearch(y, s.X[2*i+1])
			f.Values[r*len(x)+c] = float64(value(i))
		}
		return f
	}
	maps := []*figure.Surface{place(blank("map"), func(i int) float32 { return s.Y[outputs*i] })}
	var misses []*figure.Surface
	worst := 0.
	for _, f := range fits {
		maps = append(maps, place(blank(f.title), func(i int) float32 { return f.values[outputs*i] }))
		miss := place(blank("what it misses"), func(i int) float32 { return s.Y[outputs*i] - f.values[outputs*i] })
		for _, z := range miss.Values {
			if z == z {
				worst = max(worst, math.Abs(z))
			}
		}
		misses = append(misses, miss)
	}
	above, err := figure.Surfaces(maps)
	if err != nil {
		return nil, err
	}
	scale := blank(fmt.Sprintf("colours from %.3g to %.3g", -worst, worst)) // of all that is missed
	for i := range scale.Values {
		scale.Values[i] = worst * (2*float64(i%len(x))/float64(len(x)-1) - 1)
	}
	below, err := figure.Surfaces(append([]*figure.Surface{scale}, misses...))
	if err != nil {
		return nil, err
	}
	return [][]*plot.Plot{above, below}, nil
}

// axis returns the different coordinates of an axis in order.
func axis(s *data.Set, k int) []float32 {
	var at []float32
	for i := range s.Len() {
		at = append(at, s.X[2*i+k])
	}
	slices.Sort(at)
	return slices.Compact(at)
}
