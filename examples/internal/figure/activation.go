package figure

import (
	"fmt"
	"image/color"

	"github.com/ditac-go/ditac/cpab/curve"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// curvePoints is the number of points of a drawn curve.
const curvePoints = 801

// Histogram counts the inputs of an activation.
type Histogram struct {
	Lo, Hi float64
	Counts []float64 // of equal bins of [Lo, Hi]
}

// NewHistogram returns the histogram of x over its range, in the given number of
// bins. Values that are not finite are left out.
func NewHistogram(x []float32, bins int) *Histogram {
	first := true
	h := &Histogram{Counts: make([]float64, bins)}
	for _, v := range x {
		v := float64(v)
		if v-v != 0 {
			continue
		}
		if first {
			h.Lo, h.Hi, first = v, v, false
		}
		h.Lo, h.Hi = min(h.Lo, v), max(h.Hi, v)
	}
	if h.Lo == h.Hi { // also for no values
		h.Lo, h.Hi = h.Lo-0.5, h.Hi+0.5
	}
	perUnit := float64(bins) / (h.Hi - h.Lo)
	for _, v := range x {
		v := float64(v)
		if v-v != 0 {
			continue
		}
		h.Counts[min(int((v-h.Lo)*perUnit), bins-1)]++
	}
	return h
}

// Activation returns a row of four plots of what an activation learned: the
// curve y(x) beside GELU, its derivative, the velocity field of its
// transformation and the histogram of its inputs. The dashed vertical lines are
// the ends of the domain.
func Activation(title string, e *curve.Exact, inputs *Histogram) ([]*plot.Plot, error) {
	a, b := e.Curve().Space().Domain()
	margin := 0.15 * (b - a)
	lo, hi := min(a-margin, inputs.Lo), max(b+margin, inputs.Hi)
	panels := []struct {
		title string
		lines []line
	}{
		{title + ": y(x)", []line{
			{"learned", func(x float64) float64 { return e.Value(x) }, Color(1), nil},
			{"GELU", func(x float64) float64 { y, _ := curve.Gelu(x); return y }, Color(6), dashes},
		}},
		{"derivative y′(x)", []line{
			{"learned", func(x float64) float64 { _, d := e.Jet(x); return d }, Color(1), nil},
			{"GELU", func(x float64) float64 { _, d := curve.Gelu(x); return d }, Color(6), dashes},
		}},
		{"velocity field v(x)", []line{{"", e.Field().Velocity, Color(2), nil}}},
	}
	var plots []*plot.Plot
	for _, panel := range panels {
		p := plot.New()
		p.Title.Text = panel.title
		p.X.Label.Text = "x"
		p.Legend.Left, p.Legend.Top = true, true
		p.Legend.XOffs, p.Legend.Padding = vg.Centimeter, vg.Millimeter // right of the end of the domain
		p.Add(plotter.NewGrid())
		from, to := lo, hi
		if panel.title == panels[2].title {
			from, to = a, b // beyond, the field plays no part in most variants
		}
		for _, l := range panel.lines {
			if err := l.addTo(p, from, to); err != nil {
				return nil, fmt.Errorf("figure: %s: %w", panel.title, err)
			}
		}
		p.X.Min, p.X.Max = lo, hi
		addEnds(p, a, b)
		plots = append(plots, p)
	}
	p := inputs.plot()
	p.X.Min, p.X.Max = lo, hi
	addEnds(p, a, b)
	return append(plots, p), nil
}

// Curve returns a plot of what an activation learned, y(x) and its derivative beside those
// of GELU, over its domain and a margin; the dashed vertical lines are the ends of the
// domain.
func Curve(title string, e *curve.Exact) (*plot.Plot, error) {
	a, b := e.Curve().Space().Domain()
	margin := 0.15 * (b - a)
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text = "x"
	p.Legend.Left, p.Legend.Top = true, true
	p.Legend.XOffs, p.Legend.Padding = vg.Centimeter, vg.Millimeter
	p.Add(plotter.NewGrid())
	for _, l := range []line{
		{"", func(x float64) float64 { _, d := curve.Gelu(x); return d }, Color(6), dashes},
		{"GELU", func(x float64) float64 { y, _ := curve.Gelu(x); return y }, Color(6), dashes},
		{"y′(x)", func(x float64) float64 { _, d := e.Jet(x); return d }, Color(0), nil},
		{"y(x)", func(x float64) float64 { return e.Value(x) }, Color(1), nil},
	} {
		if err := l.addTo(p, a-margin, b+margin); err != nil {
			return nil, fmt.Errorf("figure: %s: %w", title, err)
		}
	}
	addEnds(p, a, b)
	return p, nil
}

var dashes = []vg.Length{vg.Points(4), vg.Points(3)}

// line is a function to draw.
type line struct {
	name   string
	f      func(x float64) float64
	color  color.Color
	dashes []vg.Length
}

func (l line) addTo(p *plot.Plot, lo, hi float64) error {
	xys := make(plotter.XYs, curvePoints)
	for i := range xys {
		x := lo + (hi-lo)*float64(i)/(curvePoints-1)
		xys[i] = plotter.XY{X: x, Y: l.f(x)}
	}
	drawn, err := plotter.NewLine(xys)
	if err != nil {
		return err
	}
	drawn.Color, drawn.Dashes, drawn.Width = l.color, l.dashes, vg.Points(1.4)
	p.Add(drawn)
	if l.name != "" {
		p.Legend.Add(l.name, drawn)
	}
	return nil
}

// addEnds marks the ends of the domain over the height that the plot has.
func addEnds(p *plot.Plot, a, b float64) {
	lo, hi := p.Y.Min, p.Y.Max
	for _, x := range []float64{a, b} {
		end := &plotter.Line{XYs: plotter.XYs{{X: x, Y: lo}, {X: x, Y: hi}}, LineStyle: plotter.DefaultLineStyle}
		end.Color, end.Dashes = color.Gray{Y: 0x60}, []vg.Length{vg.Points(2), vg.Points(2)}
		p.Add(end)
	}
	p.Y.Min, p.Y.Max = lo, hi
}

func (h *Histogram) plot() *plot.Plot {
	width := (h.Hi - h.Lo) / float64(len(h.Counts))
	bins := &plotter.Histogram{Width: width, FillColor: color.RGBA{R: 0xa9, G: 0xc8, B: 0xe3, A: 0xff}, LineStyle: plotter.DefaultLineStyle}
	bins.LineStyle.Width = vg.Points(0.3)
	total := 0.0
	for _, c := range h.Counts {
		total += c
	}
	for i, c := range h.Counts {
		from := h.Lo + float64(i)*width
		bins.Bins = append(bins.Bins, plotter.HistogramBin{Min: from, Max: from + width, Weight: c / max(total, 1)})
	}
	p := plot.New()
	p.Title.Text = "inputs of the activation"
	p.X.Label.Text = "x"
	p.Y.Label.Text = "share"
	p.Add(plotter.NewGrid(), bins)
	return p
}
