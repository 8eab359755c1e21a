package models

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// testNetwork is a small network, its zero value and the shapes that it is made for. A
// new network has to be in testNetworks, for all tests of networks.
type testNetwork struct {
	name    string
	zero    Network
	make    func(g *gorgonia.ExprGraph, m Maker) (Network, error)
	input   tensor.Shape   // without the batch
	pre     []tensor.Shape // of the inputs of the activations, without the batch
	weights int
}

var testNetworks = []testNetwork{
	{"mlp", new(MLP), small("mlp"), tensor.Shape{3}, []tensor.Shape{{4}, {6}}, 3*4 + 4 + 4*6 + 6 + 6*2 + 2},
	{"dropout", new(MLP), small("dropout"), tensor.Shape{3}, []tensor.Shape{{4}, {6}}, 3*4 + 4 + 4*6 + 6 + 6*2 + 2},
	{"lenet", new(LeNet), small("lenet"), tensor.Shape{2, 8, 4}, []tensor.Shape{{3, 8, 4}, {5, 4, 2}}, 3*2*9 + 5*3*9 + 5*2*1*7 + 7},
	{"resnet", new(ResNet), small("resnet"), tensor.Shape{2, 8, 4},
		[]tensor.Shape{{3, 8, 4}, {3, 8, 4}, {3, 8, 4}, {5, 4, 2}, {5, 4, 2}},
		3*2*9 + 6 + 2*(3*3*9+6) + 5*3*9 + 10 + 5*5*9 + 10 + 5*3 + 10 + 5*7 + 7},
	{"unet", new(UNet), small("unet"), tensor.Shape{2, 4, 8},
		[]tensor.Shape{{3, 4, 8}, {3, 4, 8}, {6, 2, 4}, {6, 2, 4}, {3, 4, 8}, {3, 4, 8}},
		3*2*9 + 6 + 3*3*9 + 6 + 6*3*9 + 12 + 6*6*9 + 12 + 3*9*9 + 6 + 3*3*9 + 6 + 3*2 + 2},
	{"generator", new(Generator), small("generator"), tensor.Shape{3},
		[]tensor.Shape{{3, 4, 4}, {3, 8, 8}}, 3*48 + 48 + 6 + 3*3*9 + 6 + 2*3*9 + 2},
	{"discriminator", new(Discriminator), small("discriminator"), tensor.Shape{2, 16, 16},
		[]tensor.Shape{{3, 8, 8}, {6, 4, 4}}, 3*2*16 + 3 + 6*3*16 + 12 + 6*16 + 1},
	{"coord", new(Coord), small("coord"), tensor.Shape{3}, []tensor.Shape{{4}, {6}}, 3*5*4 + 4 + 4*6 + 6 + 6*2 + 2},
	{"chebyshev", new(Coord), small("chebyshev"), tensor.Shape{3}, []tensor.Shape{{6}}, 3*4*5 + 5 + 5*6 + 6 + 6*2 + 2},
}

// small returns what makes the small network of a name, in float32.
func small(name string) func(g *gorgonia.ExprGraph, m Maker) (Network, error) {
	return func(g *gorgonia.ExprGraph, m Maker) (Network, error) {
		return smallNetwork(name, g, m, tensor.Float32, Training)
	}
}

