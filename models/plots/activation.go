package plots

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// margin is the part of the domain's width that curves are drawn beyond its ends.
const margin = 0.15

// ActivationOptions says what a learned activation is drawn beside.
type ActivationOptions struct {
	// Start is what the activation was before training; nil leaves it out.
	Start *curve.Exact
	// Known are names of known activations, see [KnownNames]; nil means gelu and relu, and a
	// list without names none.
	Known []string
}

// Activation returns two plots of what an activation learned: the curve y(x) and its
// derivative, with that of the start. The dotted vertical lines are the ends of the domain.
func Activation(title string, e *curve.Exact, opts ActivationOptions) (*Figure, error) {
	plots, err := ActivationPlots(title, e, opts)
	if err != nil {
		return nil, err
	}
	return one(title, plots...)
}

// ActivationPlots are the two plots of [Activation], for a [Grid].
func ActivationPlots(title string, e *curve.Exact, opts ActivationOptions) ([]*plot.Plot, error) {
	if e == nil {
		return nil, fmt.Errorf("plots: Activation: %s: nil curve", title)
	}
	names := opts.Known
	if names == nil {
		names = []string{"gelu", "relu"}
	}
	value, slope := NewPanel(title, "x", "y(x)"), NewPanel("its derivative", "x", "y′(x)")
	a, b := e.Curve().Space().Domain()
	lo, hi := a-margin*(b-a), b+margin*(b-a)
	for i, name := range names {
		f, err := Known(name)
		if err != nil {
			return nil, err
		}
		if err := (function{name, f, Color(6 + i), true}).addTo(value, lo, hi); err != nil {
			return nil, err
		}
	}
	draw := func(name string, e *curve.Exact, color int, dashed bool) error {
		if err := (function{name, e.Value, Color(color), dashed}).addTo(value, lo, hi); err != nil {
			return err
		}
		return function{name, func(x float64) float64 { _, d := e.Jet(x); return d }, Color(color), dashed}.addTo(slope, lo, hi)
	}
	if opts.Start != nil {
		if err := draw("start", opts.Start, startColor, true); err != nil {
			return nil, err
		}
	}
	if err := draw("learned", e, learnedColor, false); err != nil {
		return nil, err
	}
	for _, p := range []*plot.Plot{value, slope} {
		headroom(p, 0.12)
		addEnds(p, a, b)
	}
	return []*plot.Plot{value, slope}, nil
}

// flowLines is the number of trajectories that Field draws, flowTimes that of the points of
// each.
const (
	flowLines = 31
	flowTimes = 41
)

// Field returns two plots of the flow that an activation's transformation is made of: the
// velocity field v over the domain, with its vertices, and trajectories: where points are at
// times from 0 to 1. The transformation takes each from its start to its end.
func Field(title string, f *cpab.Field) (*Figure, error) {
	plots, err := FieldPlots(title, f)
	if err != nil {
		return nil, err
	}
	return one(title, plots...)
}

// FieldPlots are the two plots of [Field], for a [Grid].
func FieldPlots(title string, f *cpab.Field) ([]*plot.Plot, error) {
	if f == nil {
		return nil, fmt.Errorf("plots: Field: %s: nil field", title)
	}
	a, b := f.Space().Domain()
	velocity := NewPanel(title+": velocity field", "x", "v(x)")
	if err := (function{"", f.Velocity, Color(fieldColor), false}).addTo(velocity, a, b); err != nil {
		return nil, err
	}
	vertices := make(plotter.XYs, 0, f.Space().Cells()+1)
	for _, x := range f.Space().Vertices() {
		vertices = append(vertices, plotter.XY{X: x, Y: f.Velocity(x)})
	}
	dots, err := plotter.NewScatter(vertices)
	if err != nil {
		return nil, fmt.Errorf("plots: Field: %s: %w", title, err)
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: Color(fieldColor), Radius: vg.Points(1.6), Shape: draw.CircleGlyph{}}
	velocity.Add(dots)
	widenY(velocity)

	lines := NewPanel("flow lines", "time t", "φ(x, t)")
	for i := range flowLines {
		x := a + (b-a)*float64(i)/(flowLines-1)
		path := make(plotter.XYs, flowTimes)
		for k := range path {
			t := float64(k) / (flowTimes - 1)
			path[k] = plotter.XY{X: t, Y: f.Flow(x, t)}
		}
		if err := addLine(lines, "", path, Color(fieldColor), false); err != nil {
			return nil, err
		}
	}
	return []*plot.Plot{velocity, lines}, nil
}

// Transform returns a plot of the transformation T of the domain, the flow for time 1, beside
// the identity.
func Transform(title string, f *cpab.Field) (*Figure, error) {
	if f == nil {
		return nil, fmt.Errorf("plots: Transform: %s: nil field", title)
	}
	a, b := f.Space().Domain()
	p := NewPanel(title, "x", "T(x)")
	if err := (function{"identity", func(x float64) float64 { return x }, Color(6), true}).addTo(p, a, b); err != nil {
		return nil, err
	}
	if err := (function{"T", func(x float64) float64 { return f.Warp(x, 1) }, Color(learnedColor), false}).addTo(p, a, b); err != nil {
		return nil, err
	}
	return one(title, p)
}

// widenY gives a plot of a constant a height, which gonum/plot would give it too large.
func widenY(p *plot.Plot) {
	if p.Y.Min == p.Y.Max {
		p.Y.Min, p.Y.Max = p.Y.Min-0.5, p.Y.Max+0.5
	}
}
