package figure

import (
	"github.com/ditac-go/ditac/models/plots"
	"gonum.org/v1/plot"
)

// Surface is a function of two variables on a grid.
type Surface = plots.Surface

// Surfaces returns a row of heat maps with the colour scale of the first, see
// [plots.Surfaces].
func Surfaces(surfaces []*Surface) ([]*plot.Plot, error) { return plots.Surfaces(surfaces) }
