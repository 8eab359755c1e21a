package plots

import (
	"fmt"
	"math"
	"sort"

	"github.com/ditac-go/ditac/cpab/curve"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Match says how far a known activation is from a curve.
type Match struct {
	Name string
	// Distance is the root of the mean squared difference.
	Distance float64
}

// Nearest returns how far each known activation is from what an activation learned, the
// nearest first. The mean is over the inputs x that the activation sees, of which those that
// are not finite are left out, or without any over 601 equally spaced points of the domain.
func Nearest(e *curve.Exact, x []float32) ([]Match, error) {
	if e == nil {
		return nil, fmt.Errorf("plots: Nearest: nil curve")
	}
	var points []float64
	for _, v := range x {
		if v-v == 0 {
			points = append(points, float64(v))
		}
	}
	if len(points) == 0 {
		a, b := e.Curve().Space().Domain()
		for i := range curvePoints {
			points = append(points, a+(b-a)*float64(i)/(curvePoints-1))
		}
	}
	sums := make([]float64, len(known))
	for _, v := range points {
		y := e.Value(v)
		for i, k := range known {
			d := y - k.f(v)
			sums[i] += d * d
		}
	}
	matches := make([]Match, len(known))
	for i, k := range known {
		matches[i] = Match{k.name, math.Sqrt(sums[i] / float64(len(points)))}
	}
	sort.SliceStable(matches, func(i, j int) bool { return matches[i].Distance < matches[j].Distance })
	return matches, nil
}

// Distances returns a plot of bars: how far known activations are from what an activation
// learned, as [Nearest] says.
func Distances(title string, matches []Match) (*Figure, error) {
	if len(matches) == 0 {
		return nil, fmt.Errorf("plots: Distances: %s: no matches", title)
	}
	p := NewPanel(title, "root mean squared difference", "")
	values, names := make(plotter.Values, len(matches)), make([]string, len(matches))
	for i, m := range matches { // the nearest on top
		if m.Distance-m.Distance != 0 || m.Distance < 0 {
			return nil, fmt.Errorf("plots: Distances: %s: distance %v of %q", title, m.Distance, m.Name)
		}
		values[len(matches)-1-i], names[len(matches)-1-i] = m.Distance, m.Name
	}
	bars, err := plotter.NewBarChart(values, vg.Points(11))
	if err != nil {
		return nil, fmt.Errorf("plots: Distances: %s: %w", title, err)
	}
	bars.Horizontal, bars.Color = true, Color(insideColor)
	bars.LineStyle.Width = 0
	p.Add(bars)
	p.NominalY(names...)
	p.X.Min = 0
	if p.X.Max == 0 {
		p.X.Max = 1
	}
	return one(title, p)
}
