package models

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestMSE: the value, and 2·(pred − target)/n for its gradient, in both machines.
func TestMSE(t *testing.T) {
	pred, target := []float64{1, 2, 3, 4}, []float64{1, 0, 4, 4.5}
	const want = (4 + 1 + 0.25) / 4
	wantGrad := []float64{0, 1, -0.5, -0.25}
	for _, shape := range []tensor.Shape{{4}, {4, 1}, {2, 1, 2}} {
		for _, dt := range dtypes {
			for _, lisp := range []bool{false, true} {
				g := gorgonia.NewGraph()
				p, y := input(g, dt, shape, "p", pred), input(g, dt, shape, "y", target)
				cost, err := MSE(p, y)
				require.NoError(t, err)
				require.True(t, cost.IsScalar())
				var v gorgonia.Value
				gorgonia.Read(cost, &v)
				require.NoError(t, machine(t, cost, lisp, p).RunAll())
				require.Equal(t, []float64{want}, numbers(t, v))
				require.Equal(t, wantGrad, grad(t, p), "%v %v", shape, dt) // exact in binary
			}
		}
	}
}

// TestMSEOfTarget: the gradient to the target is the negative of that to the prediction, as
// where both are made by networks.
func TestMSEOfTarget(t *testing.T) {
	for _, lisp := range []bool{false, true} {
		g := gorgonia.NewGraph()
		p, y := input(g, tensor.Float32, tensor.Shape{2}, "p", []float64{1, 2}), input(g, tensor.Float32, tensor.Shape{2}, "y", []float64{3, 5})
		cost, err := MSE(p, y)
		require.NoError(t, err)
		require.NoError(t, machine(t, cost, lisp, p, y).RunAll())
		require.Equal(t, []float64{-2, -3}, grad(t, p))
		require.Equal(t, []float64{2, 3}, grad(t, y))
	}
}

// TestMSEHasGorgoniasBits compares values and gradients, of either argument, with those of
// Gorgonia's mean of squares.
func TestMSEHasGorgoniasBits(t *testing.T) {
	three := func(p, y *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(p, y)))))
	}
	r := rand.New(rand.NewPCG(3, 0))
	for _, shape := range []tensor.Shape{{7}, {331, 1}, {3, 5, 700}} { // more than a slice
		x, y := uniform(r, shape.TotalSize(), 3), uniform(r, shape.TotalSize(), 3)
		for _, dt := range dtypes {
			var results [2][][]float64
			for k, f := range []func(p, y *gorgonia.Node) (*gorgonia.Node, error){MSE, three} {
				g := gorgonia.NewGraph()
				p, q := input(g, dt, shape, "p", x), input(g, dt, shape, "q", y)
				cost := gorgonia.Must(f(p, q))
				var v gorgonia.Value
				gorgonia.Read(cost, &v)
				top := gorgonia.Must(gorgonia.Square(cost))
				require.NoError(t, machine(t, top, false, p, q).RunAll())
				results[k] = [][]float64{numbers(t, v), grad(t, p), grad(t, q)}
			}
			require.Equal(t, results[1], results[0], "%v %v", shape, dt)
		}
	}
}

// TestMeanHasGorgoniasBits compares values and gradients with those of Gorgonia's own mean.
func TestMeanHasGorgoniasBits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	for _, shape := range []tensor.Shape{{7}, {331, 1}, {3, 5, 7}} {
		x := make([]float64, shape.TotalSize())
		for i := range x {
			x[i] = r.NormFloat64()
		}
		for _, dt := range dtypes {
			var results [2][][]float64
			for k, f := range []func(*gorgonia.Node) (*gorgonia.Node, error){mean, func(n *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mean(n) }} {
				n := input(gorgonia.NewGraph(), dt, shape, "x", x)
				y := gorgonia.Must(f(n))
				var v gorgonia.Value
				gorgonia.Read(y, &v)
				cost := gorgonia.Must(gorgonia.Square(y))
				require.NoError(t, machine(t, cost, false, n).RunAll())
				results[k] = [][]float64{numbers(t, v), grad(t, n)}
			}
			require.Equal(t, results[1], results[0], "%v %v", shape, dt)
		}
	}
}

func TestMSEErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	a := input(g, tensor.Float64, tensor.Shape{3}, "a", make([]float64, 3))
	for _, c := range []struct {
		name         string
		pred, target *gorgonia.Node
		want         string
	}{
		{"nil pred", nil, a, "prediction is nil"},
		{"nil target", a, nil, "target is nil"},
		{"length", a, input(g, tensor.Float64, tensor.Shape{4}, "b", make([]float64, 4)), "prediction of shape (3), target of shape (4)"},
		{"rank", input(g, tensor.Float64, tensor.Shape{3, 1}, "c", make([]float64, 3)), a, "prediction of shape (3, 1), target of shape (3)"},
		{"dtype", a, input(g, tensor.Float32, tensor.Shape{3}, "d", make([]float64, 3)), "prediction of dtype float64, target of dtype float32"},
		{"graph", a, input(gorgonia.NewGraph(), tensor.Float64, tensor.Shape{3}, "e", make([]float64, 3)), "same graph"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := MSE(c.pred, c.target)
			require.ErrorContains(t, err, "models: MSE: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

// lossCall is a loss of two nodes, the first of which it has a gradient to.
type lossCall struct {
	loss           func(x, y *gorgonia.Node) (*gorgonia.Node, error)
	dt             tensor.Dtype
	xShape, yShape tensor.Shape
	x, y           []float64
	lisp           bool
	factor         float64 // on the loss
}

func (c lossCall) run(t testing.TB) (loss float64, dx []float64) {
	t.Helper()
	g := gorgonia.NewGraph()
	x, y := input(g, c.dt, c.xShape, "x", c.x), input(g, c.dt, c.yShape, "y", c.y)
	cost, err := c.loss(x, y)
	require.NoError(t, err)
	require.True(t, cost.IsScalar())
	if c.factor != 0 {
		f := gorgonia.NewConstant(c.factor)
		if c.dt == tensor.Float32 {
			f = gorgonia.NewConstant(float32(c.factor))
		}
		cost = gorgonia.Must(gorgonia.Mul(cost, f))
	}
	var v gorgonia.Value
	gorgonia.Read(cost, &v)
	require.NoError(t, machine(t, cost, c.lisp, x).RunAll())
	return numbers(t, v)[0], grad(t, x)
}

var losses = []struct {
	name           string
	loss           func(x, y *gorgonia.Node) (*gorgonia.Node, error)
	xShape, yShape tensor.Shape
	classes        int // 0: targets in [0, 1]
}{
	{"cross-entropy", CrossEntropy, tensor.Shape{5, 3}, tensor.Shape{5}, 3},
	{"cross-entropy of one class", CrossEntropy, tensor.Shape{2, 1}, tensor.Shape{2}, 1},
	{"cross-entropy of images", CrossEntropy, tensor.Shape{2, 3, 4, 5}, tensor.Shape{2, 4, 5}, 3},
	{"binary, vector", BinaryCrossEntropy, tensor.Shape{7}, tensor.Shape{7}, 0},
	{"binary, matrix", BinaryCrossEntropy, tensor.Shape{4, 3}, tensor.Shape{4, 3}, 0},
	{"binary, images", BinaryCrossEntropy, tensor.Shape{2, 1, 3, 2}, tensor.Shape{2, 1, 3, 2}, 0},
	{"MSE", MSE, tensor.Shape{3, 2}, tensor.Shape{3, 2}, 0},
	{"Dice", Dice, tensor.Shape{6, 3}, tensor.Shape{6}, 3},
	{"Dice of images", Dice, tensor.Shape{2, 4, 3, 2}, tensor.Shape{2, 3, 2}, 4},
}

// TestLossGradients: the gradients of all losses against central differences, whose
// error at a step of 1e-5 is some 1e-10, in both machines; and float32 against float64.
func TestLossGradients(t *testing.T) {
	for i, l := range losses {
		for _, lisp := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(uint64(i), 1))
			c := lossCall{loss: l.loss, dt: tensor.Float64, xShape: l.xShape, yShape: l.yShape, lisp: lisp, factor: 1.5}
			c.x = uniform(rng, l.xShape.TotalSize(), 3)
			for range l.yShape.TotalSize() {
				if l.classes > 0 {
					c.y = append(c.y, float64(rng.IntN(l.classes)))
				} else {
					c.y = append(c.y, rng.Float64())
				}
			}
			loss, dx := c.run(t)
			const h = 1e-5
			want := make([]float64, len(c.x))
			for k, e := range c.x {
				c.x[k] = e + h
				up, _ := c.run(t)
				c.x[k] = e - h
				down, _ := c.run(t)
				c.x[k] = e
				want[k] = (up - down) / (2 * h)
			}
			near(t, want, dx, 1e-7, 1e-9, "%s, lisp %v", l.name, lisp)
			c.dt = tensor.Float32
			loss32, dx32 := c.run(t)
			require.InEpsilon(t, 1+loss, 1+loss32, 1e-6, l.name) // rounding of float32
			near(t, dx, dx32, 1e-5, 1e-7, "%s in float32", l.name)
		}
	}
}

// TestLossValues: values worked out by hand.
func TestLossValues(t *testing.T) {
	ln := math.Log
	e := math.E
	for _, c := range []struct {
		name           string
		loss           func(x, y *gorgonia.Node) (*gorgonia.Node, error)
		xShape, yShape tensor.Shape
		x, y           []float64
		want           float64
		dx             []float64
	}{
		{
			"softmax of ln 1, ln 2, ln 5", CrossEntropy, tensor.Shape{2, 3}, tensor.Shape{2},
			[]float64{0, ln(2), ln(5), 7, 7, 7}, []float64{2, 0}, (ln(8./5) + ln(3)) / 2,
			[]float64{1. / 16, 2. / 16, -3. / 16, -2. / 6, 1. / 6, 1. / 6},
		},
		{
			"classes are the second axis", CrossEntropy, tensor.Shape{1, 2, 1, 2}, tensor.Shape{1, 1, 2},
			[]float64{0, 0, ln(3), 0}, []float64{1, 0}, (ln(4./3) + ln(2)) / 2,
			[]float64{1. / 8, -1. / 4, -1. / 8, 1. / 4},
		},
		{
			"huge logits", CrossEntropy, tensor.Shape{2, 2}, tensor.Shape{2},
			[]float64{1e300, 0, -1e30, 1e30}, []float64{0, 1}, 0, []float64{0, 0, 0, 0},
		},
		{
			"binary", BinaryCrossEntropy, tensor.Shape{4}, tensor.Shape{4},
			[]float64{0, ln(3), -1e4, 1}, []float64{0.5, 1, 0, 0}, (ln(2) + ln(4./3) + 0 + ln(1+e)) / 4,
			[]float64{0, -1. / 16, 0, e / (1 + e) / 4},
		},
		{ // p = (1/2, 1/2) twice: class 0 has 2·1/2 + 1 over 1 + 1 + 1, class 1 the same
			"Dice, nothing known", Dice, tensor.Shape{2, 2}, tensor.Shape{2},
			[]float64{1, 1, 2, 2}, []float64{0, 1}, 1 - 2./3, nil,
		},
		{ // certain and right; class 2 is nowhere and counts as found
			"Dice, all right", Dice, tensor.Shape{2, 3}, tensor.Shape{2},
			[]float64{1e4, 0, 0, 0, 1e4, 0}, []float64{0, 1}, 0, fill(6, 0),
		},
		{ // certain and wrong: 1 over 1 + 1 + 1 for both classes
			"Dice, all wrong", Dice, tensor.Shape{2, 2}, tensor.Shape{2},
			[]float64{1e4, 0, 0, 1e4}, []float64{1, 0}, 1 - 1./3, fill(4, 0),
		},
	} {
		loss, dx := lossCall{loss: c.loss, dt: tensor.Float64, xShape: c.xShape, yShape: c.yShape, x: c.x, y: c.y}.run(t)
		require.InDelta(t, c.want, loss, 1e-15, c.name)
		if c.dx != nil {
			near(t, c.dx, dx, 1e-15, 1e-16, "%s", c.name)
		}
	}
}

// TestLossProcessors: losses of many elements have the same bits on any number of
// processors.
func TestLossProcessors(t *testing.T) {
	images, pixels := tensor.Shape{40, 3, 32, 8}, tensor.Shape{40, 32, 8}
	for _, c := range []lossCall{
		{loss: CrossEntropy, xShape: images, yShape: pixels},
		{loss: CrossEntropy, xShape: tensor.Shape{10000, 3}, yShape: tensor.Shape{10000}},
		{loss: BinaryCrossEntropy, xShape: images, yShape: images},
		{loss: Dice, xShape: images, yShape: pixels},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		c.dt, c.x = tensor.Float32, uniform(rng, c.xShape.TotalSize(), 3)
		for range c.yShape.TotalSize() {
			c.y = append(c.y, float64(rng.IntN(2)))
		}
		run := func(processors int) []float64 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			loss, dx := c.run(t)
			return append(dx, loss)
		}
		require.Equal(t, run(1), run(5))
	}
}

