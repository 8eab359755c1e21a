package segmentation

import (
	"image"
	"image/color"

	"github.com/ditac-go/ditac/examples/internal/figure"
)

// tint is how much of an overlay is the colour of the class; the rest is the scene in grey.
const tint = 0.65

// overlay returns a scene in grey with the pixels of each class but the background, 0, in
// the class's colour.
func overlay(x, classes []float32, n int) *image.NRGBA {
	img := picture(x, n)
	for p, class := range classes {
		pixel := img.Pix[4*p : 4*p+3]
		grey := color.GrayModel.Convert(color.NRGBA{R: pixel[0], G: pixel[1], B: pixel[2], A: 255}).(color.Gray).Y
		parts := [3]uint8{grey, grey, grey}
		if class != 0 {
			c := color.NRGBAModel.Convert(classColor(int(class))).(color.NRGBA)
			parts = [3]uint8{c.R, c.G, c.B}
		}
		for k, part := range parts {
			pixel[k] = uint8((1-tint)*float64(grey) + tint*float64(part) + 0.5)
		}
	}
	return img
}

// classColor is the colour of a class from 1.
func classColor(class int) color.Color { return figure.Color(class - 1) }
