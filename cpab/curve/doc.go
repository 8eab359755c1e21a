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
// The gate w of each section is 1, Φ(x) or, for [Leaky], a slope; [Infinite] has T on the
// whole line. Both know nothing of Gorgonia: package ditacop wraps them in an op. For large
// float32 tensors that evaluates by tables, in which an element falls through lines,
// pieces and a search before it comes to the closed form: see package internal/table.
package curve
