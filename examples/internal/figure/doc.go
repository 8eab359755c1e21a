// Package figure draws the pictures of the examples over package plots: rows of plots,
// heat maps of functions of two variables, what a DiTAC activation learned, scores and loss
// curves.
package figure
