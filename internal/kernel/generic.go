package kernel

// forwardGeneric is Forward's specification.
func (t *Tab) forwardGeneric(dst, x []float32) (odd bool) {
	for i, v := range x {
		y := t.Value(v)
		odd = odd || y != y
		dst[i] = y
	}
	return odd
}

// Value returns y(x), or NaN as Forward does.
func (t *Tab) Value(x float32) float32 {
	if !t.inside(x) {
		return t.tail(x)
	}
	return t.Pieces[t.Locate(x)].Value(x)
}

// tail returns y(x) outside.
func (t *Tab) tail(x float32) float32 {
	if x < t.Lo {
		return t.LoSlope * max(x, t.LoMin)
	}
	return float32(t.HiSlope*x) + t.HiOffset // NaN for NaN
}

// backwardXGeneric is BackwardX's specification.
func (t *Tab) backwardXGeneric(dst, x, g []float32) (odd bool) {
	for i, v := range x {
		dy := t.Slope(v)
		odd = odd || dy != dy
		dst[i] = scaled(g[i], dy)
	}
	return odd
}

// scaled returns g·dy, and NaN if g is not finite.
func scaled(g, dy float32) float32 { return g * (dy + float32(0*g)) }

// Slope returns y′(x), or NaN as BackwardX does.
func (t *Tab) Slope(x float32) float32 {
	switch {
	case t.inside(x):
		return t.Pieces[t.Locate(x)].Slope(x)
	case x < t.Lo:
		return t.LoSlope
	case x >= t.Hi:
		return t.HiSlope
	}
	return x // NaN
}

// momentsGeneric is Moments' specification.
func (t *Tab) momentsGeneric(sums []Sums, x, g []float32) (odd bool) {
	for i, v := range x {
		k, tau := uint32(0), float32(0)
		if t.inside(v) {
			k = t.Locate(v)
			p := &t.Pieces[k]
			tau = p.Tau(v)
			odd = odd || p[5] != p[5]
		} else {
			odd = odd || v < t.OddBelow || !(v < t.OddAbove)
		}
		m, p := &sums[k][i>>2&1], g[i]
		m[0] += p
		p = float32(p * tau)
		m[1] += p
		p = float32(p * tau)
		m[2] += p
		p = float32(p * tau)
		m[3] += p
		p = float32(p * tau)
		m[4] += p
		p = float32(p * tau)
		m[5] += p
	}
	return odd
}
