package table

import (
	"math"

	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/shape"
)

// ExactLayout is a curve as a device takes it that evaluates it exactly: an element finds
// its part by a binary search over Starts.
type ExactLayout struct {
	// Starts holds the least number of each part, in order; the first is −Inf.
	Starts []float64
	// Parts holds PartSize numbers per part: its kind (0: φ = x, 1: φ = x + v·Gain, 2:
	// trajectories cross cells), 1 if the gate is Φ(x) or else 0 and the constant gate, the
	// amplification α less 1 (φ stands for φ + (α−1)·(φ − x)), and from number 4 on numbers
	// of flow.SegmentLayout: Vertex, V0, V1, then Gain, Growth, Total, PerV or Exit, ExitAt,
	// Entry, EntryAt, FirstSlope, LastSlope, Time, EntryU.
	Parts []float64
	// CellWidth is the width of a cell.
	CellWidth float64

	alpha float64

	curve    *shape.Curve
	smooths  []shape.Smooth
	segments []flow.Segment
}

const (
	// PartSize is how many numbers a part has.
	PartSize = 16
	// SumsSize is how many sums a part has.
	SumsSize = 6
)

// Layout returns the curve's layout. It reports false if θ is so large that a device
// cannot do as well as the curve's own functions.
func (e *Exact) Layout() (*ExactLayout, bool) {
	l := &ExactLayout{curve: e.Curve, CellWidth: e.Curve.Grid.Width, alpha: e.Alpha}
	l.segments = e.Field.Segments(nil, 1)
	l.smooths = e.Smooths(nil, l.segments)
	for i := range l.smooths {
		s := &l.smooths[i]
		start := s.From
		if s.Open {
			start = math.Nextafter(start, math.Inf(1))
		}
		l.Starts = append(l.Starts, start)
		p := [PartSize]float64{2: s.Slope}
		if s.Gated {
			p[1] = 1
		}
		if s.Seg != nil {
			g, ok := s.Seg.Layout()
			if !ok {
				return nil, false
			}
			p[0], p[3], p[4], p[5], p[6] = 1, e.Alpha-1, g.Vertex, g.V0, g.V1
			if copy(p[7:], []float64{g.Gain, g.Growth, g.Total, g.PerV}); g.Crosses {
				p[0] = 2
				copy(p[7:], []float64{g.Exit, g.ExitAt, g.Entry, g.EntryAt, g.FirstSlope, g.LastSlope, g.Time, g.EntryU})
			}
		}
		l.Parts = append(l.Parts, p[:]...)
	}
	return l, true
}

// Gradient adds Σ g·∂y/∂θ to dtheta, given SumsSize numbers of each part: its flow.Sums
// with the weights ω = g·gate, and Σ ω·(φ − x), where φ is not amplified. nan is a sum of
// NaNs, one for each element that is lost (see [Evaluator]), and 0 if there is none. It
// reports slices of the wrong length.
func (l *ExactLayout) Gradient(dtheta, sums []float64, nan float64) error {
	if err := checkSums(l.curve.Dim(), dtheta, SumsSize*len(l.smooths), sums); err != nil {
		return err
	}
	dv, displacement := make([]float64, l.curve.GradSize()), 0.0
	for i := range l.smooths {
		if seg := l.smooths[i].Seg; seg != nil {
			of := sums[SumsSize*i:]
			seg.AddSums(dv, flow.Sums(of[:5]))
			displacement += of[5]
		}
	}
	for j := range dv {
		dv[j] *= l.alpha
	}
	if l.curve.Amplification.Learned {
		dv[len(dv)-1] = displacement
	}
	if math.IsNaN(nan) {
		shape.Fill(dv, nan)
	}
	return l.curve.PullBack(dtheta, dv)
}
