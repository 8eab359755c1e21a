// Package photo is the task of fitting a photograph by a small network from coordinates to
// colours: few inputs, and a wiggly target.
package photo

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"image"
	_ "image/jpeg" // -image may be one
	_ "image/png"
	"math/rand/v2"
	"os"

	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/datasets"
	"github.com/ditac-go/ditac/models/metric"
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

// readPhoto reads the named photograph, china or flower, or a file, and scales its middle
// to size×size. It also returns a hash of what it has read.
func readPhoto(name string, size int) (p *photo, hash string, err error) {
	content := china
	switch name {
	case "", "china":
	case "flower":
		list, err := datasets.Pictures(context.Background(), name, datasets.Options{})
		if err != nil {
			return nil, "", fmt.Errorf("-image: %w", err)
		}
		img := list[0].Image
		return newPhoto(square(img, size)), fmt.Sprintf("%x", sha256.Sum256(img.Pix)), nil
	default:
		if content, err = os.ReadFile(name); err != nil {
			return nil, "", fmt.Errorf("-image: %w", err)
		}
	}
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, "", fmt.Errorf("-image: %s: %w", name, err)
	}
	return newPhoto(square(img, size)), fmt.Sprintf("%x", sha256.Sum256(content)), nil
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

// set returns the pixels as examples.
func (p *photo) set() *data.Set {
	return &data.Set{Name: "photograph", X: p.places, Y: p.colors, XShape: []int{2}, YShape: []int{3}}
}

// ssim returns the structural similarity of colours to the photograph's: the mean of the
// three channels'.
func (p *photo) ssim(colors []float32) (float64, error) {
	plane := func(colors []float32, channel int) []float32 {
		out := make([]float32, p.size*p.size)
		for k := range out {
			out[k] = colors[3*k+channel]
		}
		return out
	}
	sum := 0.
	for channel := range 3 {
		s, err := metric.SSIM(plane(colors, channel), plane(p.colors, channel), p.size, p.size, 1)
		if err != nil {
			return 0, err
		}
		sum += s / 3
	}
	return sum, nil
}
