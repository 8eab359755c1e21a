// Package table evaluates curves on slices: element by element, by the
// walk from cell to cell (Exact); many elements at once, by the closed forms of the curve's
// smooth intervals (Forms), for float64 tensors and for few elements; or by a table of one θ
// (Table), made in microseconds, which float32 tensors look their elements up in. BreakEven
// says which takes the least time.
//
// Forms differ from the walk by rounding only: 1e-12 in y and 1e-9 in gradients, but where
// the curve is so steep that the rounding of x alone moves it by more (TestFormsError). An
// element finds its interval by a bin, as below, or by a search; intervals on which
// velocities grow by more than e^40, domains beyond 1e±90 and elements beyond 1e150 are left
// to the walk, and so is all on processors without a fused multiplication and addition. For
// ∂y/∂θ, seven sums per interval (kernel.FormSums) are closed without any evaluation.
//
// Forms32 are forms in float32 arithmetic, for float32 tensors that do not pay for a table,
// within what tables are allowed (TestForms32Error). Intervals where they would lose too many
// digits (times that are long beside slopes, trajectories that leave the domain) are left to
// Forms.
//
// A table is made of pieces. A curve is smooth but for kinks at known places: the vertices,
// the points that flow into them, the ends of the domain. Each smooth interval is cut into
// pieces, on which a polynomial of fifth degree, the Hermite interpolant of y, y′ and y″ at
// the piece's ends, keeps the tolerance. An element falls through the parts of a table until
// one has it:
//
//	x ──► long slice? ──no──────────────────────────┐
//	          │yes                                  │
//	          ▼                                     │
//	     LINES  a fine grid of equal intervals,     │
//	     each a line between two nodes              │
//	     (quads: Σ g·s^j, for ∂y/∂θ)                │
//	          │                                     │
//	          │ a kink or too much bend in its      │
//	          │ interval: NaN node ─────────────────┤
//	          ▼                                     ▼
//	       y, g·y′              PIECES  the bin of x, a coarse grid, knows its
//	                            piece, or up to three breakpoints between
//	                            pieces; then the polynomial in τ
//	                                                │
//	                         y, g·y′, Σ g·τ^j ◄─────┤
//	                                                │ a hard bin, of more breakpoints: NaN
//	                                                ▼
//	                            SEARCH  a binary search for the piece
//	                                                │
//	                         y, g·y′, Σ g·τ^j ◄─────┤
//	                                                │ a wild piece, which no polynomial
//	                                                │ fits; beside a table whose tails
//	                                                ▼ are not affine
//	                            EXACT   walk from cell to cell (internal/flow)
//
// The kernels (internal/kernel) do lines, pieces and tails, a block of elements at a time,
// and leave what they cannot as NaN or marked odd; lookup.go takes it from there.
//
// For ∂y/∂θ, the elements' upstream gradients g are summed into moments, Σ g·τ^j, one set
// for each piece. At the end the Hermite interpolant of ∂y/∂θ on the piece turns them into
// the gradient: O(elements + pieces). See closing.go.
//
// The files, in the order in which a table is made and used:
//
//	pieces.go piece.go         cut the smooth intervals; polynomials
//	range.go bins.go           where the table ends; bins
//	table.go                   Table: new, moved to another θ, evaluated
//	lookup.go blocks.go        elements by pieces, search and exact evaluation
//	fine.go lines.go quads.go rest.go
//	                           fine grids, and what they leave to the pieces
//	moments.go scratch.go closing.go
//	                           sums over elements, and gradients from them
//	forms.go forms_setup.go    Forms: elements by closed forms; forms, bins and sums of a θ
//	forms32.go                 Forms32: the same in float32
//	exact.go evaluator.go      the exact evaluation of slices; what both have in common
//	function.go                tables of fixed functions, for baselines
package table
