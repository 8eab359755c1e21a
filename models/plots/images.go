package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/ditac-go/ditac/models/data"
	ximage "golang.org/x/image/draw"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Tile is an image of a grid.
type Tile struct {
	Image image.Image
	// Caption is a line below it.
	Caption string
	// Marked writes the caption in red: something is wrong with it.
	Marked bool
}

// Sizes of a grid of images, in points: the side of an image, the line of its caption, the
// room between images, the title.
const (
	tileSide    = 54
	tileCaption = 13
	tileGap     = 6
	tileTitle   = 22
	tileFont    = 8
)

// tilePixels is what small images are enlarged to, so that their pixels stay sharp.
const tilePixels = 128

// Images returns images in a grid of the given number of columns, row by row.
func Images(title string, tiles []Tile, columns int) (*Figure, error) {
	if len(tiles) == 0 {
		return nil, fmt.Errorf("plots: Images: %s: no images", title)
	}
	if columns < 1 {
		return nil, fmt.Errorf("plots: Images: %s: %d columns, want at least 1", title, columns)
	}
	captions := vg.Length(0)
	for i, t := range tiles {
		if t.Image == nil || t.Image.Bounds().Empty() {
			return nil, fmt.Errorf("plots: Images: %s: image %d is empty", title, i)
		}
		if t.Caption != "" {
			captions = tileCaption
		}
	}
	columns = min(columns, len(tiles))
	rows := (len(tiles) + columns - 1) / columns
	width := vg.Length(columns)*(tileSide+tileGap) + tileGap
	height := vg.Length(rows)*(tileSide+captions+tileGap) + tileGap + tileTitle
	return &Figure{title: title, width: width, height: height, paint: func(c draw.Canvas) {
		style := plot.New().Title.TextStyle
		style.XAlign, style.YAlign = draw.XCenter, draw.YTop
		c.FillText(style, vg.Point{X: c.Center().X, Y: c.Max.Y - tileGap}, title)
		style.Font.Size = tileFont
		for i, t := range tiles {
			left := c.Min.X + tileGap + vg.Length(i%columns)*(tileSide+tileGap)
			top := c.Max.Y - tileTitle - tileGap - vg.Length(i/columns)*(tileSide+captions+tileGap)
			t.draw(c, left, top, style)
		}
	}}, nil
}

// draw draws the tile with its upper left corner at the given place.
func (t Tile) draw(c draw.Canvas, left, top vg.Length, style text.Style) {
	c.DrawImage(fit(left, top, t.Image), enlarged(t.Image))
	style.Color = color.Black
	if t.Marked {
		style.Color = Color(outsideColor)
	}
	c.FillText(style, vg.Point{X: left + tileSide/2, Y: top - tileSide - 2}, t.Caption)
}

// fit returns the largest rectangle of an image's form in the tile with the given corner.
func fit(left, top vg.Length, img image.Image) vg.Rectangle {
	b := img.Bounds()
	side := float64(max(b.Dx(), b.Dy()))
	w, h := vg.Length(float64(b.Dx())/side*tileSide), vg.Length(float64(b.Dy())/side*tileSide)
	x, y := left+(tileSide-w)/2, top-(tileSide-h)/2
	return vg.Rectangle{Min: vg.Point{X: x, Y: y - h}, Max: vg.Point{X: x + w, Y: y}}
}

// enlarged returns the image in larger pixels, if it is small.
func enlarged(img image.Image) image.Image {
	b := img.Bounds()
	factor := max(1, int(math.Round(tilePixels/float64(max(b.Dx(), b.Dy())))))
	large := image.NewNRGBA(image.Rect(0, 0, factor*b.Dx(), factor*b.Dy()))
	ximage.NearestNeighbor.Scale(large, large.Bounds(), img, b, ximage.Src, nil)
	return large
}

// Examples returns the images of a set's examples with the given indices, with their classes
// as captions. The set's XShape is (channels, height, width), and its numbers are from 0 to 1.
func Examples(s *data.Set, indices []int) ([]Tile, error) {
	if s == nil {
		return nil, fmt.Errorf("plots: Examples: nil set")
	}
	tiles := make([]Tile, len(indices))
	for k, i := range indices {
		x, y := s.Example(i)
		if x == nil {
			return nil, fmt.Errorf("plots: Examples: example %d, want one of the %d of the set", i, s.Len())
		}
		img, err := data.ToImage(x, s.XShape)
		if err != nil {
			return nil, fmt.Errorf("plots: Examples: example %d: %w", i, err)
		}
		tiles[k].Image = img
		if len(y) == 1 && int(y[0]) >= 0 && int(y[0]) < len(s.Classes) {
			tiles[k].Caption = s.Classes[int(y[0])]
		}
	}
	return tiles, nil
}

// Mistakes returns the first images of a set that pred, the classes that a network says of its
// examples, has wrong, at most the given number. Captions are "true → said".
func Mistakes(s *data.Set, pred []float32, most int) ([]Tile, error) {
	if s == nil || s.Classes == nil || len(pred) != s.Len() {
		return nil, fmt.Errorf("plots: Mistakes: %d predictions, want one for each example of a set with classes", len(pred))
	}
	var wrong []int
	for i, label := range s.Labels() {
		if int(pred[i]) != label && len(wrong) < most {
			wrong = append(wrong, i)
		}
	}
	tiles, err := Examples(s, wrong)
	if err != nil {
		return nil, err
	}
	for k, i := range wrong {
		said := int(pred[i])
		if said < 0 || said >= len(s.Classes) {
			return nil, fmt.Errorf("plots: Mistakes: class %d of example %d, want one of %d", said, i, len(s.Classes))
		}
		tiles[k].Caption += " → " + s.Classes[said]
		tiles[k].Marked = true
	}
	return tiles, nil
}
