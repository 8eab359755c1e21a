// Package symbols registers the packages below with gomacro, so that notebook
// cells can import them. mkkernel reads this list and writes the files x_*.go.
package symbols

import (
	_ "github.com/ditac-go/ditac/cpab"
	_ "github.com/ditac-go/ditac/cpab/curve"
	_ "github.com/ditac-go/ditac/cuda"
	_ "github.com/ditac-go/ditac/ditacop"
	_ "github.com/ditac-go/ditac/examples/notebooks/kernel/nb"
	_ "github.com/ditac-go/ditac/models"
	_ "github.com/ditac-go/ditac/models/data"
	_ "github.com/ditac-go/ditac/models/datasets"
	_ "github.com/ditac-go/ditac/models/explain"
	_ "github.com/ditac-go/ditac/models/metric"
	_ "github.com/ditac-go/ditac/models/openblas"
	_ "github.com/ditac-go/ditac/models/plots"
	_ "github.com/ditac-go/ditac/models/train"
	_ "github.com/ditac-go/ditac/models/train/dashboard"
	_ "github.com/ditac-go/ditac/models/train/tensorboard"
	_ "gonum.org/v1/plot"
	_ "gonum.org/v1/plot/palette"
	_ "gonum.org/v1/plot/plotter"
	_ "gonum.org/v1/plot/vg"
	_ "gonum.org/v1/plot/vg/draw"
	_ "gorgonia.org/gorgonia"
	_ "gorgonia.org/tensor"
	_ "math/rand/v2"
)
