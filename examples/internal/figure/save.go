package figure

import (
	"fmt"
	"image/color"
	"io"

	"github.com/ditac-go/ditac/internal/atomicfile"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// dpi of the pictures: fine enough for a screen of high resolution.
const dpi = 120

// Colors tell lines apart, also for most colour-blind eyes (the palette of Okabe
// and Ito, "Color Universal Design", 2008).
var Colors = []color.Color{
	color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff},
	color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff},
	color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff},
	color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},
	color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff},
	color.RGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff},
	color.RGBA{R: 0x7f, G: 0x7f, B: 0x7f, A: 0xff},
	color.RGBA{R: 0x00, G: 0x00, B: 0x00, A: 0xff},
}

// Color returns the colour of the i-th line.
func Color(i int) color.Color { return Colors[i%len(Colors)] }

// Save writes a grid of plots to a PNG file; each plot gets width × height. The
// plots are a rectangle of rows in which nil leaves a place empty. The file
// appears when it is complete.
func Save(path string, width, height vg.Length, plots [][]*plot.Plot) error {
	const pad = 12 * vg.Inch / 72
	rows, cols := len(plots), len(plots[0])
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(cols)*(width+pad)+pad, vg.Length(rows)*(height+pad)+pad), vgimg.UseDPI(dpi))
	tiles := draw.Tiles{Rows: rows, Cols: cols, PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad, PadX: pad, PadY: pad}
	for r, canvases := range plot.Align(plots, tiles, draw.New(c)) {
		for k, canvas := range canvases {
			if plots[r][k] != nil {
				plots[r][k].Draw(canvas)
			}
		}
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("figure: %w", err)
	}
	return nil
}

// Size is the usual size of a plot.
const (
	Width  = 3.6 * vg.Inch
	Height = 3.0 * vg.Inch
)
