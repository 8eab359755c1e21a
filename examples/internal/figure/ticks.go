package figure

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// logTicks are the ticks of a logarithmic axis. Unlike plot.LogTicks, which labels
// powers of ten only, they have at least two labels on any range.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	for _, digits := range [][]int{{1}, {1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		if ticks, labels := decades(lo, hi, digits); labels >= 2 {
			return ticks
		}
	}
	return plot.DefaultTicks{}.Ticks(lo, hi)
}

// decades returns the ticks at 1 … 9 times powers of ten between lo and hi, and the
// number of those that have a label: those with one of the given first digits.
func decades(lo, hi float64, labelled []int) (ticks []plot.Tick, labels int) {
	for exp := int(math.Floor(math.Log10(lo))); exp <= int(math.Ceil(math.Log10(hi))); exp++ {
		for digit := 1; digit <= 9; digit++ {
			tick := plot.Tick{Value: float64(digit) * math.Pow10(exp)}
			if tick.Value < lo || tick.Value > hi {
				continue
			}
			for _, d := range labelled {
				if d == digit {
					tick.Label = strconv.FormatFloat(tick.Value, 'g', 3, 64)
					labels++
				}
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks, labels
}
