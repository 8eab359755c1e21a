package models

import "math"

// Schedule gives the factor on a learning rate at a step, 0 to steps−1, of a run.
type Schedule func(step, steps int) float64

// Constant is the Schedule that leaves the learning rate as it is.
func Constant(step, steps int) float64 { return 1 }

// Cosine is the Schedule that lowers the learning rate to 0 along half a period of
// the cosine (Loshchilov and Hutter, "SGDR", 2017, equation 5 without restarts):
//
//	½·(1 + cos(π·step/steps))
func Cosine(step, steps int) float64 {
	return 0.5 * (1 + math.Cos(math.Pi*float64(step)/float64(steps)))
}
