package figure

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Photo is a picture with a title.
type Photo struct {
	Title string
	Image image.Image
}

// PhotoSize is the size of a photo in a figure, and photoPixels what small ones are
// enlarged to, so that their pixels stay sharp.
const (
	PhotoSize   = 2.4 * vg.Inch
	photoPixels = 480
)

// photosInRow is the most photos of a row: more would be small on a screen.
const photosInRow = 6

// SavePhotos writes photos to a PNG file, in rows of equal length.
func SavePhotos(path string, photos []Photo) error {
	count := (len(photos) + photosInRow - 1) / photosInRow
	rows := make([][]*plot.Plot, count)
	for i, photo := range photos {
		if i%photosInRow == 0 {
			rows[i/photosInRow] = make([]*plot.Plot, min(photosInRow, len(photos)))
		}
		rows[i/photosInRow][i%photosInRow] = photo.Plot()
	}
	return Save(path, PhotoSize, PhotoSize, rows)
}

// Plot returns a plot of the picture alone, to be saved in squares.
func (p Photo) Plot() *plot.Plot {
	b := p.Image.Bounds()
	factor := max(1, photoPixels/max(b.Dx(), b.Dy()))
	large := image.NewNRGBA(image.Rect(0, 0, factor*b.Dx(), factor*b.Dy()))
	draw.NearestNeighbor.Scale(large, large.Bounds(), p.Image, b, draw.Src, nil)
	out := plot.New()
	out.Title.Text = p.Title
	out.HideAxes()
	out.BackgroundColor = color.White
	out.Add(plotter.NewImage(large, 0, 0, float64(b.Dx()), float64(b.Dy())))
	return out
}
