package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/internal/table"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// growth measures how the cost grows with elements, cells and channels, and draws
// it.
func growth(c *config, out io.Writer) error {
	panels := []struct {
		title, axis string
		measure     func(*config) ([]plotter.XYs, []string, error)
	}{
		{"one θ, all three passes", "elements", growthByElements},
		{"1 Mi elements, all three passes", "cells", growthByCells},
		{"1 Mi elements in a graph, forward", "channels with a θ each", growthByChannels},
	}
	var plots []*plot.Plot
	for _, panel := range panels {
		curves, names, err := panel.measure(c)
		if err != nil {
			return err
		}
		p := plot.New()
		p.Title.Text, p.X.Label.Text, p.Y.Label.Text = panel.title, panel.axis, "ns per element"
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
		if panel.axis == "elements" {
			p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
		} else {
			p.Y.Min = 0
		}
		p.Legend.Top = true
		p.Add(plotter.NewGrid())
		rows := [][]string{append([]string{panel.axis}, names...)}
		for i, xys := range curves {
			l, err := plotter.NewLine(xys)
			if err != nil {
				return err
			}
			l.Color, l.Width = figure.Color(i), vg.Points(1.4)
			p.Add(l)
			if len(curves) > 1 {
				p.Legend.Add(names[i], l)
			}
		}
		for k := range curves[0] {
			row := []string{fmt.Sprint(curves[0][k].X)}
			for _, xys := range curves {
				row = append(row, fmt.Sprintf("%.2f", xys[k].Y))
			}
			rows = append(rows, row)
		}
		if err := printTable(out, panel.title+", ns per element", rows); err != nil {
			return err
		}
		plots = append(plots, p)
	}
	path := filepath.Join(c.out, "growth.png")
	if err := os.MkdirAll(c.out, 0o755); err != nil {
		return err
	}
	if err := figure.Save(path, figure.Width, figure.Height, [][]*plot.Plot{plots}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "wrote %s\n", path)
	return err
}

// passes returns a function that moves the curve to theta and makes all three
// passes over x, by a table, by forms or exactly.
func passes(shape *curve.Curve, theta []float64, n int, by string) (func(), error) {
	x, g := inputs(n)
	y := make([]float32, n)
	tab, err := table.Of(shape, theta, table.DefaultTolerance)
	if err != nil {
		return nil, err
	}
	exact := tab.Exact()
	forms := table.NewForms(exact)
	dtheta := make([]float64, tab.Dim())
	return func() {
		if err := exact.Reset(theta); err != nil {
			panic(err) // it was accepted before
		}
		var e table.Evaluator = exact
		switch by {
		case "table":
			tab.Reset()
			e = tab
		case "forms":
			forms.Reset()
			e = forms
		}
		e.Forward32(y, x)
		e.BackwardX32(y, x, g)
		e.BackwardTheta32(dtheta, x, g)
	}, nil
}

func growthByElements(c *config) (curves []plotter.XYs, names []string, err error) {
	shape, theta, err := sampled()
	if err != nil {
		return nil, nil, err
	}
	names = []string{"table", "forms", "exact"}
	curves = make([]plotter.XYs, len(names))
	for n := 64; n <= 1<<22; n *= 4 {
		var fs []func()
		for _, by := range names {
			f, err := passes(shape, theta, n, by)
			if err != nil {
				return nil, nil, err
			}
			fs = append(fs, f)
		}
		for i, m := range compare(max(1, c.rounds/3), c.atLeast, fs...) {
			curves[i] = append(curves[i], plotter.XY{X: float64(n), Y: m.median() * 1e9 / float64(n)})
		}
	}
	return curves, names, nil
}

func growthByCells(c *config) (curves []plotter.XYs, names []string, err error) {
	const n = 1 << 20
	curves = make([]plotter.XYs, 1)
	for cells := 2; cells <= 128; cells *= 2 {
		space, err := cpab.NewSpace(cells, cpab.WithDomain(-3, 3))
		if err != nil {
			return nil, nil, err
		}
		prior, err := cpab.NewPrior(space, cpab.KernelCells, 3, 2)
		if err != nil {
			return nil, nil, err
		}
		shape, err := curve.New(space, curve.DiTAC)
		if err != nil {
			return nil, nil, err
		}
		f, err := passes(shape, prior.Sample(1), n, "table")
		if err != nil {
			return nil, nil, err
		}
		m := compare(max(1, c.rounds/3), c.atLeast, f)
		curves[0] = append(curves[0], plotter.XY{X: float64(cells), Y: m[0].median() * 1e9 / n})
	}
	return curves, []string{"table"}, nil
}

func growthByChannels(c *config) (curves []plotter.XYs, names []string, err error) {
	const n = 1 << 20
	curves = make([]plotter.XYs, 1)
	for channels := 1; channels <= 256; channels *= 4 {
		xs, _ := inputs(n)
		x := tensor.New(tensor.WithShape(16, channels, n/16/channels), tensor.WithBacking(xs))
		apply := func(x *gorgonia.Node) (*gorgonia.Node, error) {
			return ditacop.DiTAC(x, ditacop.WithInit(ditacop.PriorSample(1, 3, 2)), ditacop.WithPerChannel(1))
		}
		f, done, err := pass(apply, x, false)
		if err != nil {
			return nil, nil, err
		}
		m := compare(max(1, c.rounds/3), c.atLeast, f)
		done()
		curves[0] = append(curves[0], plotter.XY{X: float64(channels), Y: m[0].median() * 1e9 / n})
	}
	return curves, []string{"DiTAC"}, nil
}
