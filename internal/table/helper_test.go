package table

import (
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/internal/shape"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
)

// eachCurve is shapetest.EachCurve.
func eachCurve(t *testing.T, f func(t *testing.T, e *Exact, theta []float64, rng *rand.Rand)) {
	shapetest.EachCurve(t, func(t *testing.T, e *shape.Exact, theta []float64, rng *rand.Rand) {
		f(t, &Exact{*e}, theta, rng)
	})
}

// newTable returns the table of a curve at θ.
func newTable(c *shape.Curve, theta []float64, tolerance float64) (*Table, error) {
	e, err := NewExact(c, theta)
	if err != nil {
		return nil, err
	}
	return New(e, tolerance)
}

// hardBins returns the number of bins with too many breakpoints for the kernels.
func (t *Table) hardBins() int {
	n := 0
	for i := range t.tab.Bins {
		if t.tab.Bins[i].Piece == hard {
			n++
		}
	}
	return n
}
