package plots

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"io"
	"slices"

	"github.com/ditac-go/ditac/internal/atomicfile"
	"gonum.org/v1/plot"
)

// Of an animation: the number of frames, their time in 1/100 s, and that of the last one.
const (
	maxFrames = 40
	frameTime = 12
	lastTime  = 200
)

// Animation is a moving picture.
type Animation struct {
	title string
	gif   []byte
}

// Animate returns the animation of activations during training: a frame for each of up to 40
// snapshots, with the curve of each activation and in dashes its start. All histories have the
// same steps, as those of a Recorder do.
func Animate(title string, histories []History) (*Animation, error) {
	if len(histories) == 0 {
		return nil, fmt.Errorf("plots: Animate: %s: no histories", title)
	}
	n := len(histories[0].Snapshots)
	for _, h := range histories {
		if err := h.check(); err != nil {
			return nil, fmt.Errorf("plots: Animate: %s: %s: %w", title, h.Name, err)
		}
		if len(h.Snapshots) != n {
			return nil, fmt.Errorf("plots: Animate: %s: %s has %d snapshots, %s has %d", title, h.Name, len(h.Snapshots), histories[0].Name, n)
		}
	}
	// The axes are the same in all frames: those that all curves together need.
	frames := min(n, maxFrames)
	var pictures []*image.RGBA
	var lo, hi []float64
	for pass := range 2 {
		for f := range frames {
			at := f * (n - 1) / max(frames-1, 1)
			plots := make([]*plot.Plot, len(histories))
			for i, h := range histories {
				layer := Layer{Name: fmt.Sprintf("%s, step %d", h.Name, h.Snapshots[at].Step), Now: h.Snapshots[at].Curve, Start: h.Snapshots[0].Curve}
				p, err := layer.panel()
				if err != nil {
					return nil, fmt.Errorf("plots: Animate: %s: %w", title, err)
				}
				if pass == 0 {
					if f == 0 {
						lo, hi = append(lo, p.Y.Min), append(hi, p.Y.Max)
					}
					lo[i], hi[i] = min(lo[i], p.Y.Min), max(hi[i], p.Y.Max)
					continue
				}
				p.Y.Min, p.Y.Max = lo[i], hi[i]
				plots[i] = p
			}
			if pass == 0 {
				continue
			}
			figure, err := Grid(title, 0.7*Width, 0.7*Height, inRows(plots, sheetColumns))
			if err != nil {
				return nil, err
			}
			img, err := figure.Image()
			if err != nil {
				return nil, err
			}
			rgba := image.NewRGBA(img.Bounds())
			draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
			pictures = append(pictures, rgba)
		}
	}
	return encode(title, pictures)
}

// encode writes frames with the colours that are the most frequent in them.
func encode(title string, frames []*image.RGBA) (*Animation, error) {
	colors := frequent(frames)
	g := &gif.GIF{}
	known := map[color.RGBA]uint8{}
	for i, f := range frames {
		p := image.NewPaletted(f.Rect, colors)
		for k := range p.Pix {
			c := color.RGBA{f.Pix[4*k], f.Pix[4*k+1], f.Pix[4*k+2], 0xff}
			index, ok := known[c]
			if !ok {
				index = uint8(colors.Index(c))
				known[c] = index
			}
			p.Pix[k] = index
		}
		delay := frameTime
		if i == len(frames)-1 {
			delay = lastTime
		}
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, delay)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		return nil, fmt.Errorf("plots: Animate: %s: %w", title, err)
	}
	return &Animation{title, b.Bytes()}, nil
}

// frequent returns up to 256 colours.
func frequent(frames []*image.RGBA) color.Palette {
	counts := map[color.RGBA]int{}
	for _, f := range frames {
		for k := 0; k < len(f.Pix); k += 4 {
			counts[color.RGBA{f.Pix[k], f.Pix[k+1], f.Pix[k+2], 0xff}]++
		}
	}
	all := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	number := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(number(a), number(b)))
	})
	palette := make(color.Palette, min(len(all), 256))
	for i := range palette {
		palette[i] = all[i]
	}
	return palette
}

// GIF returns the animation as a GIF file.
func (a *Animation) GIF() []byte { return a.gif }

// HTML returns an element that shows the animation; gophernotes shows it in a cell.
func (a *Animation) HTML() string {
	return `<img src="data:image/gif;base64,` + base64.StdEncoding.EncodeToString(a.gif) + `"/>`
}

// String returns what a front end without pictures shows.
func (a *Animation) String() string {
	return fmt.Sprintf("Animation(%s, %d kB)", a.title, (len(a.gif)+500)/1000)
}

// Save writes the animation to a GIF file, which appears when it is complete.
func (a *Animation) Save(path string) error {
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(a.gif)
		return err
	})
	if err != nil {
		return fmt.Errorf("plots: %w", err)
	}
	return nil
}
