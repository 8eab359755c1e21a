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
//     points of the interval. SegmentLayout is what closed forms are made of.
//
// In a cell, velocity is affine, so a trajectory is an exponential, and the time to the
// vertex ahead is a logarithm. A walk takes these times off the given one, cell by cell,
// until the rest does not reach the next vertex (walk.go); the gradient with respect to the
// velocities is an integral along the same way, which touches two vertices per crossed cell
// (gradient.go). Nothing is stepped numerically.
//
// No tolerance decides which cells are crossed: signs of velocities and comparisons of times
// do. An x is at a vertex if it is the float64 nearest to it (vertices.go), and nothing else
// is snapped there; no small velocity is called zero. Thresholds choose between two ways to
// compute one function: the smooth quotients that the forms are made of are summed as series
// where the quotient would lose digits near a removable singularity (series.go), and points
// beyond ±farAway, where offsets in cells would overflow, take the limit, which is the same
// to the last digit (walkAtInf).
package flow