func smallNetwork(name string, g *gorgonia.ExprGraph, m Maker, dt tensor.Dtype, mode Mode) (net Network, err error) {
	const seed = 1
	switch name {
	case "mlp":
		net, err = NewMLP(g, MLPConfig{Sizes: []int{3, 4, 6, 2}, Activation: m, Seed: seed, Dtype: dt})
	case "dropout":
		net, err = NewMLP(g, MLPConfig{Sizes: []int{3, 4, 6, 2}, Activation: m, Seed: seed, Dtype: dt, Dropout: 0.25, Mode: mode, Name: name})
	case "lenet":
		net, err = NewLeNet(g, LeNetConfig{Channels: 2, Height: 8, Width: 4, Filters: [2]int{3, 5}, Classes: 7, Activation: m, Seed: seed, Dtype: dt})
	case "resnet":
		net, err = NewResNet(g, ResNetConfig{Channels: 2, Height: 8, Width: 4, Widths: []int{3, 5}, Classes: 7, Activation: m, Seed: seed, Dtype: dt, Mode: mode})
	case "unet":
		net, err = NewUNet(g, UNetConfig{Channels: 2, Height: 4, Width: 8, Width0: 3, Depth: 1, Activation: m, Seed: seed, Dtype: dt, Mode: mode})
	case "generator":
		net, err = NewGenerator(g, GeneratorConfig{Latent: 3, Size: 8, Channels: 2, Width: 3, Activation: m, Seed: seed, Dtype: dt, Mode: mode})
	case "discriminator":
		net, err = NewDiscriminator(g, DiscriminatorConfig{Size: 16, Channels: 2, Width: 3, Activation: m, Seed: seed, Dtype: dt, Mode: mode})
	case "coord":
		net, err = NewCoord(g, CoordConfig{Inputs: 3, Outputs: 2, Hidden: []int{4, 6}, Octaves: 2, Activation: m, Seed: seed, Dtype: dt})
	case "chebyshev":
		net, err = NewCoord(g, CoordConfig{Inputs: 3, Outputs: 2, Hidden: []int{5, 6}, Chebyshev: 4, Activation: m, Seed: seed, Dtype: dt, Name: name})
	}
	if err != nil {
		return nil, err
	}
	return net, nil
}

// TestNetworkGradients compares the gradients to some numbers of every learnable with
// central differences, in both modes.
func TestNetworkGradients(t *testing.T) {
	gelu := baselineOf(t, "gelu") // smooth
	for _, n := range testNetworks {
		for _, mode := range []Mode{Training, Evaluation} {
			t.Run(fmt.Sprint(n.name, mode), func(t *testing.T) {
				g := gorgonia.NewGraph()
				net, err := smallNetwork(n.name, g, gelu, tensor.Float64, mode)
				require.NoError(t, err)
				shape := append(tensor.Shape{2}, n.input...)
				y, err := net.Forward(input(g, tensor.Float64, shape, "x", uniform(rand.New(rand.NewPCG(3, 0)), shape.TotalSize(), 1)))
				require.NoError(t, err)
				cost := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(y))))
				var loss gorgonia.Value
				gorgonia.Read(cost, &loss)
				vm := machine(t, cost, false, net.Learnables()...)
				state := parameters(t, net.State())
				eval := func() float64 {
					at := 0
					for _, s := range net.State() { // each pass is the first
						k := s.Shape().TotalSize()
						set(t, s, state[at:at+k])
						at += k
					}
					require.NoError(t, vm.RunAll())
					defer vm.Reset()
					return numbers(t, loss)[0]
				}
				eval()
				var grads [][]float64
				for _, l := range net.Learnables() {
					grads = append(grads, grad(t, l))
				}
				for i, l := range net.Learnables() {
					x := numbers(t, l.Value())
					for k := 0; k < len(x); k += 1 + len(x)/5 {
						const h = 1e-5 // good to h² and to rounding over h
						move := func(e float64) float64 {
							at := slices.Clone(x)
							at[k] += e
							set(t, l, at)
							defer set(t, l, x)
							return eval()
						}
						near(t, []float64{(move(h) - move(-h)) / (2 * h)}, grads[i][k:k+1], 1e-6, 1e-8, "%s, %d", l.Name(), k)
					}
				}
			})
		}
	}
}

