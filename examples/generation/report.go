package main

import (
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"slices"
	"strconv"

	"github.com/ditac-go/ditac/examples/internal/figure"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task/generation"
	"github.com/ditac-go/ditac/internal/atomicfile"
	scale "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot"
)

const photosPerRow = 4

// saveSamples draws images that are held out, and those of each activation's generator of
// median score.
func saveSamples(path string, t *generation.Task, res *sweep.Results) error {
	photos := []figure.Photo{{Title: "held out", Image: t.Real()}}
	for _, a := range res.Grid.Activations {
		if o := res.Typical(a); o != nil {
			photos = append(photos, figure.Photo{Title: fmt.Sprintf("%s: %.1f", a, o.Scores[0]), Image: t.Generated(o)})
		}
	}
	if len(photos) == 1 {
		return sweep.ErrNothing
	}
	var plots [][]*plot.Plot
	for row := range slices.Chunk(photos, photosPerRow) {
		line := make([]*plot.Plot, min(photosPerRow, len(photos)))
		for i, photo := range row {
			line[i] = photo.Plot()
		}
		plots = append(plots, line)
	}
	return figure.Save(path, figure.PhotoSize, figure.PhotoSize, plots)
}

// row is an activation's generator of median score over time.
type row struct {
	name   string
	frames []generation.Frame
}

func rows(t *generation.Task, res *sweep.Results) []row {
	var list []row
	for _, a := range res.Grid.Activations {
		if o := res.Typical(a); o != nil {
			if frames := t.Frames(o, res.Grid.Steps); len(frames) > 0 {
				list = append(list, row{a, frames})
			}
		}
	}
	return list
}

// framePixels is what a frame is enlarged to, so that its pixels stay sharp.
const framePixels = 160

// cell returns a frame with its label, which is as long for each of all steps.
func (r row) cell(f generation.Frame, steps int) cell {
	b := f.Image.Bounds()
	factor := max(1, framePixels/max(b.Dx(), b.Dy()))
	large := image.NewNRGBA(image.Rect(0, 0, factor*b.Dx(), factor*b.Dy()))
	scale.NearestNeighbor.Scale(large, large.Bounds(), f.Image, b, scale.Src, nil)
	return cell{fmt.Sprintf("%s, step %*d", r.name, len(strconv.Itoa(steps)), f.Step), large}
}

// saveTime draws what the generators make of the same inputs, over time from left to
// right.
func saveTime(path string, t *generation.Task, res *sweep.Results) error {
	list := rows(t, res)
	if len(list) == 0 {
		return sweep.ErrNothing
	}
	var cells [][]cell
	for _, r := range list {
		var line []cell
		for _, f := range r.frames {
			line = append(line, r.cell(f, res.Grid.Steps))
		}
		cells = append(cells, line)
	}
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, sheet(cells)) })
}

// Times of the animation, in hundredths of a second.
const (
	frameTime = 60
	lastTime  = 300
)

// saveAnimation is saveTime as an animated picture, the activations side by side.
func saveAnimation(path string, t *generation.Task, res *sweep.Results) error {
	list := rows(t, res)
	if len(list) == 0 {
		return sweep.ErrNothing
	}
	movie := &gif.GIF{}
	for k := range list[0].frames {
		var line []cell
		for _, r := range list {
			line = append(line, r.cell(r.frames[k], res.Grid.Steps))
		}
		picture := sheet([][]cell{line})
		frame := image.NewPaletted(picture.Bounds(), colors(picture))
		draw.FloydSteinberg.Draw(frame, frame.Rect, picture, image.Point{})
		movie.Image, movie.Delay = append(movie.Image, frame), append(movie.Delay, frameTime)
	}
	movie.Delay[len(movie.Delay)-1] = lastTime
	return atomicfile.Write(path, func(w io.Writer) error { return gif.EncodeAll(w, movie) })
}

// colors returns a palette for a picture: 256 greys if it has no other colours.
func colors(img *image.NRGBA) color.Palette {
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] != img.Pix[i+1] || img.Pix[i] != img.Pix[i+2] {
			return palette.Plan9
		}
	}
	var greys color.Palette
	for v := range 256 {
		greys = append(greys, color.Gray{Y: uint8(v)})
	}
	return greys
}

// cell is a picture of a sheet and what is written above it.
type cell struct {
	label string
	image image.Image
}

// Sizes of a sheet in pixels.
const (
	labelHeight = 16
	gap         = 8
)

// sheet lays pictures of one size out in rows.
func sheet(rows [][]cell) *image.NRGBA {
	face := basicfont.Face7x13
	columns, size, width := 0, image.Point{}, 0
	for _, row := range rows {
		columns = max(columns, len(row))
		for _, c := range row {
			size = c.image.Bounds().Size()
			width = max(width, size.X, font.MeasureString(face, c.label).Ceil())
		}
	}
	step := image.Pt(width+gap, size.Y+labelHeight+gap)
	img := image.NewNRGBA(image.Rect(0, 0, columns*step.X+gap, len(rows)*step.Y+gap))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	for r, row := range rows {
		for c, cell := range row {
			at := image.Pt(gap+c*step.X, gap+r*step.Y)
			pen := font.Drawer{Dst: img, Src: image.Black, Face: face, Dot: fixed.P(at.X, at.Y+face.Ascent)}
			pen.DrawString(cell.label)
			b := cell.image.Bounds()
			draw.Draw(img, b.Sub(b.Min).Add(at.Add(image.Pt(0, labelHeight))), cell.image, b.Min, draw.Src)
		}
	}
	return img
}

// saveJudge writes what the classifier says of real images, which scores are to be
// compared with.
func saveJudge(path string, t *generation.Task, res *sweep.Results) error {
	for _, a := range res.Grid.Activations {
		o := res.Typical(a)
		if o == nil {
			continue
		}
		ref, err := t.Reference(o)
		if err != nil {
			return err
		}
		return atomicfile.Write(path, func(w io.Writer) error {
			fmt.Fprintf(w, "The classifier is right on %.1f %% of the images that are held out.\n\n", 100*ref.Accuracy)
			fmt.Fprint(w, "| images | Fréchet distance | effective classes | confidence % |\n|---|---:|---:|---:|\n")
			for _, v := range []struct {
				name string
				generation.Verdict
			}{{"those that are trained on", ref.Real}, {"noise: the pixels in a random order", ref.Noise}} {
				if _, err := fmt.Fprintf(w, "| %s | %.2f | %.2f | %.2f |\n", v.name, v.Distance, v.Classes, 100*v.Confidence); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return sweep.ErrNothing
}
