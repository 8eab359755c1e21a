package figure

import (
	"image/color"
	"path/filepath"

	"github.com/ditac-go/ditac/models/plots"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Color returns the colour of the i-th line.
func Color(i int) color.Color { return plots.Color(i) }

// Save writes a grid of plots to a PNG file; each plot gets width × height. The
// plots are a rectangle of rows in which nil leaves a place empty. The file
// appears when it is complete.
func Save(path string, width, height vg.Length, rows [][]*plot.Plot) error {
	f, err := plots.Grid(filepath.Base(path), width, height, rows)
	if err != nil {
		return err
	}
	return f.Save(path)
}

// Size is the usual size of a plot.
const (
	Width  = plots.Width
	Height = plots.Height
)
