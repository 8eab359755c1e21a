package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
)

// lineColors tell lines apart, also for most colour-blind eyes (the palette of Okabe and
// Ito, "Color Universal Design", 2008, the yellow left out, which is lost on white).
var lineColors = []color.RGBA{
	{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}, // blue
	{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}, // vermilion
	{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}, // green
	{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff}, // purple
	{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff}, // orange
	{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff}, // sky blue
	{R: 0x7f, G: 0x7f, B: 0x7f, A: 0xff}, // grey
	{R: 0x00, G: 0x00, B: 0x00, A: 0xff}, // black
}

// Color returns the colour of the i-th line; after eight they repeat.
func Color(i int) color.Color {
	n := len(lineColors)
	return lineColors[(i%n+n)%n]
}

// The places of lineColors that mean something in this package.
const (
	startColor   = 4
	learnedColor = 1
	fieldColor   = 2
	insideColor  = 5
	outsideColor = 1
)

var (
	gridColor   = color.Gray{Y: 0xe4}
	domainColor = color.Gray{Y: 0x60}
	paleInside  = color.RGBA{R: 0xcf, G: 0xe3, B: 0xf2, A: 0xff}
	paleOutside = color.RGBA{R: 0xf4, G: 0xd3, B: 0xbd, A: 0xff}
	nothing     = color.Gray{Y: 0xb0} // of a heat map's places without a number
)

// shades is the number of colours of a heat map.
const shades = 255

// diverging is from blue by white to red (Moreland, "Diverging Color Maps for Scientific
// Visualization", 2009), for numbers of either sign.
func diverging() palette.Palette {
	m := moreland.SmoothBlueRed()
	m.SetMin(0)
	m.SetMax(1)
	return m.Palette(shades)
}

// sequential is from near white to dark blue, of one hue and falling lightness, for
// numbers that begin at 0.
func sequential() palette.Palette {
	return ramp{{0xf7, 0xfb, 0xff, 0xff}, {0x9e, 0xca, 0xe1, 0xff}, {0x42, 0x92, 0xc6, 0xff}, {0x08, 0x30, 0x6b, 0xff}}
}

// ramp is a palette through equally spaced colours.
type ramp []color.RGBA

// Colors implements palette.Palette.
func (r ramp) Colors() []color.Color {
	colors := make([]color.Color, shades)
	for i := range colors {
		at := float64(i) / (shades - 1) * float64(len(r)-1)
		k := min(int(at), len(r)-2)
		part := at - float64(k)
		mix := func(a, b uint8) uint8 {
			return uint8(math.Round(float64(a) + part*(float64(b)-float64(a))))
		}
		a, b := r[k], r[k+1]
		colors[i] = color.RGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xff}
	}
	return colors
}
