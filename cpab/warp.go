package cpab

// Warp returns Flow(x, t) for x in the domain [a,b], and x itself outside: with
// ZeroBoundary a continuous warp of the line that moves the domain only. (With
// FreeBoundary it jumps at the ends.)
func (f *Field) Warp(x, t float64) float64 {
	if f.space.grid.Outside(x) && isFinite(t) {
		return x
	}
	return f.Flow(x, t)
}

// WarpGrad returns what Warp does, with its derivatives, as FlowGrad does: outside the
// domain ∂φ/∂x = 1 and ∂φ/∂θ = 0. At the ends they are those from inside.
func (f *Field) WarpGrad(dst []float64, x, t float64) (phi, dx float64, dtheta []float64) {
	if !f.space.grid.Outside(x) || !isFinite(t) {
		return f.FlowGrad(dst, x, t)
	}
	dst = sized(dst, f.space.dim)
	clear(dst)
	return x, 1, dst
}
