package cpab

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// velocityMap is the linear map P from θ to the vertex velocities. Hat functions need no
// matrix: with one θ per free vertex, a number does, so that there may be many cells.
type velocityMap struct {
	rows, cols int
	dense      []float64 // P, row-major; nil for hat functions

	scale float64 // of hat functions: V_{k+first} = scale·θ_k, the other V are 0
	first int
}

// hats returns the map of one hat function of the given height per free vertex.
func (s *Space) hats(height float64) velocityMap {
	m := velocityMap{rows: s.cells + 1, cols: s.dim, scale: height}
	if s.boundary == ZeroBoundary {
		m.first = 1
	}
	return m
}

// denseMap returns the map of a matrix.
func (s *Space) denseMap(p []float64) velocityMap {
	return velocityMap{rows: s.cells + 1, cols: s.dim, dense: p}
}

// times returns the map times a number.
func (m velocityMap) times(factor float64) velocityMap {
	if m.dense == nil {
		m.scale *= factor
		return m
	}
	p := make([]float64, len(m.dense))
	for i, x := range m.dense {
		p[i] = x * factor
	}
	m.dense = p
	return m
}

// matrix returns P as a new slice, row-major.
func (m *velocityMap) matrix() []float64 {
	if m.dense != nil {
		return append([]float64(nil), m.dense...)
	}
	p := make([]float64, m.rows*m.cols)
	for k := range m.cols {
		p[(k+m.first)*m.cols+k] = m.scale
	}
	return p
}

// row returns row j of a dense map.
func (m *velocityMap) row(j int) []float64 { return m.dense[j*m.cols : (j+1)*m.cols] }

// apply computes v = Pθ.
func (m *velocityMap) apply(v, theta []float64) {
	if m.dense == nil {
		clear(v)
		for k, x := range theta {
			v[k+m.first] = m.scale * x
		}
		return
	}
	for j := range v {
		v[j] = dot(m.row(j), theta)
	}
}

// pullBack adds Pᵀ·dv to dtheta. An infinite component is for the θ_k that have a say; a
// NaN is for all.
func (m *velocityMap) pullBack(dtheta, dv []float64) {
	if m.dense == nil {
		m.pullBackHats(dtheta, dv)
		return
	}
	for j, g := range dv {
		if g == 0 {
			continue
		}
		for k, p := range m.row(j) {
			if p != 0 || math.IsNaN(g) {
				dtheta[k] += g * p
			}
		}
	}
}

func (m *velocityMap) pullBackHats(dtheta, dv []float64) {
	for k := range dtheta {
		if g := dv[k+m.first]; g != 0 {
			dtheta[k] += g * m.scale
		}
	}
	for _, g := range dv {
		if math.IsNaN(g) {
			for k := range dtheta {
				dtheta[k] += g
			}
			return
		}
	}
}

// solve returns the θ with Pθ nearest to v, in the sense of least squares.
func (m *velocityMap) solve(v []float64) ([]float64, error) {
	theta := make([]float64, m.cols)
	if m.cols == 0 {
		return theta, nil
	}
	if m.dense == nil {
		for k := range theta {
			if theta[k] = v[k+m.first] / m.scale; !isFinite(theta[k]) {
				return nil, fmt.Errorf("cpab: v[%d] = %v: its coordinate is beyond float64", k+m.first, v[k+m.first])
			}
		}
		return theta, nil
	}
	var sol mat.VecDense
	p := mat.NewDense(m.rows, m.cols, m.matrix())
	if err := sol.SolveVec(p, mat.NewVecDense(len(v), append([]float64(nil), v...))); err != nil {
		if _, ok := err.(mat.Condition); !ok {
			return nil, fmt.Errorf("cpab: coordinates of v: %w", err)
		}
	}
	copy(theta, sol.RawVector().Data)
	return theta, nil
}
