package segmentation

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// disc is a sprite of one colour: a disc that touches the edges, or all of the square.
func disc(c color.NRGBA, whole bool) sprite {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			if whole || math.Hypot(float64(x)+0.5-side/2, float64(y)+0.5-side/2) < side/2 {
				img.SetNRGBA(x, y, c)
			}
		}
	}
	return sprite{"", img}
}

// TestPut compares the mask of a disc with its area, and the pixels with its colour.
func TestPut(t *testing.T) {
	const n = 64
	s := &stage{size: n}
	red := disc(color.NRGBA{R: 255, A: 255}, false)
	for seed := range uint64(20) {
		x, y := make([]float32, 3*n*n), make([]float32, n*n)
		s.put(rand.New(rand.NewPCG(seed, 0)), red.image, 2, x, y)
		left, right, area := n, 0, 0
		for p, class := range y {
			if class == 0 {
				// What is seen less than half leaves at most half of the colour.
				require.LessOrEqual(t, x[p], float32(0.5))
				continue
			}
			require.Equal(t, float32(2), class)
			require.GreaterOrEqual(t, x[p], float32(0.5))
			require.Zero(t, x[n*n+p])
			left, right, area = min(left, p%n), max(right, p%n), area+1
		}
		d := float64(right - left + 1)
		require.GreaterOrEqual(t, d, math.Floor(minSide*n))
		require.LessOrEqual(t, d, maxSide*n)
		// As many pixels as the disc's area, up to a third of a pixel along the edge, πd.
		require.InDelta(t, math.Pi/4*d*d, area, math.Pi/3*d)
	}
}

// TestCovers: a sprite hides those before it, and is whole in the scene.
func TestCovers(t *testing.T) {
	const n = 16
	s := &stage{size: n}
	square := disc(color.NRGBA{G: 255, A: 255}, true)
	x, y := make([]float32, 3*n*n), make([]float32, n*n)
	for seed := range uint64(200) { // enough to cover all
		s.put(rand.New(rand.NewPCG(seed, 0)), square.image, 1, x, y)
	}
	before := append([]float32(nil), y...)
	require.NotContains(t, before, float32(0))
	s.put(rand.New(rand.NewPCG(1000, 0)), square.image, 3, x, y)
	count := 0
	for p := range y {
		if y[p] == 3 {
			count++
		}
		require.InDelta(t, 1, x[n*n+p], 1e-6)
	}
	side := int(math.Sqrt(float64(count)))
	require.Equal(t, side*side, count)
}

// testCast has two classes with sprites of other colours and shapes.
func testCast() *cast {
	return &cast{
		classes: []string{"disc", "square"},
		sprites: [][]sprite{{disc(color.NRGBA{R: 255, G: 200, A: 255}, false)}, {disc(color.NRGBA{B: 255, A: 255}, true)}},
	}
}

// TestFill: scenes depend on the seed and the step alone, and differ between them.
func TestFill(t *testing.T) {
	const n, batch = 16, 5
	fill := func(seed uint64, step int) (x, y []float32) {
		x, y = make([]float32, batch*3*n*n), make([]float32, batch*n*n)
		for i := range x {
			x[i] = float32(math.NaN()) // what is not painted
		}
		require.NoError(t, (&stage{testCast(), n, seed}).Fill(step, x, y))
		return x, y
	}
	x, y := fill(1, 7)
	again, labels := fill(1, 7)
	require.Equal(t, x, again)
	require.Equal(t, y, labels)
	for _, v := range x {
		require.Less(t, math.Abs(float64(v)), 1+6*noise)
	}
	for _, v := range y {
		require.Contains(t, []float32{0, 1, 2}, v)
	}
	for _, other := range []struct {
		seed uint64
		step int
	}{{1, 8}, {2, 7}} {
		z, _ := fill(other.seed, other.step)
		require.NotEqual(t, x, z)
	}
	require.NotEqual(t, x[:3*n*n], x[3*n*n:6*n*n])
}

// TestSet makes a set that a training takes.
func TestSet(t *testing.T) {
	set, err := (&stage{testCast(), 16, 3}).set(4, "test")
	require.NoError(t, err)
	require.NoError(t, set.Check())
	require.Equal(t, 4, set.Len())
	require.Equal(t, []string{"background", "disc", "square"}, set.Classes)
}

// TestTextures: all patterns stay from 0 to 1, vary, and the lattice has its values at its
// nodes.
func TestTextures(t *testing.T) {
	for k, make := range textures {
		for seed := range uint64(10) {
			f := make(rand.New(rand.NewPCG(seed, 0)))
			lo, hi := 1., 0.
			for i := range 32 * 32 {
				y := f((float64(i%32)+0.5)/32, (float64(i/32)+0.5)/32)
				lo, hi = min(lo, y), max(hi, y)
			}
			require.GreaterOrEqual(t, lo, 0., k)
			require.LessOrEqual(t, hi, 1., k)
			require.Greater(t, hi-lo, 0.3, k)
		}
	}
	l := newLattice(rand.New(rand.NewPCG(1, 1)), 4)
	require.InDelta(t, l.values[2*5+3], l.at(0.75, 0.5), 1e-12)
	require.InDelta(t, (l.values[2*5+3]+l.values[2*5+2])/2, l.at(0.625, 0.5), 1e-12)
}

func TestOverlay(t *testing.T) {
	x := []float32{-1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1} // 2×2 pixels, black and white
	plain := picture(x, 2)
	require.Equal(t, color.NRGBA{A: 255}, plain.At(0, 0))
	require.Equal(t, color.NRGBA{R: 255, G: 255, B: 255, A: 255}, plain.At(1, 0))
	img := overlay(x, []float32{0, 0, 1, 1}, 2)
	require.Equal(t, plain.At(1, 0), img.At(1, 0))
	require.Equal(t, color.NRGBA{R: 0, G: 74, B: 116, A: 255}, img.At(0, 1))   // 0.65·(0, 0x72, 0xb2)
	require.Equal(t, color.NRGBA{R: 89, G: 163, B: 205, A: 255}, img.At(1, 1)) // with 0.35·255 more
	red := overlay([]float32{1, -1, -1}, []float32{0}, 1)
	require.Equal(t, color.NRGBA{R: 76, G: 76, B: 76, A: 255}, red.At(0, 0)) // the luma 0.299·255
}
