//go:build cuda

package cuda_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda/bench"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/gpu"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/models"
)

// normal returns normal numbers, and some that functions are special at.
func normal(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	special := []float64{0, math.Copysign(0, -1), 1, -1, 30, -30, 1e-20, -1e-20, 100, -100}
	x := make([]float64, n)
	for i := range x {
		if x[i] = 2 * r.NormFloat64(); i%7 == 0 {
			x[i] = special[r.IntN(len(special))]
		}
	}
	return x
}

func tensorNode(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, s tensor.Shape, x []float64) *gorgonia.Node {
	return gorgonia.NewTensor(g, dt, s.Dims(), gorgonia.WithName(name), gorgonia.WithShape(s...),
		gorgonia.WithValue(tensor.New(tensor.WithShape(s...), tensor.WithBacking(of(dt, x)))))
}

func vectorNode(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, x []float64) *gorgonia.Node {
	return gorgonia.NewVector(g, dt, gorgonia.WithName(name), gorgonia.WithShape(len(x)),
		gorgonia.WithValue(tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(of(dt, x)))))
}

// requireLayers runs a graph with the gradients of Σ y² (or of y, a scalar) to some inputs,
// and wants each operation of this project in it to be placed on the GPU, and to have the result there that its CPU form has for the
// same inputs, up to a tolerance relative to the largest number, or to 1; the same numbers
// for tolerance 0. The same is wanted of the inputs that operations change.
func requireLayers(t *testing.T, g *gorgonia.ExprGraph, y *gorgonia.Node, tolerance float64, wrt ...*gorgonia.Node) {
	t.Helper()
	cost := y
	if !y.IsScalar() {
		cost = gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(y))))
	}
	_, err := gorgonia.Grad(cost, wrt...)
	require.NoError(t, err)
	read := map[*gorgonia.Node]*gorgonia.Value{}
	before := map[*gorgonia.Node][]float64{} // of the inputs that operations change
	for _, n := range g.AllNodes() {
		if n.Op() == nil || isReshaped(n) {
			continue
		}
		read[n] = new(gorgonia.Value)
		gorgonia.Read(n, read[n])
		if op := gop.Of(n.Op()); op != nil {
			for _, k := range op.State {
				c := inputsOf(n)[k]
				before[c] = slices.Clone(floats(t, c.Value()))
			}
		}
	}
	require.NoError(t, runMachine(t, g))
	compared := 0
	for _, n := range g.AllNodes() { // gradients behind what they are the gradients of
		op := gop.Of(n.Op())
		if op == nil || read[n] == nil {
			continue
		}
		require.True(t, n.Op().CallsExtern(), "%v runs on the CPU", op)
		var in []gorgonia.Value
		after := map[*gorgonia.Node][]float64{}
		for k, c := range inputsOf(n) {
			v := c.Value()
			if c.Op() != nil {
				v = *read[c]
			}
			if slices.Contains(op.State, k) {
				after[c] = slices.Clone(floats(t, v))
				require.NotEqual(t, before[c], after[c], "%v, input %d: nothing changed", op, k)
				setNumbers(t, v, before[c])
			}
			require.NotNil(t, v)
			in = append(in, v)
		}
		host, err := op.Do(in...)
		require.NoError(t, err)
		requireClose(t, floats(t, host), floats(t, *read[n]), tolerance, op.String())
		for c, have := range after {
			requireClose(t, floats(t, c.Value()), have, tolerance, op.String()+", changed input")
		}
		compared++
	}
	require.Positive(t, compared)
}

// isReshaped says whether a node is reshaped, with which its memory goes: it must have no
// other use, as to be read; see TestReshapeTakesItsInput.
func isReshaped(n *gorgonia.Node) bool {
	for it := n.Graph().To(n.ID()); it.Next(); {
		if op := it.Node().(*gorgonia.Node).Op(); op != nil && strings.HasPrefix(op.String(), "Reshape") {
			return true
		}
	}
	return false
}

