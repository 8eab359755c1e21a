package plots

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"path/filepath"
	"strings"

	"github.com/ditac-go/ditac/internal/atomicfile"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// dpi of PNG files: fine enough for a screen of high resolution.
const dpi = 120

// The usual size of one plot of a figure.
const (
	Width  = 3.6 * vg.Inch
	Height = 3.0 * vg.Inch
)

// pad is the room around each plot of a figure.
const pad = 12 * vg.Inch / 72

// Figure is a picture that can be written as PNG and SVG. A notebook's cell that ends with
// one shows it.
type Figure struct {
	title         string
	width, height vg.Length
	paint         func(draw.Canvas)
}

// Grid returns the figure of plots in rows; each plot gets width × height. Rows have equal
// lengths, and nil leaves a place empty.
func Grid(title string, width, height vg.Length, rows [][]*plot.Plot) (*Figure, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fmt.Errorf("plots: figure %q: no plots", title)
	}
	if !(width > 0) || !(height > 0) {
		return nil, fmt.Errorf("plots: figure %q: size %v×%v, want more than 0", title, width, height)
	}
	cols := len(rows[0])
	for i, row := range rows {
		if len(row) != cols {
			return nil, fmt.Errorf("plots: figure %q: row %d has %d plots, row 0 has %d", title, i, len(row), cols)
		}
	}
	return &Figure{
		title:  title,
		width:  vg.Length(cols)*(width+pad) + pad,
		height: vg.Length(len(rows))*(height+pad) + pad,
		paint: func(c draw.Canvas) {
			tiles := draw.Tiles{Rows: len(rows), Cols: cols, PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad, PadX: pad, PadY: pad}
			for r, canvases := range plot.Align(rows, tiles, c) {
				for k, canvas := range canvases {
					if rows[r][k] != nil {
						rows[r][k].Draw(canvas)
					}
				}
			}
		},
	}, nil
}

// one is the figure of a row of plots of the usual size.
func one(title string, plots ...*plot.Plot) (*Figure, error) {
	return Grid(title, Width, Height, [][]*plot.Plot{plots})
}

// String returns what a front end without pictures shows.
func (f *Figure) String() string {
	return fmt.Sprintf("Figure(%s, %.3g×%.3g in)", f.title, f.width/vg.Inch, f.height/vg.Inch)
}

// PNG returns the figure as a PNG file, nil if it cannot be drawn; WritePNG says why.
func (f *Figure) PNG() []byte {
	var b bytes.Buffer
	if err := f.WritePNG(&b); err != nil {
		return nil
	}
	return b.Bytes()
}

// Image returns the figure in pixels.
func (f *Figure) Image() (image.Image, error) {
	c, err := f.pixels()
	if err != nil {
		return nil, err
	}
	return c.Image(), nil
}

// WritePNG writes the figure as a PNG file.
func (f *Figure) WritePNG(w io.Writer) error {
	c, err := f.pixels()
	if err != nil {
		return err
	}
	_, err = vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// pixels draws the figure in pixels.
func (f *Figure) pixels() (*vgimg.Canvas, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	c := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(dpi))
	return c, f.drawOn(c)
}

// check reports a Figure that was not made by this package.
func (f *Figure) check() error {
	if f == nil || f.paint == nil {
		return errors.New("plots: a Figure that no function of this package made")
	}
	return nil
}

// WriteSVG writes the figure as an SVG file.
func (f *Figure) WriteSVG(w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	c := vgsvg.New(f.width, f.height)
	if err := f.drawOn(c); err != nil {
		return err
	}
	_, err := c.WriteTo(w)
	return err
}

// drawOn draws the figure. What gonum/plot panics at is an error.
func (f *Figure) drawOn(c vg.CanvasSizer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("plots: figure %q: %v", f.title, r)
		}
	}()
	canvas := draw.New(c)
	canvas.FillPolygon(color.White, []vg.Point{canvas.Min, {X: canvas.Max.X, Y: canvas.Min.Y}, canvas.Max, {X: canvas.Min.X, Y: canvas.Max.Y}})
	f.paint(canvas)
	return nil
}

// Save writes the figure to a file whose name ends in .png or .svg. The file appears when it
// is complete.
func (f *Figure) Save(path string) error {
	write := f.WritePNG
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png":
	case ".svg":
		write = f.WriteSVG
	default:
		return fmt.Errorf("plots: file %q: want a name that ends in .png or .svg", path)
	}
	if err := atomicfile.Write(path, write); err != nil {
		return fmt.Errorf("plots: %w", err)
	}
	return nil
}
