// Package shape holds the variants of DiTAC as data, and the evaluation of a curve at one
// θ that reads them.
//
// Every variant is y = φ·w: φ = T(x) where the transformation acts, and x elsewhere, times
// a gate w. A [Variant] names the gate of each of three sections of the line, below the
// domain, inside and above; for an amplified one φ = x + α·(T(x) − x), where α may be a
// parameter, too: the last of θ. Nothing here or in the readers takes φ for monotone.
// Three readers make all of it that the project needs:
//
//   - Exact evaluates y, y′, ∂y/∂V and ∂y/∂α of single points;
//   - Exact.Smooths lists the intervals on which the curve is smooth, for tables and forms;
//   - kernels for GPUs make the curve from θ themselves (package ptx).
//
// A new variant is an entry in variants.go and its constant in package curve; a gate of a
// new kind is a constant in gate.go and its cases there, in smooth.go and in the kernels
// for GPUs.
package shape
