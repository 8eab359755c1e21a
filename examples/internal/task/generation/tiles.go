package generation

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// tiles lays images of size×size pixels and 1 or 3 channels, whose numbers are −1 to 1,
// out in rows of the given number, one pixel apart.
func tiles(x []float32, channels, size, perRow int) *image.NRGBA {
	n := len(x) / (channels * size * size)
	rows, step := (n+perRow-1)/perRow, size+1
	img := image.NewNRGBA(image.Rect(0, 0, perRow*step-1, rows*step-1))
	draw.Draw(img, img.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	for i := range n {
		for p := range size * size {
			at := i*channels*size*size + p
			c := color.NRGBA{R: level(x[at]), A: 0xff}
			c.G, c.B = c.R, c.R
			if channels == 3 {
				c.G, c.B = level(x[at+size*size]), level(x[at+2*size*size])
			}
			img.SetNRGBA(i%perRow*step+p%size, i/perRow*step+p/size, c)
		}
	}
	return img
}

// level takes −1 to 1 to 0 to 255.
func level(v float32) uint8 {
	return uint8(math.Round(255 * float64(min(max((v+1)/2, 0), 1))))
}
