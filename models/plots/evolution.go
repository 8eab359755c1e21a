package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
)

// evolutionPoints is the number of columns of the heat map of Evolution.
const evolutionPoints = 241

// Evolution returns a heat map of how an activation came to what it is: the difference of
// y(x) from the first snapshot, over x and over the steps of training, upwards.
func Evolution(title string, h History) (*Figure, error) {
	p, err := evolution(title, h)
	if err != nil {
		return nil, err
	}
	return Grid(title, Width+0.6*72, Height, [][]*plot.Plot{{p}})
}

func evolution(title string, h History) (*plot.Plot, error) {
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("plots: Evolution: %s: %w", title, err)
	}
	first, last := h.Snapshots[0], h.Snapshots[len(h.Snapshots)-1]
	a, b := first.Curve.Curve().Space().Domain()
	s := &Surface{
		Title: title, N: evolutionPoints, Rows: len(h.Snapshots),
		Lo: a, Hi: b, YLo: float64(first.Step), YHi: float64(last.Step), XLabel: "x", YLabel: "step",
	}
	// Snapshots are not always as far from each other as the last ones are: each row of the
	// map takes the nearest.
	limit := 0.0
	at := 0
	for r := range s.Rows {
		step := s.YLo + (s.YHi-s.YLo)*float64(r)/float64(s.Rows-1)
		for at+1 < len(h.Snapshots) && math.Abs(float64(h.Snapshots[at+1].Step)-step) <= math.Abs(float64(h.Snapshots[at].Step)-step) {
			at++
		}
		for i := range s.N {
			x := a + (b-a)*float64(i)/(evolutionPoints-1)
			d := h.Snapshots[at].Curve.Value(x) - first.Curve.Value(x)
			s.Values = append(s.Values, d)
			limit = max(limit, math.Abs(d))
		}
	}
	if limit == 0 {
		limit = 1 // nothing moved: all white
	}
	colors := diverging()
	p := heatMap(s, colors, -limit, limit, true)
	p.Add(colorBar{lo: -limit, hi: limit, colors: colors.Colors(), label: "y − start"})
	return p, nil
}

// check reports a history that has no two steps, or a gap.
func (h History) check() error {
	if len(h.Snapshots) < 2 {
		return fmt.Errorf("%d snapshots, want at least 2", len(h.Snapshots))
	}
	for i, s := range h.Snapshots {
		if s.Curve == nil {
			return fmt.Errorf("snapshot %d has no curve", i)
		}
		if i > 0 && s.Step <= h.Snapshots[i-1].Step {
			return fmt.Errorf("snapshot %d is of step %d, the one before of step %d", i, s.Step, h.Snapshots[i-1].Step)
		}
	}
	return nil
}