// TestNetworks: what networks share.
func TestNetworks(t *testing.T) {
	const batch = 2
	for _, n := range testNetworks {
		t.Run(n.name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			net, err := n.make(g, baselineOf(t, "prelu"))
			require.NoError(t, err)
			require.Equal(t, n.weights+len(n.pre), net.NumParams())
			require.Len(t, parameters(t, net.Weights()), n.weights)
			require.Len(t, net.ActivationLearnables(), len(n.pre))
			require.Equal(t, append(net.Weights(), net.ActivationLearnables()...), net.Learnables())
			require.Len(t, net.Activations(), len(n.pre))
			require.Empty(t, net.PreActivations())
			net.Weights()[0] = nil // a copy
			net.Activations()[0] = nil
			require.NotNil(t, net.Weights()[0])

			for i := range 2 { // Forward again in the same graph
				shape := append(tensor.Shape{batch + i}, n.input...)
				x := input(g, tensor.Float32, shape, fmt.Sprint("x", i), ramp(shape.TotalSize()))
				y, err := net.Forward(x)
				require.NoError(t, err)
				require.Len(t, net.PreActivations(), len(n.pre))
				for k, p := range net.PreActivations() {
					require.Equal(t, append(tensor.Shape{batch + i}, n.pre[k]...), p.Shape())
					require.True(t, reach(y, nil)[p])
					require.True(t, reach(p, nil)[x])
				}
			}
		})
	}
}

// TestPlaces: a Maker is told where its activation goes, and an error of it and of
// Apply comes back.
func TestPlaces(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range testNetworks {
		g := gorgonia.NewGraph()
		var places []Place
		_, err := n.make(g, func(p Place) (Activation, error) {
			places = append(places, p)
			return baselineOf(t, "relu")(p)
		})
		require.NoError(t, err)
		var want []Place
		for i, pre := range n.pre {
			want = append(want, Place{Graph: g, Dtype: tensor.Float32, Name: fmt.Sprintf("%s.%d.activation", n.name, i), Channels: pre[0], Axis: 1, First: i == 0, Seed: 1})
		}
		require.Equal(t, want, places)

		_, err = n.make(gorgonia.NewGraph(), func(Place) (Activation, error) { return nil, broken })
		require.ErrorIs(t, err, broken)
		_, err = n.make(gorgonia.NewGraph(), func(Place) (Activation, error) { return nil, nil })
		require.ErrorContains(t, err, "the Maker made nil")
	}
}

// TestDiTACPerChannel: each channel of a network goes through the curve of its own θ,
// and θ of all channels learn.
func TestDiTACPerChannel(t *testing.T) {
	const batch, cells = 3, 5
	for _, n := range testNetworks {
		t.Run(n.name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			net, err := n.make(g, DiTACPerChannel(ditacop.WithCells(cells)))
			require.NoError(t, err)
			for i, theta := range net.ActivationLearnables() {
				require.Equal(t, fmt.Sprintf("%s.%d.activation.theta", n.name, i), theta.Name())
				require.Equal(t, tensor.Shape{n.pre[i][0], cells - 1}, theta.Shape())
				set(t, theta, ramp(theta.Shape().TotalSize()))
			}
			shape := append(tensor.Shape{batch}, n.input...)
			y, err := net.Forward(input(g, tensor.Float32, shape, "x", ramp(shape.TotalSize())))
			require.NoError(t, err)
			var in, out gorgonia.Value
			pre := net.PreActivations()[0]
			gorgonia.Read(pre, &in)
			gorgonia.Read(applied(t, pre, net.ActivationLearnables()[0]), &out)
			vm := machine(t, gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(y)))), false, net.Learnables()...)
			require.NoError(t, vm.RunAll())

			act := net.Activations()[0].(*ditacop.Activation)
			xs, ys := numbers(t, in), numbers(t, out)
			inner := len(xs) / batch / n.pre[0][0]
			for i, x := range xs {
				want, _, err := act.Eval(i/inner%n.pre[0][0], []float64{x})
				require.NoError(t, err)
				// float32 on both sides, of numbers of about 1, and the tables' tolerance.
				require.InDelta(t, want[0], ys[i], 1e-5, "element %d", i)
			}
			for _, theta := range net.ActivationLearnables() {
				g := grad(t, theta)
				for c := range theta.Shape()[0] {
					require.NotEqual(t, make([]float64, cells-1), g[c*(cells-1):(c+1)*(cells-1)], "θ of channel %d has no gradient", c)
				}
			}
		})
	}
}

