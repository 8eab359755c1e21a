package plots

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Layer is an activation of a network.
type Layer struct {
	Name string
	// Now is what it is, Start what it was before training, or nil.
	Now, Start *curve.Exact
	// Inputs are what it sees, or none.
	Inputs []float32
}

// LayersOf returns the DiTAC activations of a network, from the input to the output, as they
// are now; an activation with a θ per channel is a Layer for each.
func LayersOf(n models.Network) ([]Layer, error) {
	if n == nil {
		return nil, fmt.Errorf("plots: LayersOf: nil network")
	}
	var layers []Layer
	for _, a := range n.Activations() {
		d, ok := a.(*ditacop.Activation)
		if !ok {
			continue
		}
		for g := range d.Groups() {
			e, err := d.Exact(g)
			if err != nil {
				return nil, fmt.Errorf("plots: LayersOf: %s: %w", d.Name(), err)
			}
			name := d.Name()
			if d.Groups() > 1 {
				name = fmt.Sprintf("%s[%d]", name, g)
			}
			layers = append(layers, Layer{Name: name, Now: e})
		}
	}
	return layers, nil
}

// sheetColumns is the greatest number of plots beside each other.
const sheetColumns = 4

// Layers returns a sheet with a plot for each activation of a network: its curve, in dashes
// its start, and behind them the histogram of its inputs, whose height has no scale. The
// titles say which part of the inputs lies in the domain.
func Layers(title string, layers []Layer) (*Figure, error) {
	if len(layers) == 0 {
		return nil, fmt.Errorf("plots: Layers: %s: no DiTAC activations", title)
	}
	plots := make([]*plot.Plot, len(layers))
	for i, l := range layers {
		p, err := l.panel()
		if err != nil {
			return nil, fmt.Errorf("plots: Layers: %s: %w", l.Name, err)
		}
		plots[i] = p
	}
	const shrink = 0.85 // of the usual size, as there are many
	return Grid(title, shrink*Width, shrink*Height, inRows(plots, sheetColumns))
}

// inRows arranges plots in rows of at most the given number.
func inRows(plots []*plot.Plot, columns int) [][]*plot.Plot {
	columns = min(columns, len(plots))
	if len(plots) > columns { // as equal rows as there can be
		rows := (len(plots) + columns - 1) / columns
		columns = (len(plots) + rows - 1) / rows
	}
	var rows [][]*plot.Plot
	for from := 0; from < len(plots); from += columns {
		row := make([]*plot.Plot, columns)
		copy(row, plots[from:])
		rows = append(rows, row)
	}
	return rows
}

// panel draws one activation.
func (l Layer) panel() (*plot.Plot, error) {
	if l.Now == nil {
		return nil, fmt.Errorf("nil curve")
	}
	p := NewPanel(l.Name, "x", "")
	p.Title.TextStyle.Font.Size = vg.Points(10)
	a, b := l.Now.Curve().Space().Domain()
	lo, hi := a-margin*(b-a), b+margin*(b-a)
	if err := l.curves(p, lo, hi); err != nil {
		return nil, err
	}
	if len(l.Inputs) > 0 {
		sorted, err := finite(l.Inputs, a, b)
		if err != nil {
			return nil, err
		}
		h := count(sorted, a, b, lo, hi)
		p.Title.Text = fmt.Sprintf("%s: %s in the domain", l.Name, percent(h.inside))
		bottom, top := p.Y.Min, p.Y.Max
		const part = 0.45 // of the height, for the histogram
		p.Add(h.bars(bottom, part*(top-bottom), paleInside, paleOutside)...)
		if err := l.curves(p, lo, hi); err != nil { // again, before the bars
			return nil, err
		}
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo, hi, bottom, top
	}
	addEnds(p, a, b)
	return p, nil
}

// curves draws the start and the curve itself.
func (l Layer) curves(p *plot.Plot, lo, hi float64) error {
	if l.Start != nil {
		if err := (function{"", l.Start.Value, Color(startColor), true}).addTo(p, lo, hi); err != nil {
			return err
		}
	}
	return function{"", l.Now.Value, Color(learnedColor), false}.addTo(p, lo, hi)
}
