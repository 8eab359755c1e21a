package segmentation

import (
	"image"
	"math/rand/v2"

	"github.com/ditac-go/ditac/models/data"
	"golang.org/x/image/draw"
)

// stage makes scenes: pictures of size×size pixels with one to three sprites on a
// background, and the class of each pixel: 0 for the background, k+1 for sprites of class
// k. It is a data.Source: the scenes of a step follow from the seed and the step alone.
type stage struct {
	cast *cast
	size int
	seed uint64
}

var _ data.Source = (*stage)(nil)

// Fill implements data.Source. x has shape (batch, 3, size, size), y (batch, size, size).
func (s *stage) Fill(step int, x, y []float32) error {
	rng := rand.New(rand.NewPCG(s.seed, uint64(step)))
	pixels := s.size * s.size
	for ; len(y) > 0; x, y = x[3*pixels:], y[pixels:] {
		s.scene(rng, x[:3*pixels], y[:pixels])
	}
	return nil
}

// set returns a number of scenes.
func (s *stage) set(scenes int, name string) (*data.Set, error) {
	pixels := s.size * s.size
	set := &data.Set{
		X: make([]float32, scenes*3*pixels), Y: make([]float32, scenes*pixels),
		XShape: []int{3, s.size, s.size}, YShape: []int{s.size, s.size},
		Classes: append([]string{"background"}, s.cast.classes...), Name: name,
	}
	if err := s.Fill(0, set.X, set.Y); err != nil {
		return nil, err
	}
	return set, nil
}

const (
	// maxSprites is the most sprites of a scene.
	maxSprites = 3
	// The sides of sprites in sides of the scene.
	minSide, maxSide = 0.35, 0.7
	// noise is the standard deviation of what is added to all pixels, which go from −1 to
	// 1.
	noise = 0.04
	// opaque is the least opacity of 255 of a pixel that belongs to a sprite: a half.
	opaque = 128
)

// scene makes one scene. Pixels go from −1 to 1.
func (s *stage) scene(rng *rand.Rand, x, y []float32) {
	background(rng, x, s.size)
	clear(y)
	for range 1 + rng.IntN(maxSprites) {
		class := rng.IntN(len(s.cast.sprites))
		list := s.cast.sprites[class]
		s.put(rng, list[rng.IntN(len(list))].image, float32(class+1), x, y)
	}
	for i, v := range x {
		x[i] = 2*v - 1 + float32(noise*rng.NormFloat64())
	}
}

// put lays a sprite over a scene, whole, of a random size, at a random place, and as often
// as not mirrored. Where at least half of what is seen is the sprite, the pixel is of its
// class.
func (s *stage) put(rng *rand.Rand, picture image.Image, class float32, x, y []float32) {
	n := s.size
	side := max(1, int(float64(n)*(minSide+(maxSide-minSide)*rng.Float64())))
	left, top := rng.IntN(n-side+1), rng.IntN(n-side+1)
	mirrored := rng.IntN(2) == 1
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.BiLinear.Scale(small, small.Rect, picture, picture.Bounds(), draw.Src, nil)
	for row := range side {
		for column := range side {
			from := column
			if mirrored {
				from = side - 1 - column
			}
			c := small.Pix[small.PixOffset(from, row):][:4] // premultiplied by the opacity
			at := (top+row)*n + left + column
			through := 1 - float32(c[3])/255
			for k := range 3 {
				x[k*n*n+at] = float32(c[k])/255 + through*x[k*n*n+at]
			}
			if c[3] >= opaque {
				y[at] = class
			}
		}
	}
}

// picture returns a scene as a picture of red, green and blue.
func picture(x []float32, n int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, n, n))
	for p := range n * n {
		for k := range 3 {
			img.Pix[4*p+k] = uint8(255*clamp(float64(x[k*n*n+p]+1)/2) + 0.5)
		}
		img.Pix[4*p+3] = 255
	}
	return img
}
