package figure

import (
	"image/color"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/models/plots"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

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
			{"learned", func(x float64) float64 { return e.Value(x) }, Color(1), false},
			{"GELU", func(x float64) float64 { y, _ := curve.Gelu(x); return y }, Color(6), true},
		}},
		{"derivative y′(x)", []line{
			{"learned", func(x float64) float64 { _, d := e.Jet(x); return d }, Color(1), false},
			{"GELU", func(x float64) float64 { _, d := curve.Gelu(x); return d }, Color(6), true},
		}},
		{"velocity field v(x)", []line{{"", e.Field().Velocity, Color(2), false}}},
	}
	var row []*plot.Plot
	for _, panel := range panels {
		p := plots.NewPanel(panel.title, "x", "")
		p.Legend.XOffs = vg.Centimeter // right of the end of the domain
		from, to := lo, hi
		if panel.title == panels[2].title {
			from, to = a, b // beyond, the field plays no part in most variants
		}
		if err := drawLines(p, panel.lines, from, to); err != nil {
			return nil, err
		}
		p.X.Min, p.X.Max = lo, hi
		plots.AddDomain(p, a, b)
		row = append(row, p)
	}
	p := inputs.plot()
	p.X.Min, p.X.Max = lo, hi
	plots.AddDomain(p, a, b)
	return append(row, p), nil
}

// Curve returns a plot of what an activation learned, y(x) and its derivative beside those
// of GELU, over its domain and a margin; the dashed vertical lines are the ends of the
// domain.
func Curve(title string, e *curve.Exact) (*plot.Plot, error) {
	a, b := e.Curve().Space().Domain()
	margin := 0.15 * (b - a)
	p := plots.NewPanel(title, "x", "")
	p.Legend.XOffs = vg.Centimeter
	err := drawLines(p, []line{
		{"", func(x float64) float64 { _, d := curve.Gelu(x); return d }, Color(6), true},
		{"GELU", func(x float64) float64 { y, _ := curve.Gelu(x); return y }, Color(6), true},
		{"y′(x)", func(x float64) float64 { _, d := e.Jet(x); return d }, Color(0), false},
		{"y(x)", func(x float64) float64 { return e.Value(x) }, Color(1), false},
	}, a-margin, b+margin)
	if err != nil {
		return nil, err
	}
	plots.AddDomain(p, a, b)
	return p, nil
}

// line is a function to draw.
type line struct {
	name   string
	f      func(x float64) float64
	color  color.Color
	dashed bool
}

func drawLines(p *plot.Plot, lines []line, lo, hi float64) error {
	for _, l := range lines {
		if err := plots.AddFunction(p, l.name, l.f, lo, hi, l.color, l.dashed); err != nil {
			return err
		}
	}
	return nil
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
	p := plots.NewPanel("inputs of the activation", "x", "share")
	p.Add(bins)
	return p
}
