package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestBatchNormGradients goes over both ranks and modes.
func TestBatchNormGradients(t *testing.T) {
	for _, shape := range []tensor.Shape{{5, 3}, {2, 3, 2, 4}} {
		for _, training := range []bool{true, false} {
			t.Run(fmt.Sprint(shape, training), func(t *testing.T) {
				layerCheck{
					shapes: []tensor.Shape{shape, {3}, {3}, {3}, {3}},
					x:      [][]float64{nil, nil, nil, {0.1, -0.2, 0.3}, {1, 2, 0.5}},
					fixed:  []bool{false, false, false, true, true},
					f: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
						return normalisation{len(shape), training}.forward().Apply(in...)
					},
				}.run(t)
			})
		}
	}
}

// TestBatchNorm: values and running statistics by hand. The channels are 1, 3 and 2, 2 with
// an added 0, 4: means 2 and 2, variances 1 and 4 if the batch is (1, 0), (3, 4).
func TestBatchNorm(t *testing.T) {
	pass := func(mode Mode, state []float64) (y, after []float64) {
		g := gorgonia.NewGraph()
		b, err := NewBatchNorm(g, tensor.Float64, "norm", 2, mode)
		require.NoError(t, err)
		set(t, b.scale, []float64{1, 10})
		set(t, b.shift, []float64{0, 1})
		if state != nil {
			set(t, b.mean, state[:2])
			set(t, b.variance, state[2:])
		}
		out, err := b.Apply(input(g, tensor.Float64, tensor.Shape{2, 2}, "x", []float64{1, 0, 3, 4}))
		require.NoError(t, err)
		var v gorgonia.Value
		gorgonia.Read(out, &v)
		vm := gorgonia.NewTapeMachine(g)
		defer vm.Close()
		require.NoError(t, vm.RunAll())
		return numbers(t, v), parameters(t, b.State())
	}
	y, state := pass(Training, nil)
	a, b := 1/math.Sqrt(1+1e-5), 20/math.Sqrt(4+1e-5)
	near(t, []float64{-a, 1 - b, a, 1 + b}, y, 0, 1e-14, "y") // rounding of numbers of about 10
	// 0.9·start + 0.1·batch; the variances of two numbers with n − 1 are 2 and 8.
	near(t, []float64{0.2, 0.2, 1.1, 1.7}, state, 0, 1e-15, "running")
	_, state = pass(Training, state)
	near(t, []float64{0.38, 0.38, 1.19, 2.33}, state, 0, 1e-15, "running twice")
	y, after := pass(Evaluation, []float64{1, 2, 4, 9})
	near(t, []float64{0, 1 - 20/math.Sqrt(9+1e-5), 2 / math.Sqrt(4+1e-5), 1 + 20/math.Sqrt(9+1e-5)}, y, 0, 1e-14, "evaluation")
	require.Equal(t, []float64{1, 2, 4, 9}, after)
}

// TestBatchNormFormula: values and running statistics of three passes against the formulas,
// over odd shapes: one image, one pixel, one channel. A second normalisation of the same
// numbers, of equal shape, keeps statistics of its own.
func TestBatchNormFormula(t *testing.T) {
	for seed, shape := range []tensor.Shape{{2, 1}, {7, 3}, {1, 2, 1, 2}, {1, 1, 3, 5}, {3, 4, 1, 1}, {5, 2, 3, 7}} {
		for _, dt := range dtypes {
			eps := 1e-12
			if dt == tensor.Float32 {
				eps = 2e-5 // x of 5 ± 3 by up to 2/σ
			}
			rng := rand.New(rand.NewPCG(uint64(seed), 5))
			c := shape[1]
			scale, shift, mean, variance := uniform(rng, c, 2), uniform(rng, c, 2), fill(c, 0), fill(c, 1)
			g := gorgonia.NewGraph()
			b, err := NewBatchNorm(g, dt, "b", c, Training)
			require.NoError(t, err)
			other, err := NewBatchNorm(g, dt, "other", c, Training)
			require.NoError(t, err)
			set(t, b.scale, scale)
			set(t, b.shift, shift)
			set(t, other.mean, fill(c, 1))
			x := input(g, dt, shape, "x", fill(shape.TotalSize(), 0))
			y, err := b.Apply(x)
			require.NoError(t, err)
			_, err = other.Apply(x)
			require.NoError(t, err)
			var v gorgonia.Value
			gorgonia.Read(y, &v)
			vm := gorgonia.NewTapeMachine(g)
			for range 3 {
				xs := uniform(rng, shape.TotalSize(), 3)
				for i := range xs {
					xs[i] += 5
				}
				set(t, x, xs)
				require.NoError(t, vm.RunAll())
				got, inner := numbers(t, v), shape.TotalSize()/shape[0]/c
				for k := range c {
					var in, out []float64
					for i, e := range xs {
						if i/inner%c == k {
							in, out = append(in, e), append(out, got[i])
						}
					}
					m, s := stat.PopMeanVariance(in, nil)
					for i, e := range in {
						require.InDelta(t, scale[k]*(e-m)/math.Sqrt(s+1e-5)+shift[k], out[i], eps)
					}
					mean[k] = 0.9*mean[k] + 0.1*m
					variance[k] = 0.9*variance[k] + 0.1*stat.Variance(in, nil)
				}
				near(t, mean, parameters(t, gorgonia.Nodes{b.mean}), 0, eps, "mean")
				near(t, variance, parameters(t, gorgonia.Nodes{b.variance}), 0, eps, "variance")
				vm.Reset()
			}
			require.NoError(t, vm.Close())
			for i, e := range parameters(t, gorgonia.Nodes{other.mean}) {
				require.InDelta(t, mean[i]+0.9*0.9*0.9, e, eps, "the other's mean, which began at 1")
			}
		}
	}
}

