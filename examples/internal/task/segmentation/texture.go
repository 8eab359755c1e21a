package segmentation

import (
	"math"
	"math/rand/v2"
)

// texture is a pattern of two colours: how much of the second one is at a place of the
// unit square, from 0 to 1.
type texture func(u, v float64) float64

// textures make the patterns of backgrounds.
var textures = []func(*rand.Rand) texture{gradient, stripes, checks, clouds}

// gradient goes from one colour to the other in a random direction.
func gradient(rng *rand.Rand) texture {
	s, c := math.Sincos(2 * math.Pi * rng.Float64())
	return func(u, v float64) float64 { return clamp(0.5 + c*(u-0.5) + s*(v-0.5)) }
}

// stripes are waves of 2 to 6 periods in a random direction, half of them with sharp
// edges.
func stripes(rng *rand.Rand) texture {
	s, c := math.Sincos(2 * math.Pi * rng.Float64())
	waves, phase, sharp := 2+4*rng.Float64(), 2*math.Pi*rng.Float64(), rng.IntN(2) == 1
	return func(u, v float64) float64 {
		y := math.Sin(2*math.Pi*waves*(c*u+s*v) + phase)
		if sharp {
			y = 10 * y
		}
		return clamp(0.5 + 0.5*y)
	}
}

// checks are a board of 3 to 8 squares a side.
func checks(rng *rand.Rand) texture {
	n, du, dv := 3+5*rng.Float64(), rng.Float64(), rng.Float64()
	return func(u, v float64) float64 {
		return float64((int(n*u+du) + int(n*v+dv)) % 2)
	}
}

// clouds are value noise of two octaves: random values at the nodes of a grid of 4 cells a
// side, and half as large ones at those of 8, with smooth values between.
func clouds(rng *rand.Rand) texture {
	coarse, fine := newLattice(rng, 4), newLattice(rng, 8)
	return func(u, v float64) float64 { return (2*coarse.at(u, v) + fine.at(u, v)) / 3 }
}

// lattice has random values at the nodes of a square grid.
type lattice struct {
	cells  int
	values []float64
}

func newLattice(rng *rand.Rand, cells int) *lattice {
	l := &lattice{cells, make([]float64, (cells+1)*(cells+1))}
	for i := range l.values {
		l.values[i] = rng.Float64()
	}
	return l
}

// at interpolates the values smoothly for u and v in [0,1).
func (l *lattice) at(u, v float64) float64 {
	i, u := math.Modf(u * float64(l.cells))
	j, v := math.Modf(v * float64(l.cells))
	u, v = u*u*(3-2*u), v*v*(3-2*v)
	k := int(j)*(l.cells+1) + int(i)
	top := l.values[k]*(1-u) + l.values[k+1]*u
	k += l.cells + 1
	bottom := l.values[k]*(1-u) + l.values[k+1]*u
	return top*(1-v) + bottom*v
}

func clamp(x float64) float64 { return min(max(x, 0), 1) }

// rgb is a colour, each part from 0 to 1.
type rgb [3]float64

func randomColor(rng *rand.Rand) rgb { return rgb{rng.Float64(), rng.Float64(), rng.Float64()} }

// mix returns the colour that is a part of the way from c to d.
func (c rgb) mix(d rgb, part float64) rgb {
	for k := range c {
		c[k] += part * (d[k] - c[k])
	}
	return c
}

// shape reports whether a place belongs to it.
type shape func(u, v float64) bool

// randomShape is a disc or a rectangle with sides from a fifth to three fifths of the
// picture: without more, a smooth patch that stands out is no object.
func randomShape(rng *rand.Rand) shape {
	cu, cv := rng.Float64(), rng.Float64()
	ru, rv := 0.1+0.2*rng.Float64(), 0.1+0.2*rng.Float64()
	if rng.IntN(2) == 0 {
		return func(u, v float64) bool { return math.Hypot(u-cu, v-cv) < ru }
	}
	return func(u, v float64) bool { return math.Abs(u-cu) < ru && math.Abs(v-cv) < rv }
}

// maxShapes is the most shapes of a background.
const maxShapes = 3

// background paints a picture of n×n pixels of 3 channels: a texture of two random
// colours, and shapes of one colour each over it.
func background(rng *rand.Rand, x []float32, n int) {
	pattern := textures[rng.IntN(len(textures))](rng)
	from, to := randomColor(rng), randomColor(rng)
	shapes := make([]shape, rng.IntN(maxShapes+1))
	colors := make([]rgb, len(shapes))
	for i := range shapes {
		shapes[i], colors[i] = randomShape(rng), randomColor(rng)
	}
	for p := range n * n {
		u, v := (float64(p%n)+0.5)/float64(n), (float64(p/n)+0.5)/float64(n)
		c := from.mix(to, pattern(u, v))
		for i, inside := range shapes {
			if inside(u, v) {
				c = colors[i]
			}
		}
		for k := range c {
			x[k*n*n+p] = float32(c[k])
		}
	}
}
