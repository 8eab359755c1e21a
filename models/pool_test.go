package models

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// pool returns a check of a pooling on numbers that are all different.
func pool(shape tensor.Shape, f func(x *gorgonia.Node) (*gorgonia.Node, error)) layerCheck {
	x := make([]float64, shape.TotalSize())
	for i := range x {
		x[i] = float64(i*7%len(x))/float64(len(x)) - 0.5 // 7 does not divide the sizes below
	}
	return layerCheck{shapes: []tensor.Shape{shape}, x: [][]float64{x}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return f(in[0]) }}
}

// TestPools holds the poolings against plain loops over their windows.
func TestPools(t *testing.T) {
	for _, shape := range []tensor.Shape{{2, 3, 4, 6}, {1, 2, 5, 5}} {
		for _, c := range [][2]int{{1, 1}, {2, 2}, {2, 0}, {3, 1}, {3, 2}, {2, 3}} {
			t.Run(fmt.Sprint(shape, c), func(t *testing.T) {
				k, stride := c[0], c[1]
				largest := pool(shape, func(x *gorgonia.Node) (*gorgonia.Node, error) { return MaxPool2D(x, k, stride) })
				means := pool(shape, func(x *gorgonia.Node) (*gorgonia.Node, error) { return AvgPool2D(x, k, stride) })
				var wantLargest, wantMeans []float64
				step := max(stride, 1)
				if stride == 0 {
					step = k
				}
				for p := range shape[0] * shape[1] {
					for i := 0; i+k <= shape[2]; i += step {
						for j := 0; j+k <= shape[3]; j += step {
							most, sum := math.Inf(-1), 0.
							for r := range k {
								for s := range k {
									e := largest.x[0][(p*shape[2]+i+r)*shape[3]+j+s]
									most, sum = max(most, e), sum+e
								}
							}
							wantLargest, wantMeans = append(wantLargest, most), append(wantMeans, sum/float64(k*k))
						}
					}
				}
				require.Equal(t, wantLargest, largest.run(t))
				near(t, wantMeans, means.run(t), 0, 1e-15, "means") // a rounding of numbers below 1
			})
		}
	}
	global := pool(tensor.Shape{2, 3, 2, 2}, GlobalAvgPool2D)
	got := global.run(t)
	for k, y := range got {
		x := global.x[0][4*k : 4*k+4]
		require.InDelta(t, (x[0]+x[1]+x[2]+x[3])/4, y, 1e-15)
	}
}

// TestMaxPoolTies: of equal numbers the first gets the gradient, and NaN is the largest.
func TestMaxPoolTies(t *testing.T) {
	for k, stride := range map[int]int{2: 2, 3: 3} {
		c := layerCheck{shapes: []tensor.Shape{{1, 1, k, k}}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return MaxPool2D(in[0], k, stride) }}
		_, grads := c.eval(t, tensor.Float32, [][]float64{make([]float64, k*k)}, []float64{3}, false)
		require.Equal(t, append([]float64{3}, make([]float64, k*k-1)...), grads[0])
		for i := range k * k {
			x := make([]float64, k*k)
			x[i] = math.NaN()
			y, _ := c.eval(t, tensor.Float64, [][]float64{x}, nil, false)
			require.True(t, math.IsNaN(y[0]), "NaN at %d of a window of %d", i, k)
		}
	}
}

func ExampleMaxPool2D() {
	g := gorgonia.NewGraph()
	image := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(1, 1, 2, 4), tensor.WithBacking([]float32{1, 2, 3, 4, 8, 7, 6, 5})), gorgonia.WithName("image"))
	largest, err := MaxPool2D(image, 2, 0)
	if err != nil {
		panic(err)
	}
	means, err := AvgPool2D(image, 2, 0)
	if err != nil {
		panic(err)
	}
	mean, err := GlobalAvgPool2D(image)
	if err != nil {
		panic(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		panic(err)
	}
	fmt.Println(largest.Value().Data(), means.Value().Data(), mean.Value().Data())
	// Output: [8 6] [4.5 4.5] [4.5]
}
