//go:build !amd64 || noasm

package kernel

// No vectors: Portable does all elements.

func (t *Tab) forwardVectors(dst, x []float32) (n int, any bool)                   { return 0, false }
func (t *Tab) backwardXVectors(dst, x, g []float32) (n int, any bool)              { return 0, false }
func (t *Tab) momentsVectors(sums []Sums, x, g []float32) (n int, any bool)        { return 0, false }
func (l *Lines) forwardVectors(dst, x []float32, note *Odd) (n int, any bool)      { return 0, false }
func (l *Lines) backwardXVectors(dst, x, g []float32, note *Odd) (n int, any bool) { return 0, false }
func (q *Quads) momentsVectors(sums []Quad, x, g []float32, note *Odd) (n int, any bool) {
	return 0, false
}
func pourVectors(sums []Sum, from []Quad) (n int) { return 0 }
