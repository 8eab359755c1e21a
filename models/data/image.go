package data

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // formats that are read
	_ "image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
)

// ImageOptions says how pictures become numbers.
type ImageOptions struct {
	// Size is the side in pixels to which the middle square of a picture is scaled
	// (Catmull-Rom). 0 leaves pictures as they are.
	Size int
	// Gray gives one channel, the luma 0.299 R + 0.587 G + 0.114 B of Rec. 601, instead
	// of red, green and blue.
	Gray bool
	// Alpha keeps the opacity as one more channel. Without it, pictures are laid over
	// white.
	Alpha bool
}

// Channels returns the number of channels of pictures with these options.
func (o ImageOptions) Channels() int {
	n := 3
	if o.Gray {
		n = 1
	}
	if o.Alpha {
		n++
	}
	return n
}

// Bounds of pictures: pixels of a file, the side to scale to.
const (
	maxPixels = 1 << 27
	maxSide   = 1 << 13
)

func (o ImageOptions) check() error {
	if o.Size < 0 || o.Size > maxSide {
		return fmt.Errorf("Size is %d, want 1 to %d, or 0 for that of the picture", o.Size, maxSide)
	}
	return nil
}

// ReadImage reads a PNG or JPEG file as numbers from 0 to 1 of the shape (channels,
// height, width).
func ReadImage(path string, opts ImageOptions) (x []float32, shape []int, err error) {
	if err := opts.check(); err != nil {
		return nil, nil, fmt.Errorf("data: ReadImage: %w", err)
	}
	img, err := decodeFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("data: ReadImage %s: %w", path, err)
	}
	x, shape = numbers(img, opts)
	return x, shape, nil
}

// FromImage returns a picture as ReadImage does.
func FromImage(img image.Image, opts ImageOptions) (x []float32, shape []int, err error) {
	if err := opts.check(); err != nil {
		return nil, nil, fmt.Errorf("data: FromImage: %w", err)
	}
	if img == nil || img.Bounds().Empty() {
		return nil, nil, fmt.Errorf("data: FromImage: the picture is nil or empty")
	}
	x, shape = numbers(img, opts)
	return x, shape, nil
}

func decodeFile(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	return decode(bufio.NewReader(f))
}

// decode reads a picture, whose header is read first so that one of absurd size is
// refused before there is memory for it.
func decode(r io.Reader) (image.Image, error) {
	var head bytes.Buffer
	c, _, err := image.DecodeConfig(io.TeeReader(r, &head))
	if err != nil {
		return nil, fmt.Errorf("no PNG or JPEG: %w", err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPixels/c.Height {
		return nil, fmt.Errorf("%d×%d pixels, want at least one and at most %d", c.Width, c.Height, maxPixels)
	}
	img, _, err := image.Decode(io.MultiReader(&head, r))
	if err != nil {
		return nil, truncated(err)
	}
	return img, nil
}

// numbers returns the picture's numbers and their shape.
func numbers(img image.Image, opts ImageOptions) ([]float32, []int) {
	p := square(img, opts.Size)
	size := p.Rect.Size()
	n := size.X * size.Y
	x := make([]float32, opts.Channels()*n)
	for i := range n {
		c := p.Pix[4*i : 4*i+4] // premultiplied by the opacity, row by row without gaps
		pixel := over(c)
		if opts.Alpha {
			pixel = straight(c)
		}
		channels := pixel[:3]
		if opts.Gray {
			channels = []float32{0.299*pixel[0] + 0.587*pixel[1] + 0.114*pixel[2]}
		}
		for k, v := range channels {
			x[k*n+i] = v
		}
		if opts.Alpha {
			x[len(channels)*n+i] = float32(c[3]) / 255
		}
	}
	return x, []int{opts.Channels(), size.Y, size.X}
}

// over lays a premultiplied pixel over white.
func over(c []uint8) (pixel [3]float32) {
	for k := range pixel {
		pixel[k] = float32(int(c[k])+255-int(c[3])) / 255
	}
	return pixel
}

// straight divides a premultiplied pixel by its opacity. What cannot be seen is black.
func straight(c []uint8) (pixel [3]float32) {
	if c[3] == 0 {
		return pixel
	}
	for k := range pixel {
		pixel[k] = float32(c[k]) / float32(c[3])
	}
	return pixel
}

// square scales the middle square of a picture to size×size pixels; 0 copies it.
func square(img image.Image, size int) *image.RGBA {
	b := img.Bounds()
	if size == 0 {
		out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(out, out.Rect, img, b.Min, draw.Src)
		return out
	}
	side := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	middle := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(out, out.Rect, img, middle, draw.Src, nil)
	return out
}

// ToImage returns numbers from 0 to 1 of the shape (channels, height, width) as a
// picture: of one channel in grey, of three in colour, of two and four with opacity.
// Numbers beyond [0,1] are cut off, NaN is 0.
func ToImage(x []float32, shape []int) (image.Image, error) {
	if len(shape) != 3 || checkShape(shape) != nil || len(x) != Size(shape) || shape[0] > 4 {
		return nil, fmt.Errorf("data: ToImage: %d numbers of the shape %v, want (channels, height, width) with 1 to 4 channels", len(x), shape)
	}
	w, n := shape[2], shape[1]*shape[2]
	img := image.NewNRGBA(image.Rect(0, 0, w, shape[1]))
	for i := range n {
		at := func(k int) uint8 {
			v := x[k*n+i]
			if !(v > 0) {
				return 0
			}
			return uint8(min(v, 1)*255 + 0.5)
		}
		c := color.NRGBA{A: 255}
		if shape[0] < 3 {
			c.R, c.G, c.B = at(0), at(0), at(0)
		} else {
			c.R, c.G, c.B = at(0), at(1), at(2)
		}
		if shape[0]%2 == 0 {
			c.A = at(shape[0] - 1)
		}
		img.SetNRGBA(i%w, i/w, c)
	}
	return img, nil
}

// Coordinates returns a picture of the shape (channels, height, width) as the set of
// its pixels, row by row: from the place (x, y), both from −1 to 1, x to the right and y
// down, to the channels.
func Coordinates(picture []float32, shape []int, name string) (*Set, error) {
	if len(shape) != 3 || checkShape(shape) != nil || len(picture) != Size(shape) {
		return nil, fmt.Errorf("data: Coordinates: %d numbers of the shape %v, want (channels, height, width)", len(picture), shape)
	}
	channels, h, w := shape[0], shape[1], shape[2]
	s := &Set{XShape: []int{2}, YShape: []int{channels}, Inputs: []string{"x", "y"}, Name: name}
	for i := range h * w {
		s.X = append(s.X, place(i%w, w), place(i/w, h))
		for k := range channels {
			s.Y = append(s.Y, picture[k*h*w+i])
		}
	}
	return s, s.Check()
}

// place returns the k-th of n places from −1 to 1; a single one is 0.
func place(k, n int) float32 {
	if n == 1 {
		return 0
	}
	return -1 + 2*float32(k)/float32(n-1)
}
