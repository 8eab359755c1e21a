package models

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// convLoop is the specification of Conv2D: its formula.
func convLoop(x, filter, bias []float64, xs, fs tensor.Shape, o ConvOptions) []float64 {
	var y []float64
	h, w := (xs[2]+2*o.Pad-fs[2])/o.Stride+1, (xs[3]+2*o.Pad-fs[3])/o.Stride+1
	for n := range xs[0] {
		for f := range fs[0] {
			for i := range h {
				for j := range w {
					sum := 0.
					if bias != nil {
						sum = bias[f]
					}
					for c := range fs[1] {
						for p := range fs[2] {
							for q := range fs[3] {
								r, s := i*o.Stride+p-o.Pad, j*o.Stride+q-o.Pad
								if r >= 0 && r < xs[2] && s >= 0 && s < xs[3] {
									sum += filter[((f*fs[1]+c)*fs[2]+p)*fs[3]+q] * x[((n*xs[1]+c)*xs[2]+r)*xs[3]+s]
								}
							}
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

func TestConv2D(t *testing.T) {
	for _, c := range []struct {
		x, filter tensor.Shape
		opts      ConvOptions
	}{
		{tensor.Shape{2, 1, 4, 5}, tensor.Shape{3, 1, 3, 3}, ConvOptions{Stride: 1, Pad: 1}},
		{tensor.Shape{1, 2, 5, 6}, tensor.Shape{2, 2, 3, 2}, ConvOptions{Stride: 1}},
		{tensor.Shape{3, 2, 7, 5}, tensor.Shape{2, 2, 4, 4}, ConvOptions{Stride: 2, Pad: 1}},
		{tensor.Shape{2, 3, 2, 2}, tensor.Shape{3, 3, 1, 1}, ConvOptions{Stride: 1}},
		{tensor.Shape{1, 1, 3, 2}, tensor.Shape{1, 1, 3, 3}, ConvOptions{Stride: 3, Pad: 4}}, // places in the padding alone
		{tensor.Shape{2, 2, 3, 3}, tensor.Shape{2, 2, 3, 3}, ConvOptions{Stride: 1, Pad: 1}}, // equal shapes throughout
	} {
		for _, bias := range []bool{false, true} {
			t.Run(fmt.Sprint(c, bias), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 0))
				x, f, b := uniform(rng, c.x.TotalSize(), 1), uniform(rng, c.filter.TotalSize(), 1), uniform(rng, c.filter[0], 1)
				check := layerCheck{shapes: []tensor.Shape{c.x, c.filter}, x: [][]float64{x, f}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
					if len(in) == 2 {
						return Conv2D(in[0], in[1], nil, c.opts)
					}
					return Conv2D(in[0], in[1], in[2], c.opts)
				}}
				if bias {
					check.shapes, check.x = append(check.shapes, tensor.Shape{c.filter[0]}), append(check.x, b)
				} else {
					b = nil
				}
				// Sums of at most 32 products of size 1 in another order.
				near(t, convLoop(x, f, b, c.x, c.filter, c.opts), check.run(t), 0, 1e-14, "y")
			})
		}
	}
}

// TestLeNetAsGorgonia: LeNet computes what it did by Gorgonia's convolution and pooling, up
// to rounding.
func TestLeNetAsGorgonia(t *testing.T) {
	relu := baselineOf(t, "relu")
	cost := func(forward func(n *LeNet, x *gorgonia.Node) (*gorgonia.Node, error)) (float64, []float64) {
		g := gorgonia.NewGraph()
		net, err := NewLeNet(g, LeNetConfig{Activation: relu, Seed: 1})
		require.NoError(t, err)
		x := input(g, tensor.Float32, tensor.Shape{3, 1, 28, 28}, "x", ramp(3*28*28))
		y, err := forward(net, x)
		require.NoError(t, err)
		cost := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(y))))
		require.NoError(t, machine(t, cost, false, net.Learnables()...).RunAll())
		var grads []float64
		for _, n := range net.Learnables() {
			grads = append(grads, grad(t, n)...)
		}
		return numbers(t, cost.Value())[0], grads
	}
	want, wantGrads := cost(func(n *LeNet, x *gorgonia.Node) (*gorgonia.Node, error) {
		var err error
		for _, w := range n.Weights()[:2] {
			x = gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
			if x, err = n.activate(x); err != nil {
				return nil, err
			}
			x = gorgonia.Must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
		}
		return n.out.forward(gorgonia.Must(gorgonia.Reshape(x, tensor.Shape{3, x.Shape().TotalSize() / 3})))
	})
	got, gotGrads := cost((*LeNet).Forward)
	require.InEpsilon(t, want, got, 1e-6)                      // float32, sums of up to 1,600 numbers
	near(t, wantGrads, gotGrads, 1e-4, 1e-5*want, "gradients") // of numbers about as large as the cost
	require.NotEqual(t, make([]float64, len(gotGrads)), gotGrads)
}

