package cli

import (
	"math"
	"slices"
)

// Stats summarises a sample, such as one score per seed.
type Stats struct {
	N                      int
	Mean, SD, Median       float64 // SD has the divisor N−1, as a table over seeds usually has
	Min, Max               float64
	MedianAt, MinAt, MaxAt int // indices in the sample; MedianAt is that of the lower median
}

// NewStats returns the statistics of x; all are NaN for an empty x, and SD is
// for fewer than two.
func NewStats(x []float64) Stats {
	n := len(x)
	if n == 0 {
		nan := math.NaN()
		return Stats{Mean: nan, SD: nan, Median: nan, Min: nan, Max: nan}
	}
	order := make([]int, n)
	s := Stats{N: n}
	for i, v := range x {
		order[i] = i
		s.Mean += v / float64(n)
	}
	for _, v := range x {
		s.SD += (v - s.Mean) * (v - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / float64(n-1)) // 0/0 for n = 1
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case x[i] < x[j]:
			return -1
		case x[i] > x[j]:
			return 1
		}
		return 0
	})
	s.MinAt, s.MedianAt, s.MaxAt = order[0], order[(n-1)/2], order[n-1]
	s.Min, s.Max = x[s.MinAt], x[s.MaxAt]
	s.Median = (x[s.MedianAt] + x[order[n/2]]) / 2
	return s
}
