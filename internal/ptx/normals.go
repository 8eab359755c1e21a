package ptx

import (
	"math"
	"sync"
)

// Normals are Φ and Φ′ at the nodes k/64 − 8, which the kernels want and no one changes.
func Normals() []float64 { return normals() }

var normals = sync.OnceValue(func() []float64 {
	const reach, nodes = 8, 64
	var t []float64
	for k := range 2*reach*nodes + 1 {
		x := float64(k)/nodes - reach
		t = append(t, math.Erfc(-x/math.Sqrt2)/2, math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
	}
	return t
})

// Normals32 are Normals for kernels on float32.
func Normals32() []float32 { return normals32() }

var normals32 = sync.OnceValue(func() []float32 {
	var t []float32
	for _, x := range Normals() {
		t = append(t, float32(x))
	}
	return t
})