// TestLossRuns: labels and targets that are none are errors of the run, forward and
// backward.
func TestLossRuns(t *testing.T) {
	x, up := dense(tensor.Shape{2, 3}, make([]float64, 6)...), gorgonia.NewF64(1)
	for _, bad := range []float64{-1, 3, 0.5, math.NaN(), 1e300, math.Inf(-1)} {
		labels := dense(tensor.Shape{2}, 1, bad)
		for _, op := range []gorgonia.Op{crossEntropy(2), dice(2)} {
			_, err := op.Do(x, labels)
			require.ErrorContains(t, err, "models: ")
			require.ErrorContains(t, err, "label 1 is ")
			require.ErrorContains(t, err, "want a class from 0 to 2")
		}
		for _, op := range []gorgonia.Op{crossEntropyGradient(2), diceGradient(2)} {
			_, err := op.Do(x, labels, up)
			require.ErrorContains(t, err, "label 1 is ")
		}
	}
	for _, bad := range []float64{-1e-9, 1.5, math.NaN()} {
		targets := dense(tensor.Shape{2, 3}, 0, 1, 0.5, bad, 0, 0)
		_, err := binaryCrossEntropy(2).Do(x, targets)
		require.ErrorContains(t, err, "models: BinaryCrossEntropy: target 3 is ")
		_, err = binaryGradient(2).Do(x, targets, up)
		require.ErrorContains(t, err, "target 3 is ")
	}
	for _, op := range []gorgonia.Op{crossEntropy(2), dice(2)} { // a NaN is not hidden
		v, err := op.Do(dense(tensor.Shape{2, 2}, 0, 1, math.NaN(), 0), dense(tensor.Shape{2}, 0, 0))
		require.NoError(t, err)
		require.True(t, math.IsNaN(numbers(t, v)[0]), "%v", op)
	}
}

func TestLossErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	in := func(name string, dt tensor.Dtype, shape ...int) *gorgonia.Node {
		s := tensor.Shape(shape)
		return input(g, dt, s, name, make([]float64, s.TotalSize()))
	}
	f := tensor.Float64
	x, y := in("x", f, 2, 3), in("y", f, 2)
	for _, c := range []struct {
		x, y *gorgonia.Node
		want string
	}{
		{nil, y, "logits is nil"}, {x, nil, "labels is nil"},
		{y, y, "logits of shape (2), want (batch, classes) or"},
		{x, in("three", f, 3), "labels of shape (3) for logits of shape (2, 3), want (2)"},
		{x, in("column", f, 2, 1), "labels of shape (2, 1) for logits of shape (2, 3), want (2)"},
		{in("images", f, 2, 3, 4, 5), in("pixels", f, 2, 5, 4), "labels of shape (2, 5, 4) for logits of shape (2, 3, 4, 5), want (2, 4, 5)"},
		{x, in("single", tensor.Float32, 2), "logits are float64, labels float32"},
	} {
		for name, loss := range map[string]func(x, y *gorgonia.Node) (*gorgonia.Node, error){"CrossEntropy": CrossEntropy, "Dice": Dice} {
			_, err := loss(c.x, c.y)
			require.ErrorContains(t, err, "models: "+name+": "+c.want)
		}
	}
	for _, c := range []struct {
		x, y *gorgonia.Node
		want string
	}{
		{nil, y, "logits is nil"}, {x, nil, "targets is nil"},
		{x, y, "logits of shape (2, 3), targets of shape (2)"},
		{y, in("single2", tensor.Float32, 2), "logits are float64, targets float32"},
	} {
		_, err := BinaryCrossEntropy(c.x, c.y)
		require.ErrorContains(t, err, "models: BinaryCrossEntropy: "+c.want)
	}
}

func BenchmarkLosses(b *testing.B) {
	for _, l := range losses[2:3] {
		x, y := tensor.Shape{16, 11, 64, 64}, tensor.Shape{16, 64, 64}
		logits := dense(x, uniform(rand.New(rand.NewPCG(1, 1)), x.TotalSize(), 3)...)
		labels := dense(y, make([]float64, y.TotalSize())...)
		b.Run(l.name, func(b *testing.B) {
			for b.Loop() {
				_, err := crossEntropy(4).Do(logits, labels)
				require.NoError(b, err)
				_, err = crossEntropyGradient(4).Do(logits, labels, gorgonia.NewF64(1))
				require.NoError(b, err)
			}
		})
	}
}
