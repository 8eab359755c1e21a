// Package sweep makes the trainings that an example compares, each of some activations
// with each of some learning rates and seeds, and reports their scores.
//
// A [Program] says how to make one training. Its Run method keeps the outcome of each in
// a file of its own, OUT/runs/ACTIVATION_lrRATE_seedSEED.json, which appears when the
// training is complete. So
//
//   - a command that is repeated after an interruption makes what is missing,
//   - -shard k/n makes the k-th of n parts of the trainings, on any machine, and
//   - -merge reports the trainings of several folders, and says which are missing.
//
// Files of other settings (steps, batch, data …) are refused: no table mixes them.
//
// Before it trains, a program times some steps with each activation and says how long
// all will take; with -budget it refuses what takes longer.
//
// The report shows each activation at its best rate, the one with the best mean of the
// first score over the seeds, and compares it with the first activation by a paired
// t-test over the seeds that both have. A best of several rates is chosen by the same
// scores that are reported: this favours no activation, but the scores are a little
// better than those of fresh seeds at the same rate would be.
package sweep
