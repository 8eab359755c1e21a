package gop_test

import (
	"fmt"
	"testing"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// layerKinds is the number of kinds of ops in layerVariants, with their gradients.
const layerKinds = 12 + 4 + 2 + 2 + 2 + 2 // convolution to linear, normalisation, dropout, upsampling, concatenation, features

// layerVariants is variants for the layers of networks on images.
func layerVariants(t *testing.T, found func(name string, y *gorgonia.Node)) {
	t.Helper()
	must := func(y *gorgonia.Node, err error) *gorgonia.Node {
		t.Helper()
		require.NoError(t, err)
		return y
	}
	g := gorgonia.NewGraph()
	input := func(name string, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	}
	images, filter, bias := input("images", 2, 3, 8, 8), input("filter", 4, 3, 3, 3), input("bias", 4)
	for _, o := range []models.ConvOptions{{}, {Stride: 2}, {Pad: 1}} {
		found(fmt.Sprint("convolution ", o), must(models.Conv2D(images, filter, nil, o)))
	}
	for _, c := range [][2]int{{2, 2}, {3, 2}, {2, 3}} {
		found(fmt.Sprint("max pooling ", c), must(models.MaxPool2D(images, c[0], c[1])))
		found(fmt.Sprint("average pooling ", c), must(models.AvgPool2D(images, c[0], c[1])))
	}
	found("global pooling", must(models.GlobalAvgPool2D(images)))
	biased := gop.Of(must(models.Conv2D(images, filter, bias, models.ConvOptions{})).Op())
	biased.Grads = biased.Grads[2:] // the others are those of a convolution without
	found("convolution with bias", must(biased.Apply(images, filter, bias)))

	table := input("table", 4, 3)
	for i, mode := range []models.Mode{models.Training, models.Evaluation} {
		norm, err := models.NewBatchNorm(g, tensor.Float32, fmt.Sprint("norm", i), 3, mode)
		require.NoError(t, err)
		found(fmt.Sprintf("normalisation, %v, rank 2", mode), must(norm.Apply(table)))
		found(fmt.Sprintf("normalisation, %v, rank 4", mode), must(norm.Apply(images)))
	}
	for _, p := range []float64{0.1, 0.9} {
		drop, err := models.NewDropout(g, tensor.Float32, fmt.Sprint("drop", p), p, 1, models.Training)
		require.NoError(t, err)
		for i := range 2 {
			found(fmt.Sprintf("dropout %v, call %d", p, i), must(drop.Apply(table)))
		}
	}
	for _, factor := range []int{2, 3} {
		found(fmt.Sprint("upsampling ", factor), must(models.Upsample2D(images, factor)))
	}

	// What only networks apply.
	inNetwork := func(name, kind string, y *gorgonia.Node) {
		for _, n := range y.Graph().AllNodes() {
			if o := gop.Of(n.Op()); o != nil && o.Kind == kind {
				found(name, n)
				return
			}
		}
		require.Fail(t, "no "+kind)
	}
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	unet, err := models.NewUNet(g, models.UNetConfig{Height: 8, Width: 8, Width0: 2, Depth: 1, Activation: relu})
	require.NoError(t, err)
	inNetwork("concatenation", "models.concat", must(unet.Forward(images)))
	for _, c := range []models.CoordConfig{{Octaves: 2}, {Octaves: 4}, {Chebyshev: 5}, {Chebyshev: 9}} {
		c.Inputs, c.Activation = 3, relu
		x := gorgonia.NewTensor(gorgonia.NewGraph(), tensor.Float32, 2, gorgonia.WithShape(4, 3), gorgonia.WithName("x"))
		net, err := models.NewCoord(x.Graph(), c)
		require.NoError(t, err)
		inNetwork(fmt.Sprintf("features, %d octaves, degree %d", c.Octaves, c.Chebyshev), "models.features", must(net.Forward(x)))
	}
}