// inputsOf are the nodes that a node is computed from.
func inputsOf(n *gorgonia.Node) (in gorgonia.Nodes) {
	for it := n.Graph().From(n.ID()); it.Next(); {
		in = append(in, it.Node().(*gorgonia.Node))
	}
	return in
}

// requireClose compares numbers with a tolerance relative to the largest, or to 1.
func requireClose(t *testing.T, want, have []float64, tolerance float64, what string) {
	t.Helper()
	require.Len(t, have, len(want))
	largest := 1.0
	for _, w := range want {
		largest = math.Max(largest, math.Abs(w))
	}
	for i := range want {
		require.InDelta(t, want[i], have[i], tolerance*largest, "%s, number %d", what, i)
	}
}

// setNumbers sets the numbers of a tensor.
func setNumbers(t *testing.T, v gorgonia.Value, x []float64) {
	t.Helper()
	switch to := v.Data().(type) {
	case []float32:
		for i, e := range x {
			to[i] = float32(e)
		}
	case []float64:
		copy(to, x)
	default:
		require.Fail(t, "no tensor of floats")
	}
}

var layerConfigs = []ptxsim.Config{{}, {Order: ptxsim.Shuffled, Seed: 1, WarpSize: 1}}

// eachConfig runs a test for both dtypes, in several orders of threads.
func eachConfig(t *testing.T, test func(t *testing.T, dt tensor.Dtype)) {
	t.Cleanup(func() { bench.Configure(ptxsim.Config{}) })
	for _, dt := range dtypes {
		for _, c := range layerConfigs {
			t.Run(fmt.Sprintf("%v/%v", dt, c.Order), func(t *testing.T) {
				bench.Configure(c)
				test(t, dt)
			})
		}
	}
}

// rounding is the tolerance for sums in other orders and functions of other roundings.
func rounding(dt tensor.Dtype) float64 {
	if dt == tensor.Float32 {
		return 1e-6
	}
	return 1e-13
}

func TestLinearOnGPU(t *testing.T) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		g := gorgonia.NewGraph()
		x := tensorNode(g, dt, "x", tensor.Shape{7, 5}, normal(35, 1))
		w := tensorNode(g, dt, "w", tensor.Shape{5, 300}, normal(1500, 2))
		b := vectorNode(g, dt, "b", normal(300, 3))
		y, err := models.Linear(x, w, b)
		require.NoError(t, err)
		requireLayers(t, g, y, rounding(dt), x, w, b)
	})
}

// requireFunction is requireLayers for an activation of package models on rows of 100.
func requireFunction(t *testing.T, name string, dt tensor.Dtype, rows int) {
	t.Helper()
	g := gorgonia.NewGraph()
	x := tensorNode(g, dt, "x", tensor.Shape{rows, 100}, normal(100*rows, 1))
	maker, err := models.Baseline(name)
	require.NoError(t, err)
	a, err := maker(models.Place{Graph: g, Dtype: dt, Name: "act", Channels: 100, Axis: 1})
	require.NoError(t, err)
	y, err := a.Apply(x)
	require.NoError(t, err)
	requireLayers(t, g, y, rounding(dt), append(gorgonia.Nodes{x}, a.Learnables()...)...)
}

func TestFunctionsOnGPU(t *testing.T) {
	for _, name := range models.Baselines()[:8] {
		t.Run(name, func(t *testing.T) {
			eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
				requireFunction(t, name, dt, 3)
				requireLaunched(t, map[string]string{"leakyrelu": "leaky"}[name]+strings.TrimPrefix(name, "leakyrelu"), dt)
			})
		})
	}
}

// TestTrainedFunctionsOnGPU: the parameter has a gradient, summed by two blocks.
func TestTrainedFunctionsOnGPU(t *testing.T) {
	for _, name := range []string{"prelu", "swish"} {
		eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
			requireFunction(t, name, dt, 25)
		})
	}
}

