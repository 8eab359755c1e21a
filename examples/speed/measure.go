package main

import (
	"slices"
	"time"
)

// measurement is the time of one call, in seconds.
type measurement struct{ rounds []float64 }

// median returns the median over the rounds.
func (m measurement) median() float64 {
	s := slices.Clone(m.rounds)
	slices.Sort(s)
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// over returns the median over the rounds of the ratio to another measurement. Both
// were taken in turn, so that what slows the machine down for a while slows both.
func (m measurement) over(other measurement) float64 {
	ratios := make([]float64, len(m.rounds))
	for i := range ratios {
		ratios[i] = m.rounds[i] / other.rounds[i]
	}
	return measurement{ratios}.median()
}

// compare times the functions in turn, round after round; in each, a function runs
// for at least the given time.
func compare(rounds int, atLeast time.Duration, fs ...func()) []measurement {
	out := make([]measurement, len(fs))
	reps := make([]int, len(fs))
	for i, f := range fs { // warm up, and see how long it takes
		f()
		reps[i] = 1
		for took := time.Duration(0); ; reps[i] *= 2 {
			if took = run(f, reps[i]); took >= atLeast {
				break
			}
		}
	}
	for range rounds {
		for i, f := range fs {
			out[i].rounds = append(out[i].rounds, run(f, reps[i]).Seconds()/float64(reps[i]))
		}
	}
	return out
}

func run(f func(), reps int) time.Duration {
	start := time.Now()
	for range reps {
		f()
	}
	return time.Since(start)
}