// applied returns the node that is computed of x and theta.
func applied(t *testing.T, x, theta *gorgonia.Node) *gorgonia.Node {
	t.Helper()
	for _, n := range x.Graph().AllNodes() {
		if c := childrenOf(n); len(c) == 2 && c[0] == x && c[1] == theta {
			return n
		}
	}
	require.Fail(t, "x goes through no activation")
	return nil
}

func TestDiTACErrors(t *testing.T) {
	good := Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "good", Channels: 3, Axis: 1}
	for want, c := range map[string]struct {
		maker Maker
		place Place
	}{
		`place "": nil graph`:            {DiTAC(), Place{}},
		`place "a": dtype none`:          {DiTAC(), Place{Graph: good.Graph, Name: "a"}},
		`place "b": dtype int`:           {DiTAC(), Place{Graph: good.Graph, Dtype: tensor.Int, Name: "b"}},
		`place "c" has 0 channels`:       {DiTACPerChannel(), Place{Graph: good.Graph, Dtype: tensor.Float32, Name: "c"}},
		`place "d" has 3 channels along`: {DiTACPerChannel(), Place{Graph: good.Graph, Dtype: tensor.Float32, Name: "d", Channels: 3, Axis: -1}},
		`cells`:                          {DiTAC(ditacop.WithCells(-1)), good},
		`option`:                         {DiTAC(nil), good},
		`domain`:                         {DiTACPerChannel(ditacop.WithDomain(1, 0)), good},
		`models: place "": nil graph`:    {DiTACPerChannel(), Place{Channels: 1}},
		`WithGroups`:                     {DiTAC(ditacop.WithPerChannel(1)), good},
	} {
		a, err := c.maker(c.place)
		require.ErrorContains(t, err, want)
		require.Nil(t, a)
	}
}

// TestDiTACOptions: a Maker does not share its options' memory with the caller or
// another place.
func TestDiTACOptions(t *testing.T) {
	opts := append(make([]ditacop.Option, 0, 8), ditacop.WithCells(4))
	maker := DiTACPerChannel(opts...)
	var acts []*ditacop.Activation
	for i, name := range []string{"a", "b"} {
		a, err := maker(Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: name, Channels: i + 2, Axis: i})
		require.NoError(t, err)
		acts = append(acts, a.(*ditacop.Activation))
	}
	for i, a := range acts {
		require.Equal(t, 4, a.Space().Cells())
		require.Equal(t, i+2, a.Groups())
		require.Contains(t, a.String(), fmt.Sprintf("%d groups along axis %d", i+2, i))
	}
	require.Nil(t, opts[:2][1], "the caller's memory was written to")
}