// TestConvProcessors: the number of processors does not change a bit.
func TestConvProcessors(t *testing.T) {
	const batch = 37
	run := func(procs int) [][]float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		c := layerCheck{shapes: []tensor.Shape{{batch, 3, 9, 9}, {5, 3, 3, 3}, {5}}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			y, err := Conv2D(in[0], in[1], in[2], ConvOptions{Pad: 1})
			if err != nil {
				return nil, err
			}
			return MaxPool2D(y, 2, 2)
		}}
		x := [][]float64{ramp(batch * 3 * 81), ramp(5 * 27), ramp(5)}
		y, grads := c.eval(t, tensor.Float32, x, ramp(batch*5*16), false)
		return append(grads, y)
	}
	want := run(1)
	for _, procs := range []int{2, 3, 8} {
		require.Equal(t, want, run(procs), "%d processors", procs)
	}
}

func TestConv2DErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	node := func(shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(fmt.Sprint(shape)))
	}
	x, f := node(2, 3, 8, 8), node(4, 3, 3, 3)
	for want, call := range map[string]func() (*gorgonia.Node, error){
		"x is nil":                              func() (*gorgonia.Node, error) { return Conv2D(nil, f, nil, ConvOptions{}) },
		"filter is nil":                         func() (*gorgonia.Node, error) { return Conv2D(x, nil, nil, ConvOptions{}) },
		"x has shape (2, 3), want 4 axes":       func() (*gorgonia.Node, error) { return Conv2D(node(2, 3), f, nil, ConvOptions{}) },
		"filter of shape (4, 2, 3, 3) for x":    func() (*gorgonia.Node, error) { return Conv2D(x, node(4, 2, 3, 3), nil, ConvOptions{}) },
		"is larger than x":                      func() (*gorgonia.Node, error) { return Conv2D(x, node(4, 3, 9, 1), nil, ConvOptions{}) },
		"bias of shape (5)":                     func() (*gorgonia.Node, error) { return Conv2D(x, f, node(5), ConvOptions{}) },
		"want Stride and Pad":                   func() (*gorgonia.Node, error) { return Conv2D(x, f, nil, ConvOptions{Stride: -1}) },
		"Pad:-2":                                func() (*gorgonia.Node, error) { return Conv2D(x, f, nil, ConvOptions{Pad: -2}) },
		"Stride:1 Pad:268435456":                func() (*gorgonia.Node, error) { return Conv2D(x, f, nil, ConvOptions{Pad: 1 << 28}) },
		"factor is 268435456, want 1 to 1024":   func() (*gorgonia.Node, error) { return Upsample2D(x, 1<<28) },
		"k is 0":                                func() (*gorgonia.Node, error) { return MaxPool2D(x, 0, 1) },
		"stride -1":                             func() (*gorgonia.Node, error) { return AvgPool2D(x, 2, -1) },
		"at least 9×9":                          func() (*gorgonia.Node, error) { return MaxPool2D(x, 9, 0) },
		"GlobalAvgPool2D: x has shape (2, 3), ": func() (*gorgonia.Node, error) { return GlobalAvgPool2D(node(2, 3)) },
	} {
		_, err := call()
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "models: ")
	}
	other := gorgonia.NewTensor(gorgonia.NewGraph(), tensor.Float32, 4, gorgonia.WithShape(4, 3, 3, 3), gorgonia.WithName("other"))
	_, err := Conv2D(x, other, nil, ConvOptions{})
	require.ErrorContains(t, err, "different graphs")
	double := gorgonia.NewTensor(g, tensor.Float64, 4, gorgonia.WithShape(4, 3, 3, 3), gorgonia.WithName("double"))
	_, err = Conv2D(x, double, nil, ConvOptions{})
	require.ErrorContains(t, err, "filter has dtype float64, x float32")
}

func ExampleConv2D() {
	g := gorgonia.NewGraph()
	image := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(1, 1, 3, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9})), gorgonia.WithName("image"))
	corner := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(1, 1, 2, 2), tensor.WithBacking([]float32{1, 0, 0, -1})), gorgonia.WithName("filter"))
	y, err := Conv2D(image, corner, nil, ConvOptions{})
	if err != nil {
		panic(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		panic(err)
	}
	fmt.Println(y.Value().Shape(), y.Value().Data())
	// Output: (1, 1, 2, 2) [-4 -4 -4 -4]
}
