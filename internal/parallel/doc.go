// Package parallel is the project's worker pool: work on slices of elements, and calls that
// know nothing of each other, on several goroutines.
//
// [Each] calls a function for 0 … n−1. [SlicesOf] cuts n elements into slices that depend on
// n only, not on the number of processors: who sums over the elements of each slice, and adds
// the sums in the order of the slices, gets the same bits with any number. This is how
// gradients to θ are summed.
package parallel
