// Package curve turns a CPAB transformation T into an activation function: the
// curve y(x) of one of the variants of DiTAC (Chelly, Finder, Ifergane,
// Freifeld, "Trainable Highly-expressive Activation Functions", ECCV 2024), its
// derivative, and its gradient with respect to θ.
//
// A Curve is the shape: variant and space of velocity fields. Together with a θ
// it becomes an [Exact], which evaluates in closed form and float64. Both know
// nothing of Gorgonia; package ditacop wraps them in an op.
package curve