func TestLayerErrors(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, tensor.Shape{1, 3}, "x", ramp(3))
	norm, err := NewBatchNorm(g, tensor.Float32, "n", 3, Training)
	require.NoError(t, err)
	drop, err := NewDropout(g, tensor.Float32, "d", 0.5, 1, Training)
	require.NoError(t, err)
	for want, f := range map[string]func() error{
		"one number per channel":    func() error { _, err := norm.Apply(x); return err },
		"BatchNorm.Apply: x is nil": func() error { _, err := norm.Apply(nil); return err },
		"as many channels": func() error {
			_, err := norm.Apply(input(g, tensor.Float32, tensor.Shape{2, 2}, "y", ramp(4)))
			return err
		},
		"not made by NewBatchNorm": func() error { _, err := new(BatchNorm).Apply(x); return err },
		"not made by NewDropout":   func() error { _, err := new(Dropout).Apply(x); return err },
		"Dropout.Apply: x is nil":  func() error { _, err := drop.Apply(nil); return err },
		"channels is 0":            func() error { _, err := NewBatchNorm(g, tensor.Float32, "m", 0, Training); return err },
		"NewBatchNorm: Mode is 2":  func() error { _, err := NewBatchNorm(g, tensor.Float32, "m", 1, 2); return err },
		"already has a node named": func() error { _, err := NewBatchNorm(g, tensor.Float32, "n", 3, Training); return err },
		"p is 1, want":             func() error { _, err := NewDropout(g, tensor.Float32, "e", 1, 1, Training); return err },
		"p is NaN":                 func() error { _, err := NewDropout(g, tensor.Float32, "e", math.NaN(), 1, Training); return err },
		"NewDropout: Mode is -1":   func() error { _, err := NewDropout(g, tensor.Float32, "e", 0, 1, -1); return err },
		"factor is 0": func() error {
			_, err := Upsample2D(input(g, tensor.Float32, tensor.Shape{1, 1, 1, 1}, "z", ramp(1)), 0)
			return err
		},
		"upsample: the result would be of shape (1, 1, 65536, 65536), more than 2147483648 numbers": func() error {
			_, err := Upsample2D(input(g, tensor.Float32, tensor.Shape{1, 1, 64, 64}, "wide", ramp(4096)), 1024)
			return err
		},
		"conv: the result would be of shape (1, 1024, 2049, 2049)": func() error {
			image, filters := tensor.Shape{1, 1, 1, 1}, tensor.Shape{1024, 1, 1, 1}
			_, err := Conv2D(input(g, tensor.Float32, image, "padded", ramp(1)), input(g, tensor.Float32, filters, "filters", ramp(1024)), nil, ConvOptions{Pad: 1024})
			return err
		},
		"Upsample2D: x has shape (1": func() error { _, err := Upsample2D(x, 2); return err },
	} {
		refuses(t, want, f)
		require.ErrorContains(t, f(), want)
	}
}

// dropped is two training passes of a dropout of ones, from a count: the results and the
// gradients to x of each, and the count after.
func dropped(t *testing.T, dt tensor.Dtype, p float64, seed uint64, count float64, n int, lisp bool) (y, dx [2][]float64, after float64) {
	t.Helper()
	g := gorgonia.NewGraph()
	d, err := NewDropout(g, dt, "drop", p, seed, Training)
	require.NoError(t, err)
	set(t, d.count, []float64{count})
	x := input(g, dt, tensor.Shape{n}, "x", fill(n, 1))
	out, err := d.Apply(x)
	require.NoError(t, err)
	var v gorgonia.Value
	gorgonia.Read(out, &v)
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(out, input(g, dt, tensor.Shape{n}, "w", fill(n, 3))))))
	vm := machine(t, cost, lisp, x)
	for k := range y {
		require.NoError(t, vm.RunAll())
		y[k], dx[k] = numbers(t, v), grad(t, x)
		clearGrad(t, x)
		vm.Reset()
	}
	return y, dx, parameters(t, d.State())[0]
}

func clearGrad(t *testing.T, n *gorgonia.Node) {
	t.Helper()
	v, err := n.Grad()
	require.NoError(t, err)
	v.(*tensor.Dense).Zero()
}