// TestCopyNetwork: the copy computes what the original does, and what does not fit
// changes nothing.
func TestCopyNetwork(t *testing.T) {
	for _, n := range testNetworks {
		t.Run(n.name, func(t *testing.T) {
			make := func(batch int, m Maker) (Network, *gorgonia.Node) {
				g := gorgonia.NewGraph()
				net, err := n.make(g, m)
				require.NoError(t, err)
				shape := append(tensor.Shape{batch}, n.input...)
				y, err := net.Forward(input(g, tensor.Float32, shape, "x", ramp(shape.TotalSize())))
				require.NoError(t, err)
				return net, y
			}
			src, _ := make(2, DiTAC())
			rng := rand.New(rand.NewPCG(9, 0))
			for _, node := range valuesOf(src) {
				set(t, node, uniform(rng, node.Shape().TotalSize(), 1))
			}
			dst, _ := make(3, DiTAC())
			require.NoError(t, CopyNetwork(dst, src))
			require.Equal(t, parameters(t, valuesOf(src)), parameters(t, valuesOf(dst)))

			path := filepath.Join(t.TempDir(), "net.safetensors")
			require.NoError(t, src.Save(path))
			loaded, _ := make(1, DiTAC())
			require.NoError(t, loaded.Load(path))
			require.Equal(t, parameters(t, valuesOf(src)), parameters(t, valuesOf(loaded)))

			for what, other := range map[string]Maker{
				"another activation": DiTAC(ditacop.WithDomain(-1, 1)),
				"prelu":              baselineOf(t, "prelu"),
				"relu":               baselineOf(t, "relu"),
			} {
				net, _ := make(2, other)
				before := parameters(t, valuesOf(net))
				require.ErrorContains(t, CopyNetwork(net, src), "models: CopyNetwork: ", what)
				require.Error(t, net.Load(path), what)
				require.Equal(t, before, parameters(t, valuesOf(net)), what)
			}
			require.ErrorContains(t, CopyNetwork(nil, src), "dst is nil")
			require.ErrorContains(t, CopyNetwork(src, nil), "src nil")
			require.ErrorContains(t, CopyNetwork(n.zero, n.zero), "0 learnables")
		})
	}
}

func TestMode(t *testing.T) {
	require.Equal(t, "training evaluation mode 7", fmt.Sprint(Training, Evaluation, Mode(7)))
	require.NoError(t, Evaluation.check())
	require.ErrorContains(t, Mode(7).check(), "Mode is 7")
}

// bounded is an activation that wants initial weights in ±bound.
type bounded struct {
	Activation
	bound float64
}

func (b bounded) InitBound(in int, first bool) float64 {
	if first {
		return b.bound
	}
	return b.bound / float64(in)
}

// TestInitializer: the weights of each layer start in what the activation wants; biases
// do not change.
func TestInitializer(t *testing.T) {
	relu := baselineOf(t, "relu")
	net, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{9, 50, 50, 10}, Seed: 1, Activation: func(p Place) (Activation, error) {
		a, err := relu(p)
		return bounded{a, 7}, err
	}})
	require.NoError(t, err)
	plain, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{9, 50, 50, 10}, Seed: 1, Activation: relu})
	require.NoError(t, err)
	for i, want := range []float64{7, 7. / 50, 7. / 50} {
		most := slices.Max(parameters(t, net.Weights()[2*i:2*i+1]))
		require.LessOrEqual(t, most, want)
		require.Greater(t, most, 0.9*want) // of 450 draws and more
		require.Equal(t, parameters(t, plain.Weights()[2*i+1:2*i+2]), parameters(t, net.Weights()[2*i+1:2*i+2]))
	}
}

// TestSharedActivation: a Maker may give all layers one activation, which counts once.
func TestSharedActivation(t *testing.T) {
	g := gorgonia.NewGraph()
	var shared Activation
	net, err := NewMLP(g, MLPConfig{Sizes: []int{2, 3, 3, 1}, Activation: func(p Place) (a Activation, err error) {
		if shared == nil {
			shared, err = baselineOf(t, "prelu")(p)
		}
		return shared, err
	}})
	require.NoError(t, err)
	require.Len(t, net.Activations(), 2)
	require.Equal(t, shared.Learnables(), net.ActivationLearnables())
	require.Equal(t, 2*3+3+3*3+3+3+1+1, net.NumParams())
}

