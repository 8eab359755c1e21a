package table

// momentBlock is the number of elements whose moments are summed in float32
// before they join the float64 sums: short enough for the rounding to stay near
// that of one element.
const momentBlock = 1 << 14

// moments are Σ g·τ^j, j = 0 … 5.
type moments [6]float64

// addElement adds g·τ^j.
func (m *moments) addElement(tau, g float64) {
	for j := range m {
		m[j] += g
		g *= tau
	}
}

// moved returns the moments in σ = shift + width·τ: powers of a sum, round by round.
func (m *moments) moved(shift, width float64) moments {
	w2 := width * width
	w3 := w2 * width
	c0, c1, c2, c3, c4, c5 := m[0], m[1]*width, m[2]*w2, m[3]*w3, m[4]*w2*w2, m[5]*w3*w2
	c5 += shift * c4
	c4 += shift * c3
	c3 += shift * c2
	c2 += shift * c1
	c1 += shift * c0
	c5 += shift * c4
	c4 += shift * c3
	c3 += shift * c2
	c2 += shift * c1
	c5 += shift * c4
	c4 += shift * c3
	c3 += shift * c2
	c5 += shift * c4
	c4 += shift * c3
	c5 += shift * c4
	return moments{c0, c1, c2, c3, c4, c5}
}
