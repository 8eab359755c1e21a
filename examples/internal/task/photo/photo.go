// Package photo is the task of fitting a photograph by a small network from coordinates to
// colours: few inputs, and a wiggly target.
package photo

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"image"
	_ "image/jpeg" // -image may be one
	_ "image/png"
	"math/rand/v2"
	"os"

	"golang.org/x/image/draw"
)

// china is the middle of "China" by danielbuechele (Flickr), CC BY 2.0, scaled to
// 96×96; see README.md.
//
//go:embed china.png
var china []byte

// photo is a square photograph as numbers.
type photo struct {
	size   int
	places []float32 // (x, y) of each pixel on [−1,1]², row by row
	colors []float32 // (r, g, b) of each, from 0 to 1
}

// readPhoto reads a file, or the photograph that comes with the program if path is
// empty, and scales its middle to size×size. It also returns the hash of the file.
func readPhoto(path string, size int) (p *photo, hash string, err error) {
	data := china
	if path != "" {
		if data, err = os.ReadFile(path); err != nil {
			return nil, "", fmt.Errorf("-image: %w", err)
		}
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", fmt.Errorf("-image: %s: %w", path, err)
	}
	return newPhoto(square(img, size)), fmt.Sprintf("%x", sha256.Sum256(data)), nil
}

// square scales the middle of a picture to size×size pixels.
func square(img image.Image, size int) *image.NRGBA {
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	out := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(out, out.Bounds(), img, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}, draw.Src, nil)
	return out
}

func newPhoto(img *image.NRGBA) *photo {
	n := img.Bounds().Dx()
	p := &photo{size: n}
	at := func(k int) float32 { return -1 + 2*float32(k)/float32(n-1) }
	for y := range n {
		for x := range n {
			c := img.NRGBAAt(x, y)
			p.places = append(p.places, at(x), at(y))
			p.colors = append(p.colors, float32(c.R)/255, float32(c.G)/255, float32(c.B)/255)
		}
	}
	return p
}

// picture returns colours from 0 to 1 as a picture; what is beyond is cut off.
func (p *photo) picture(colors []float32) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, p.size, p.size))
	for k := range p.size * p.size {
		for channel := range 3 {
			img.Pix[4*k+channel] = uint8(255*min(max(colors[3*k+channel], 0), 1) + 0.5)
		}
		img.Pix[4*k+3] = 255
	}
	return img
}

// split returns the pixels to train on and those that are held out.
func (p *photo) split(hold float64, seed uint64) (train, held []int) {
	order := rand.New(rand.NewPCG(seed, 2)).Perm(p.size * p.size)
	n := int(hold * float64(len(order)))
	return order[n:], order[:n]
}

// sampler fills batches with pixels drawn at random from some.
type sampler struct {
	photo *photo
	from  []int
	rng   *rand.Rand
}

func (s sampler) fill(x, y []float32) {
	for i := range len(x) / 2 {
		k := s.from[s.rng.IntN(len(s.from))]
		copy(x[2*i:2*i+2], s.photo.places[2*k:])
		copy(y[3*i:3*i+3], s.photo.colors[3*k:])
	}
}
