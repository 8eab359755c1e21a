// Package cli holds what the command lines of the examples share: lists of seeds,
// the flags of a DiTAC activation, a progress bar and statistics over seeds.
package cli