// classesOnGPU is requireLayers for a loss of points, of rows and of images' pixels.
func classesOnGPU(t *testing.T, loss func(logits, labels *gorgonia.Node) (*gorgonia.Node, error)) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		for _, s := range []tensor.Shape{{300, 10}, {2, 3, 5, 7}} {
			g := gorgonia.NewGraph()
			x := tensorNode(g, dt, "x", s, normal(s.TotalSize(), 1))
			points := append(tensor.Shape{s[0]}, s[2:]...)
			classes := make([]float64, points.TotalSize())
			for i := range classes {
				classes[i] = float64(i * 7 % s[1])
			}
			labels := vectorNode(g, dt, "classes", classes)
			if len(points) > 1 {
				labels = tensorNode(g, dt, "labels", points, classes)
			}
			y, err := loss(x, labels)
			require.NoError(t, err)
			requireLayers(t, g, y, rounding(dt), x)
		}
	})
}

func TestCrossEntropyOnGPU(t *testing.T) { classesOnGPU(t, models.CrossEntropy) }
func TestDiceOnGPU(t *testing.T)         { classesOnGPU(t, models.Dice) }

// TestBinaryCrossEntropyOnGPU has targets at and between the ends.
func TestBinaryCrossEntropyOnGPU(t *testing.T) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		g := gorgonia.NewGraph()
		targets := make([]float64, 300)
		for i := range targets {
			targets[i] = float64(i%5) / 4
		}
		x, y := tensorNode(g, dt, "x", tensor.Shape{100, 3}, normal(300, 1)), tensorNode(g, dt, "y", tensor.Shape{100, 3}, targets)
		cost, err := models.BinaryCrossEntropy(x, y)
		require.NoError(t, err)
		requireLayers(t, g, cost, rounding(dt), x)
	})
}

// TestMSEOnGPU: one block sums the numbers, or several do.
func TestMSEOnGPU(t *testing.T) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		for _, s := range []tensor.Shape{{3, 1}, {90, 50}} {
			g := gorgonia.NewGraph()
			x, y := tensorNode(g, dt, "x", s, normal(s.TotalSize(), 1)), tensorNode(g, dt, "y", s, normal(s.TotalSize(), 2))
			cost, err := models.MSE(x, y)
			require.NoError(t, err)
			requireLayers(t, g, cost, rounding(dt), x)
		}
	})
}

// TestWrongLabelsOnGPU: a label that is no class makes the loss NaN, as does a target that is
// no probability.
func TestWrongLabelsOnGPU(t *testing.T) {
	requireNaN := func(loss func(x, y *gorgonia.Node) (*gorgonia.Node, error), x, labels *gorgonia.Node, label float64) {
		y, err := loss(x, labels)
		require.NoError(t, err)
		var read gorgonia.Value
		gorgonia.Read(y, &read)
		require.NoError(t, runMachine(t, x.Graph()))
		require.True(t, math.IsNaN(floats(t, read)[0]), "label %v", label)
	}
	for _, label := range []float64{-1, 3, 0.5, math.NaN(), math.Inf(1)} {
		for _, loss := range []func(x, y *gorgonia.Node) (*gorgonia.Node, error){models.CrossEntropy, models.Dice} {
			g := gorgonia.NewGraph()
			x := tensorNode(g, tensor.Float32, "x", tensor.Shape{2, 3}, normal(6, 1))
			requireNaN(loss, x, vectorNode(g, tensor.Float32, "labels", []float64{1, label}), label)
		}
	}
	for _, target := range []float64{-0.1, 1.1, math.NaN()} {
		g := gorgonia.NewGraph()
		x := vectorNode(g, tensor.Float64, "x", []float64{0, 1})
		requireNaN(models.BinaryCrossEntropy, x, vectorNode(g, tensor.Float64, "y", []float64{1, target}), target)
	}
}

// TestPoolingOnGPU wants the same bits, for windows that overlap, windows with rests, and a
// step beyond 32 bits, which is left to the CPU.
func TestPoolingOnGPU(t *testing.T) {
	for name, pool := range map[string]func(*gorgonia.Node, int, int) (*gorgonia.Node, error){"max": models.MaxPool2D, "mean": models.AvgPool2D} {
		t.Run(name, func(t *testing.T) {
			eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
				for _, w := range [][2]int{{2, 2}, {3, 1}, {3, 2}, {2, 3}, {1, 1}, {2, 1 << 33}} {
					g := gorgonia.NewGraph()
					x := tensorNode(g, dt, "x", tensor.Shape{2, 3, 7, 6}, normal(252, 1))
					y, err := pool(x, w[0], w[1])
					require.NoError(t, err)
					requireLayers(t, g, y, 0, x)
				}
			})
		})
	}
}

