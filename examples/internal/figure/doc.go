// Package figure draws the pictures of the examples with gonum/plot: rows of
// plots, heat maps of functions of two variables, what a DiTAC activation
// learned, and loss curves.
package figure
