package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// roundTicks are ticks at multiples of 1, 2 or 5 times a power of ten, four to eight with a
// label and unlabelled ones between them.
type roundTicks struct{}

// Ticks implements plot.Ticker.
func (roundTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo < hi) || math.IsInf(hi-lo, 0) {
		return nil
	}
	step, minor := roundStep(hi - lo)
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	small := step / float64(minor)
	const slack = 1e-9 // of a step: ends that rounding has moved still get their tick
	var ticks []plot.Tick
	for i := math.Ceil(lo/small - slack); i <= math.Floor(hi/small+slack); i++ {
		t := plot.Tick{Value: i * small}
		if math.Mod(i, float64(minor)) == 0 {
			t.Label = tickLabel(t.Value, decimals)
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// roundStep returns the distance of labelled ticks over a width, and the number of parts
// that other ticks divide it into.
func roundStep(width float64) (step float64, minor int) {
	const labels = 5
	power := math.Pow(10, math.Floor(math.Log10(width/labels)))
	switch lead := width / labels / power; {
	case lead < 1.5:
		return power, 5
	case lead < 3.5:
		return 2 * power, 4
	case lead < 7.5:
		return 5 * power, 5
	}
	return 10 * power, 5
}

func tickLabel(v float64, decimals int) string {
	if v == 0 {
		return "0"
	}
	if a := math.Abs(v); a >= 1e6 || decimals > 4 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// logTicks are the ticks of a logarithmic axis. Unlike plot.LogTicks, which labels powers of
// ten only, they have at least two labels on any range.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	for _, digits := range [][]int{{1}, {1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		if ticks, labels := decades(lo, hi, digits); labels >= 2 {
			return ticks
		}
	}
	return roundTicks{}.Ticks(lo, hi)
}

// decades returns the ticks at 1 … 9 times powers of ten between lo and hi, and the
// number of those that have a label: those with one of the given first digits.
func decades(lo, hi float64, labelled []int) (ticks []plot.Tick, labels int) {
	if !(lo > 0) || math.IsInf(hi, 0) {
		return nil, 0
	}
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