// TestConvolutionOnGPU: filters that are no squares, steps that leave rests, paddings larger
// than the filter, and batches whose columns are made in several parts.
func TestConvolutionOnGPU(t *testing.T) {
	cases := []struct {
		x, filter tensor.Shape
		opts      models.ConvOptions
		bias      bool
		columns   int // bytes
	}{
		{tensor.Shape{2, 3, 6, 5}, tensor.Shape{4, 3, 3, 3}, models.ConvOptions{Pad: 1}, true, 1 << 20},
		{tensor.Shape{3, 1, 7, 8}, tensor.Shape{2, 1, 2, 3}, models.ConvOptions{Stride: 2}, false, 1 << 20},
		{tensor.Shape{2, 2, 7, 5}, tensor.Shape{3, 2, 3, 1}, models.ConvOptions{Stride: 3, Pad: 2}, true, 1 << 20},
		{tensor.Shape{2, 2, 1, 2}, tensor.Shape{1, 2, 2, 2}, models.ConvOptions{Stride: 1, Pad: 3}, true, 1 << 20},
		{tensor.Shape{1, 5, 4, 4}, tensor.Shape{3, 5, 1, 1}, models.ConvOptions{Stride: 2}, false, 1 << 20},
		{tensor.Shape{5, 2, 4, 4}, tensor.Shape{2, 2, 3, 3}, models.ConvOptions{Pad: 1}, true, 8 * 18 * 16 * 2}, // two images of 8-byte numbers
		{tensor.Shape{3, 1, 4, 4}, tensor.Shape{2, 1, 4, 4}, models.ConvOptions{}, false, 1},
	}
	for k, c := range cases {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
				defer gpu.SetMostColumns(gpu.SetMostColumns(c.columns))
				g := gorgonia.NewGraph()
				x := tensorNode(g, dt, "x", c.x, normal(c.x.TotalSize(), 1))
				filter := tensorNode(g, dt, "filter", c.filter, normal(c.filter.TotalSize(), 2))
				wrt := gorgonia.Nodes{x, filter}
				var bias *gorgonia.Node
				if c.bias {
					bias = vectorNode(g, dt, "bias", normal(c.filter[0], 3))
					wrt = append(wrt, bias)
				}
				y, err := models.Conv2D(x, filter, bias, c.opts)
				require.NoError(t, err)
				requireLayers(t, g, y, rounding(dt), wrt...)
			})
		})
	}
}

func TestGlobalPoolingOnGPU(t *testing.T) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		for _, s := range []tensor.Shape{{2, 3, 5, 7}, {3, 1, 17, 16}, {1, 2, 1, 1}} {
			g := gorgonia.NewGraph()
			x := tensorNode(g, dt, "x", s, normal(s.TotalSize(), 1))
			y, err := models.GlobalAvgPool2D(x)
			require.NoError(t, err)
			requireLayers(t, g, y, rounding(dt), x)
		}
	})
}

// TestUpsamplingOnGPU wants the same bits.
func TestUpsamplingOnGPU(t *testing.T) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		for factor := 1; factor <= 3; factor++ {
			g := gorgonia.NewGraph()
			x := tensorNode(g, dt, "x", tensor.Shape{2, 3, 5, 4}, normal(120, 1))
			y, err := models.Upsample2D(x, factor)
			require.NoError(t, err)
			requireLayers(t, g, y, 0, x)
		}
	})
}

