//go:build cuda

package main

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/table"
	_ "go4.org/unsafe/assume-no-moving-gc"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// sections are the parts of the report. It is set by init, as they lead back to it.
var sections []section

func init() {
	sections = []section{
		{"device", (*report).device},
		{"products", (*report).products},
		{"elementwise", (*report).elementwise},
		{"activation", (*report).activation},
		{"shapes", (*report).shapes},
		{"training", (*report).training},
		{"machines", (*report).machines},
		{"steps", (*report).steps},
		{"speed", (*report).speed},
	}
}

// activation checks all variants, with one θ and with several, in both dtypes.
func (r *report) activation() error {
	for _, v := range []ditacop.Variant{ditacop.VariantDiTAC, ditacop.VariantLeaky, ditacop.VariantGE, ditacop.VariantInfinite, ditacop.VariantPlain, ditacop.VariantAmplified} {
		for _, groups := range []int{1, 4} {
			for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
				r.do(fmt.Sprintf("%v, %d θ, %v", v, groups, dt), func() error { return r.pass(v, groups, dt) })
			}
		}
	}
	return nil
}

// rows × columns are the elements of a check; groups divide the columns.
const rows, columns = 500, 12

// pass checks the forward pass and both gradients of a variant, and that a second run
// gives the same bits.
func (r *report) pass(v ditacop.Variant, groups int, dt tensor.Dtype) error {
	got, act, err := once(v, groups, dt)
	if err != nil {
		return err
	}
	again, _, err := once(v, groups, dt)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%v, %d θ, %v: ", v, groups, dt)
	tol := 1e-12
	if dt == tensor.Float32 {
		tol = 1e-5 // the table's 1e-6 of the domain's width, and rounding
	}
	want, err := exactly(act, dt)
	if err != nil {
		return err
	}
	for k, what := range []string{"forward", "gradient to x", "gradient to θ"} {
		r.check(name+what, worst(want[k], got[k]), tol)
	}
	differ := 0.0
	for k := range got {
		for i := range got[k] {
			if math.Float64bits(got[k][i]) != math.Float64bits(again[k][i]) {
				differ++
			}
		}
	}
	r.check(name+"numbers that differ in a second run", differ, 0)
	return nil
}

// worst returns the largest difference relative to the largest number, or to 1.
func worst(want, got []float64) float64 {
	largest, off := 1.0, 0.0
	for i := range want {
		largest = math.Max(largest, math.Abs(want[i]))
		if d := math.Abs(got[i] - want[i]); !(d <= off) {
			off = d // NaN, too
		}
	}
	return off / largest
}

// elements returns the inputs of a check.
func elements() []float64 {
	x := make([]float64, rows*columns)
	for i := range x {
		x[i] = float64(float32(8*float64((i*7919)%len(x))/float64(len(x)-1) - 4))
	}
	return x
}

// once runs Σ y² once and returns y, the gradient to x and that to θ.
func once(v ditacop.Variant, groups int, dt tensor.Dtype) ([3][]float64, *ditacop.Activation, error) {
	var none [3][]float64
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, dt, gorgonia.WithName("x"), gorgonia.WithShape(rows, columns),
		gorgonia.WithValue(tensor.New(tensor.WithShape(rows, columns), tensor.WithBacking(backing(dt, elements())))))
	opts := []ditacop.Option{ditacop.WithVariant(v), ditacop.WithInit(ditacop.PriorSample(7, 3, 0.5))}
	if v == ditacop.VariantAmplified {
		opts = append(opts, ditacop.WithLearnedAmplification(3))
	}
	if groups > 1 {
		opts = append(opts, ditacop.WithGroups(1, groups))
	}
	act, err := ditacop.New(g, dt, opts...)
	if err != nil {
		return none, nil, err
	}
	y, err := act.Apply(x)
	if err != nil {
		return none, nil, err
	}
	cost, err := gorgonia.Sum(gorgonia.Must(gorgonia.Square(y)))
	if err != nil {
		return none, nil, err
	}
	grads, err := gorgonia.Grad(cost, x, act.Theta())
	if err != nil {
		return none, nil, err
	}
	var read [3]gorgonia.Value
	for i, n := range []*gorgonia.Node{y, grads[0], grads[1]} {
		gorgonia.Read(n, &read[i])
	}
	m, err := cuda.NewTapeMachine(g)
	if err != nil {
		return none, nil, err
	}
	defer m.Close()
	if err := m.RunAll(); err != nil {
		return none, nil, err
	}
	for i := range read {
		none[i] = floats(read[i])
	}
	return none, act, nil
}

// exactly computes what once should return.
func exactly(act *ditacop.Activation, dt tensor.Dtype) ([3][]float64, error) {
	x := elements()
	y, dx := make([]float64, len(x)), make([]float64, len(x))
	var dtheta []float64
	width := columns / act.Groups()
	for g := range act.Groups() {
		theta, err := act.ThetaValues(g)
		if err != nil {
			return [3][]float64{}, err
		}
		shown, err := act.Exact(g)
		if err != nil {
			return [3][]float64{}, err
		}
		e, err := table.NewExact(table.ShapeOf(shown.Curve()), theta)
		if err != nil {
			return [3][]float64{}, err
		}
		sum := make([]float64, e.Dim())
		for row := range rows {
			from := row*columns + g*width
			in, out := x[from:from+width], y[from:from+width]
			e.Forward64(out, in)
			up := make([]float64, width)
			for i := range up {
				up[i] = 2 * out[i]
			}
			e.BackwardX64(dx[from:from+width], in, up)
			e.BackwardTheta64(sum, in, up)
		}
		dtheta = append(dtheta, sum...)
	}
	return [3][]float64{y, dx, dtheta}, nil
}

// backing converts to the dtype.
func backing(dt tensor.Dtype, x []float64) any {
	if dt == tensor.Float64 {
		return append([]float64(nil), x...)
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// floats returns a copy of a value's numbers.
func floats(v gorgonia.Value) []float64 {
	if x, ok := v.Data().([]float64); ok {
		return append([]float64(nil), x...)
	}
	in := v.Data().([]float32)
	x := make([]float64, len(in))
	for i := range in {
		x[i] = float64(in[i])
	}
	return x
}
