package figure

import (
	"github.com/ditac-go/ditac/models/plots"
	"gonum.org/v1/plot"
)

// Losses is the loss curve of several runs.
type Losses = plots.Series

// LossCurves returns the plot of the losses over the steps: for each curve the
// geometric mean over its runs, of means over equal stretches of steps.
func LossCurves(curves []Losses) (*plot.Plot, error) {
	return plots.LossPlot("training loss (geometric mean over seeds)", "mean squared error", curves)
}
