// Package cpab implements one-dimensional CPAB transformations: the
// diffeomorphisms of the line that arise from integrating Continuous
// Piecewise-Affine velocity fields (Freifeld et al., "Transformations Based on
// Continuous Piecewise-Affine Velocity Fields", TPAMI 2017).
//
// The domain [a,b] is cut into equal cells. A velocity field v is continuous
// and affine on every cell, so it is given by its values V_0 … V_n at the
// vertices of the tessellation. The transformation φ(x) is the point reached at
// time t by the trajectory that starts at x:
//
//	dφ/dt = v(φ),  φ(0) = x
//
// The package evaluates φ, ∂φ/∂x and ∂φ/∂θ in closed form and float64, by
// walking from cell to cell; nothing is stepped numerically, and no tolerance decides
// which cells a trajectory crosses.
//
// The parts, in the order in which a newcomer meets them:
//
//   - Space: domain, number of cells, boundary condition and basis. It maps
//     the d parameters θ to the n+1 vertex velocities V.
//   - Field: the velocity field of one θ, and its flow: Velocity, Flow,
//     FlowDx, FlowGrad. The inverse transformation is the flow for time −t.
//   - Prior: a Gaussian smoothness prior over θ: samples, covariance,
//     precision, and the energy θᵀΣ⁻¹θ with its gradient.
//
// # Units
//
// θ means the same on every domain: the bases are those of the unit interval,
// and a field on [a,b] is the unit field stretched, V = (b−a)·Pθ. So
// T_[a,b](x) = a + (b−a)·T_[0,1]((x−a)/(b−a)) for equal θ. Velocities are in
// units of x per unit of time.
//
// Every function that adds to a slice, or reads one, reports a length that is wrong;
// those that return numbers write them to dst when dst has the capacity, as append would.
//
// Every type here is safe for concurrent use once it is made, except that
// [Field.Set] must not run beside other methods of the same Field.
package cpab