// TestDropout: the share that is dropped, the gradient, which is that of the same mask, and
// that masks depend on seed and count alone.
func TestDropout(t *testing.T) {
	const n, p = 10000, 0.3
	for _, lisp := range []bool{false, true} {
		y, dx, after := dropped(t, tensor.Float64, p, 1, 0, n, lisp)
		passes := 2
		if lisp {
			passes = 1 // a LispMachine computes nothing anew after Reset
		}
		require.Equal(t, float64(passes), after)
		for k := range passes {
			zeros := 0
			for i, e := range y[k] {
				require.Contains(t, []float64{0, 1 / (1 - p)}, e)
				require.InDelta(t, 3*e, dx[k][i], 1e-15)
				if e == 0 {
					zeros++
				}
			}
			require.InDelta(t, n*p, zeros, 5*math.Sqrt(n*p*(1-p)), "pass %d", k) // five standard deviations
		}
		later, _, _ := dropped(t, tensor.Float64, p, 1, 1, n, lisp)
		require.NotEqual(t, y[0], later[0])
		if !lisp {
			require.Equal(t, y[1], later[0], "a training that goes on")
		}
		other, _, _ := dropped(t, tensor.Float64, p, 2, 0, n, lisp)
		require.NotEqual(t, y[0], other[0])
		small, _, _ := dropped(t, tensor.Float32, p, 1, 0, n, lisp)
		for i, e := range y[0] {
			require.Equal(t, e == 0, small[0][i] == 0, "float32")
		}
	}
	_, _, after := dropped(t, tensor.Float32, p, 1, maxCount-1, n, false)
	require.Equal(t, 1., after, "a count that float32 would not hold begins again")

	// Two Applies, and another Dropout of the same p, to one x: each has a mask of its own.
	g := gorgonia.NewGraph()
	var values [3]gorgonia.Value
	one, err := NewDropout(g, tensor.Float32, "one", p, 1, Training)
	require.NoError(t, err)
	two, err := NewDropout(g, tensor.Float32, "two", p, 2, Training)
	require.NoError(t, err)
	ones := input(g, tensor.Float32, tensor.Shape{100}, "ones", fill(100, 1))
	for i, d := range []*Dropout{one, one, two} {
		y, err := d.Apply(ones)
		require.NoError(t, err)
		gorgonia.Read(y, &values[i])
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	for i := range values {
		require.NotEqual(t, numbers(t, values[i]), numbers(t, values[(i+1)%3]))
	}
	require.Equal(t, []float64{2, 1}, parameters(t, append(one.State(), two.State()...)))

	g = gorgonia.NewGraph()
	d, err := NewDropout(g, tensor.Float32, "d", p, 1, Evaluation)
	require.NoError(t, err)
	x := input(g, tensor.Float32, tensor.Shape{2}, "x", ramp(2))
	y, err := d.Apply(x)
	require.NoError(t, err)
	require.Same(t, x, y)
}

func TestUpsample2D(t *testing.T) {
	c := layerCheck{shapes: []tensor.Shape{{2, 1, 2, 3}}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return Upsample2D(in[0], 2) }, x: [][]float64{ramp(12)}}
	y := c.run(t)
	for i, e := range y {
		n, r, s := i/24, i/6%4, i%6
		require.Equal(t, c.x[0][n*6+r/2*3+s/2], e)
	}
	layerCheck{shapes: []tensor.Shape{{1, 2, 1, 2}}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return Upsample2D(in[0], 3) }}.run(t)
	layerCheck{shapes: []tensor.Shape{{1, 2, 1, 2}}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return Upsample2D(in[0], 1) }}.run(t)
}

func TestConcat(t *testing.T) {
	c := layerCheck{shapes: []tensor.Shape{{2, 1, 1, 2}, {2, 2, 1, 2}}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) { return concatChannels(in[0], in[1]) }}
	c.x = [][]float64{{1, 2, 3, 4}, {5, 6, 7, 8, 9, 10, 11, 12}}
	require.Equal(t, []float64{1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12}, c.run(t))
}

func ExampleNewBatchNorm() {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(2, 1), tensor.WithBacking([]float32{1, 3})), gorgonia.WithName("x"))
	norm, err := NewBatchNorm(g, tensor.Float32, "norm", 1, Training)
	if err != nil {
		panic(err)
	}
	y, err := norm.Apply(x)
	if err != nil {
		panic(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		panic(err)
	}
	fmt.Printf("%.2f, running mean %.1f and variance %.1f\n", y.Value().Data(), norm.State()[0].Value().Data(), norm.State()[1].Value().Data())
	// Output: [-1.00 1.00], running mean [0.2] and variance [1.1]
}

func ExampleNewDropout() {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(6), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6})), gorgonia.WithName("x"))
	drop, err := NewDropout(g, tensor.Float32, "drop", 0.5, 1, Evaluation)
	if err != nil {
		panic(err)
	}
	y, err := drop.Apply(x)
	if err != nil {
		panic(err)
	}
	fmt.Println(y == x)
	// Output: true
}

func ExampleUpsample2D() {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(1, 1, 1, 2), tensor.WithBacking([]float32{1, 2})), gorgonia.WithName("x"))
	y, err := Upsample2D(x, 2)
	if err != nil {
		panic(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		panic(err)
	}
	fmt.Println(y.Value().Data())
	// Output: [1 1 2 2 1 1 2 2]
}
