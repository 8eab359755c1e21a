package figure1

import (
	"math"
	"math/rand/v2"
)

// The target of the paper's Figure 1, read from the authors' code:
// f(x) = Σ_k amplitudes[k]·sin(frequencies[k]·x).
var (
	frequencies = [6][2]float64{{9, -7}, {-9, 11}, {3, 13}, {9, 9}, {13, 5}, {3, 19}}
	amplitudes  = [6]float64{.4, .1, .15, .15, .1, .1}
)

// target returns f(x1, x2).
func target(x1, x2 float64) float64 {
	sum := 0.0
	for k, a := range frequencies {
		sum += amplitudes[k] * math.Sin(a[0]*x1+a[1]*x2)
	}
	return sum
}

// GridSize is the number of points along each axis of the grid on [−1,1]² on
// which a network is scored.
const GridSize = 201

// Grid returns the points of the grid, (x1, x2) one after the other
// with x1 running fastest, and the target's values there.
func Grid() (points []float32, values []float64) {
	at := func(i int) float64 { return -1 + 2*float64(i)/(GridSize-1) }
	for j := range GridSize {
		for i := range GridSize {
			points = append(points, float32(at(i)), float32(at(j)))
			values = append(values, target(at(i), at(j)))
		}
	}
	return points, values
}

// sampler draws fresh training points, uniform on [−1,1]².
type sampler struct{ rng *rand.Rand }

// newSampler returns a sampler whose stream of random numbers is apart from that
// of the initial weights of the same seed.
func newSampler(seed uint64) sampler { return sampler{rand.New(rand.NewPCG(seed, 1))} }

// fill draws points into x and the target's values there into y.
func (s sampler) fill(x, y []float32) {
	for i := range y {
		x1, x2 := 2*s.rng.Float64()-1, 2*s.rng.Float64()-1
		x[2*i], x[2*i+1] = float32(x1), float32(x2)
		y[i] = float32(target(x1, x2))
	}
}
