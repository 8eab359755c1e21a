// Package flow holds the closed forms behind CPAB transformations: the flow of a
// velocity field that is continuous, and affine on every cell of a tessellation of the
// line. It knows velocities at vertices; what parameters, bases and priors make of them
// is package cpab's.
//
//   - Grid: the tessellation, and where a point lies in it.
//   - Field: the velocities at its vertices; Flow, FlowDx and AddGradV walk along a
//     trajectory, cell by cell.
//   - Segment: an interval of the line whose trajectories run through the same cells,
//     with derivatives of the flow of every order, and sums of its gradient over many
//     points of the interval. SegmentLayout is a segment as a device takes it.
//
// Nothing is stepped numerically. The smooth quotients that the forms are made of are
// summed as series where the quotient would lose digits; see series.go.
package flow
