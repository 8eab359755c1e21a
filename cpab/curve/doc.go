// Package curve turns a CPAB transformation T into an activation function: the
// curve y(x) of one of the variants of DiTAC (Chelly, Finder, Ifergane,
// Freifeld, "Trainable Highly-expressive Activation Functions", ECCV 2024), its
// derivative, and its gradient with respect to θ.
//
// A Curve is the shape: variant and space of velocity fields. Together with a θ
// it becomes an [Exact], which evaluates in closed form and float64:
//
//	     below the domain        inside             above
//	x ──────────┬─────────────────┬───────────────────┬──
//	            │ φ = x           │ φ = T(x), a walk  │ φ = x
//	            │                 │ from cell to cell │
//	            ▼                 ▼                   ▼
//	         y = φ·w           y = φ·w             y = φ·w
//
// The gate w of each section is 1, Φ(x) or, for [Leaky], 1 or the negative slope by the
// sign of φ; [Infinite] has T on the whole line; [Amplified], which is not the paper's, has
// x + α·(T(x) − x) in place of T(x). The variants are data, in package internal/shape.
//
// The package knows nothing of Gorgonia: package ditacop makes an op of it. That evaluates
// large float32 tensors by tables, in which an element falls through lines, pieces and a
// search before it comes to the closed form: see package internal/table.
package curve
