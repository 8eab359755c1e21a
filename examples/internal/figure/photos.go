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

// photoSize is the size of a photo in a row, and photoPixels what small ones are
// enlarged to, so that their pixels stay sharp.
const (
	photoSize   = 2.4 * vg.Inch
	photoPixels = 480
)

// SavePhotos writes a row of photos to a PNG file.
func SavePhotos(path string, photos []Photo) error {
	row := make([]*plot.Plot, len(photos))
	for i, photo := range photos {
		b := photo.Image.Bounds()
		factor := max(1, photoPixels/max(b.Dx(), b.Dy()))
		large := image.NewNRGBA(image.Rect(0, 0, factor*b.Dx(), factor*b.Dy()))
		draw.NearestNeighbor.Scale(large, large.Bounds(), photo.Image, b, draw.Src, nil)
		p := plot.New()
		p.Title.Text = photo.Title
		p.HideAxes()
		p.BackgroundColor = color.White
		p.Add(plotter.NewImage(large, 0, 0, float64(b.Dx()), float64(b.Dy())))
		row[i] = p
	}
	return Save(path, photoSize, photoSize, [][]*plot.Plot{row})
}
