package segmentation

import (
	"image"
	"image/color"

	"github.com/ditac-go/ditac/examples/internal/figure"
)

// tint is how much of an overlay is the colour of the class.
const tint = 0.6

// overlay returns a scene with the pixels of each class but the background, 0, in the
// class's colour.
func overlay(x, classes []float32, n int) *image.NRGBA {
	img := picture(x, n)
	for p, class := range classes {
		if class == 0 {
			continue
		}
		c := color.NRGBAModel.Convert(classColor(int(class))).(color.NRGBA)
		for k, part := range []uint8{c.R, c.G, c.B} {
			v := &img.Pix[4*p+k]
			*v = uint8((1-tint)*float64(*v) + tint*float64(part) + 0.5)
		}
	}
	return img
}

// classColor is the colour of a class from 1.
func classColor(class int) color.Color { return figure.Color(class - 1) }
