package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// bins is the number of bars of a histogram, and tail the part of the inputs at either end
// that may lie beyond them, so that a few outliers do not squeeze the rest.
const (
	bins = 60
	tail = 0.001
)

// histogram counts inputs of an activation with the domain [a,b].
type histogram struct {
	a, b   float64
	lo, hi float64   // of the bars
	share  []float64 // of each bar
	inside float64   // part of the inputs in the domain
	beyond float64   // part of the inputs that no bar has
}

// newHistogram counts the finite ones of x, in bars over the domain, a margin, and what most
// inputs have beyond.
func newHistogram(x []float32, a, b float64) (*histogram, error) {
	sorted, err := finite(x, a, b)
	if err != nil {
		return nil, err
	}
	n := len(sorted)
	cut := int(tail * float64(n))
	lo := min(a-margin*(b-a), float64(sorted[cut]))
	hi := max(b+margin*(b-a), float64(sorted[n-1-cut]))
	return count(sorted, a, b, lo, hi), nil
}

// finite returns the finite ones of x, sorted.
func finite(x []float32, a, b float64) ([]float32, error) {
	if !(a < b) || math.IsInf(b-a, 0) {
		return nil, fmt.Errorf("plots: domain [%v, %v], want finite ends, the first the smaller", a, b)
	}
	sorted := make([]float32, 0, len(x))
	for _, v := range x {
		if v-v == 0 {
			sorted = append(sorted, v)
		}
	}
	if len(sorted) == 0 {
		return nil, fmt.Errorf("plots: %d inputs, none of them finite", len(x))
	}
	slices.Sort(sorted)
	return sorted, nil
}

// count counts inputs in bars from lo to hi.
func count(sorted []float32, a, b, lo, hi float64) *histogram {
	h := &histogram{a: a, b: b, lo: lo, hi: hi, share: make([]float64, bins)}
	one := 1 / float64(len(sorted))
	for _, v := range sorted {
		v := float64(v)
		if v >= a && v <= b {
			h.inside += one
		}
		if v < h.lo || v > h.hi {
			h.beyond += one
			continue
		}
		h.share[min(int((v-h.lo)/(h.hi-h.lo)*bins), bins-1)] += one
	}
	return h
}

// bars returns the bars of a share of the inputs each, those in the domain in another colour,
// scaled so that the greatest has the given height above base; 0 leaves shares as heights.
func (h *histogram) bars(base, height float64, inside, outside color.Color) []plot.Plotter {
	scale := 1.0
	if height > 0 {
		scale = height / max(slices.Max(h.share), 1e-300) // no bar, no height
	}
	width := (h.hi - h.lo) / bins
	parts := make([]plot.Plotter, 0, bins)
	for i, s := range h.share {
		if s == 0 {
			continue
		}
		from := h.lo + float64(i)*width
		c := outside
		if middle := from + width/2; middle >= h.a && middle <= h.b {
			c = inside
		}
		top := base + s*scale
		bar, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: base}, {X: from + width, Y: base}, {X: from + width, Y: top}, {X: from, Y: top}})
		if err != nil {
			continue // not with finite numbers
		}
		bar.Color = c
		bar.LineStyle.Width = vg.Points(0.3)
		bar.LineStyle.Color = color.White
		parts = append(parts, bar)
	}
	return parts
}

// Inputs returns the histogram of the inputs x of an activation with the domain [a,b]: those
// in the domain, on which θ has a say, in blue, the others in red. The title says which part
// of the inputs lies in the domain. Numbers that are not finite are left out.
func Inputs(title string, x []float32, a, b float64) (*Figure, error) {
	p, err := InputsPlot(title, x, a, b)
	if err != nil {
		return nil, err
	}
	return one(title, p)
}

// InputsPlot is [Inputs] as a plot, for a [Grid].
func InputsPlot(title string, x []float32, a, b float64) (*plot.Plot, error) {
	h, err := newHistogram(x, a, b)
	if err != nil {
		return nil, fmt.Errorf("%w (Inputs: %s)", err, title)
	}
	label := "x"
	if h.beyond > 0 {
		label = fmt.Sprintf("x (%.2g %% lie beyond the picture)", 100*h.beyond)
	}
	p := NewPanel(fmt.Sprintf("%s: %s in the domain", title, percent(h.inside)), label, "share of the inputs")
	p.Add(h.bars(0, 0, Color(insideColor), Color(outsideColor))...)
	p.X.Min, p.X.Max, p.Y.Min = h.lo, h.hi, 0
	addEnds(p, a, b)
	return p, nil
}

// percent writes a part so that 100 % means all.
func percent(part float64) string {
	switch {
	case part > 1-1e-9:
		return "100 %"
	case part > 0.9995:
		return "99.9 %"
	}
	return fmt.Sprintf("%.1f %%", 100*part)
}