// TestBatchNormOnGPU: rows and images, in training, with the running statistics, and in
// evaluation with some that are not the first.
func TestBatchNormOnGPU(t *testing.T) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		for _, mode := range []models.Mode{models.Training, models.Evaluation} {
			for _, s := range []tensor.Shape{{5, 20}, {40, 3}, {2, 3, 5, 7}, {2, 2, 17, 16}} {
				g := gorgonia.NewGraph()
				x := tensorNode(g, dt, "x", s, normal(s.TotalSize(), 1))
				n, err := models.NewBatchNorm(g, dt, "norm", s[1], mode)
				require.NoError(t, err)
				for k, node := range append(n.Learnables(), n.State()...) {
					values := normal(s[1], uint64(k+2))
					for i, e := range values {
						if k == 3 { // the variance
							values[i] = math.Abs(e) + 0.1
						}
					}
					setNumbers(t, node.Value(), values)
				}
				y, err := n.Apply(x)
				require.NoError(t, err)
				y = gorgonia.Must(gorgonia.Sigmoid(y)) // Σ y² would hardly depend on x
				requireLayers(t, g, y, rounding(dt), append(gorgonia.Nodes{x}, n.Learnables()...)...)
			}
		}
	})
}

// TestDropoutOnGPU wants the mask of the CPU, at the first pass, a later one and the last
// before the count starts again.
func TestDropoutOnGPU(t *testing.T) {
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		for _, count := range []float64{0, 41, 1<<24 - 1} {
			g := gorgonia.NewGraph()
			x := tensorNode(g, dt, "x", tensor.Shape{30, 20}, normal(600, 1))
			d, err := models.NewDropout(g, dt, "drop", 0.3, 1<<63+5, models.Training)
			require.NoError(t, err)
			setNumbers(t, d.State()[0].Value(), []float64{count})
			y, err := d.Apply(x)
			require.NoError(t, err)
			requireLayers(t, g, y, 0, x)
			require.Equal(t, []float64{math.Mod(count+1, 1<<24)}, floats(t, d.State()[0].Value()))
		}
	})
}

// TestUNetOnGPU has the concatenation of channels among its operations.
func TestUNetOnGPU(t *testing.T) {
	relu, err := models.Baseline("relu")
	require.NoError(t, err)
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		g := gorgonia.NewGraph()
		net, err := models.NewUNet(g, models.UNetConfig{Channels: 1, Height: 4, Width: 6, Width0: 2, Depth: 1, Classes: 3, Activation: relu, Dtype: dt, Seed: 1})
		require.NoError(t, err)
		y, err := net.Forward(tensorNode(g, dt, "x", tensor.Shape{2, 1, 4, 6}, normal(48, 1)))
		require.NoError(t, err)
		labels := make([]float64, 48)
		for i := range labels {
			labels[i] = float64(i * i % 3)
		}
		cost, err := models.Dice(y, tensorNode(g, dt, "labels", tensor.Shape{2, 4, 6}, labels))
		require.NoError(t, err)
		requireLayers(t, g, cost, rounding(dt), net.Learnables()...)
	})
}

// TestDCGANOnGPU has a reshape either way, and Gorgonia's tanh.
func TestDCGANOnGPU(t *testing.T) {
	leaky, err := models.Baseline("leakyrelu")
	require.NoError(t, err)
	eachConfig(t, func(t *testing.T, dt tensor.Dtype) {
		g := gorgonia.NewGraph()
		gen, err := models.NewGenerator(g, models.GeneratorConfig{Latent: 3, Channels: 1, Size: 8, Width: 2, Activation: leaky, Dtype: dt, Seed: 1})
		require.NoError(t, err)
		dis, err := models.NewDiscriminator(g, models.DiscriminatorConfig{Channels: 1, Size: 8, Width: 2, Activation: leaky, Dtype: dt, Seed: 2})
		require.NoError(t, err)
		y, err := gen.Forward(tensorNode(g, dt, "x", tensor.Shape{2, 3}, normal(6, 1)))
		require.NoError(t, err)
		y, err = dis.Forward(y)
		require.NoError(t, err)
		cost, err := models.BinaryCrossEntropy(y, tensorNode(g, dt, "real", y.Shape(), []float64{0, 1}))
		require.NoError(t, err)
		requireLayers(t, g, cost, rounding(dt), append(gen.Learnables(), dis.Learnables()...)...)
	})
}