// TestSaveLoad: every network with activations of all kinds goes through a file and by
// CopyNetwork to a graph of another batch size and mode, whole, and evaluates alike there;
// evaluation changes nothing. Names are unique.
func TestSaveLoad(t *testing.T) {
	makers := map[string]Maker{
		"per channel":           DiTACPerChannel(),
		"amplified per channel": DiTACPerChannel(ditacop.WithVariant(ditacop.VariantAmplified)),
		"amplified from 2":      DiTAC(ditacop.WithVariant(ditacop.VariantAmplified), ditacop.WithLearnedAmplification(2)),
	}
	for _, name := range []string{"relu", "prelu", "maxout", "pwl", "staf", "sine", "ditac-leaky", "amplified", "amplified4", "amplified16"} {
		var err error
		makers[name], err = ByName(name)
		require.NoError(t, err)
	}
	file := filepath.Join(t.TempDir(), "network")
	for _, n := range testNetworks {
		for name, m := range makers {
			what := n.name + ", " + name
			build := func(batch int, mode Mode) (Network, *gorgonia.Value) {
				g := gorgonia.NewGraph()
				net, err := smallNetwork(n.name, g, m, tensor.Float32, mode)
				require.NoError(t, err, what)
				shape := append(tensor.Shape{batch}, n.input...)
				y, err := net.Forward(input(g, tensor.Float32, shape, "x", ramp(shape.TotalSize())))
				require.NoError(t, err, what)
				v := new(gorgonia.Value)
				gorgonia.Read(y, v)
				return net, v
			}
			run := func(net Network, v *gorgonia.Value) []float64 {
				vm := gorgonia.NewTapeMachine(net.Learnables()[0].Graph())
				require.NoError(t, vm.RunAll(), what)
				require.NoError(t, vm.Close())
				return numbers(t, *v)
			}
			from, _ := build(3, Training)
			rng := rand.New(rand.NewPCG(9, 9))
			seen := map[string]bool{}
			for _, l := range valuesOf(from) {
				require.False(t, seen[l.Name()], "%s: two nodes are named %s", what, l.Name())
				seen[l.Name()] = true
				x := numbers(t, l.Value())
				for i := range x {
					x[i] += 0.1 * rng.Float64()
				}
				set(t, l, x)
			}
			want := parameters(t, valuesOf(from))
			require.NoError(t, from.Save(file), what)
			loaded, y := build(2, Evaluation)
			require.NoError(t, loaded.Load(file), what)
			copied, z := build(2, Evaluation)
			require.NoError(t, CopyNetwork(copied, from), what)
			require.Equal(t, run(loaded, y), run(copied, z), what)
			require.Equal(t, want, parameters(t, valuesOf(loaded)), what)
			require.Equal(t, want, parameters(t, valuesOf(copied)), what)
		}
	}
}

// TestParallelTrainings: trainings in graphs of their own, at the same time and by one
// Maker, end with the bits of each alone on one processor. The race detector runs it too.
func TestParallelTrainings(t *testing.T) {
	train := func(n testNetwork, m Maker) []float64 {
		g := gorgonia.NewGraph()
		net, err := n.make(g, m)
		require.NoError(t, err)
		shape := append(tensor.Shape{6}, n.input...)
		y, err := net.Forward(input(g, tensor.Float32, shape, "x", ramp(shape.TotalSize())))
		require.NoError(t, err)
		cost, err := MSE(y, input(g, tensor.Float32, y.Shape(), "target", fill(y.Shape().TotalSize(), 0.5)))
		require.NoError(t, err)
		r, err := trainerOf(t, cost, Group{Nodes: net.Learnables(), LearnRate: 0.01}).Run(context.Background(), 3, nil)
		require.NoError(t, err)
		return append(r.Losses, parameters(t, valuesOf(net))...)
	}
	procs := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(procs)
	names := []string{"gelu", "swish", "maxout", "staf", "amplified"}
	want := map[string][]float64{}
	makers := map[string]Maker{}
	for _, name := range names {
		m, err := ByName(name)
		require.NoError(t, err)
		makers[name] = m
		for _, n := range testNetworks {
			want[n.name+name] = train(n, m)
		}
	}
	runtime.GOMAXPROCS(4)
	var trainings sync.WaitGroup
	for _, name := range names {
		trainings.Go(func() {
			for _, n := range testNetworks {
				assert.Equal(t, want[n.name+name], train(n, makers[name]), "%s, %s", n.name, name)
			}
		})
	}
	trainings.Wait()
}
