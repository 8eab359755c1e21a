package curve_test

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
)

// exampleCurve is the default variant with four cells on [−3,3].
func exampleCurve() *curve.Curve {
	s, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisNodal))
	if err != nil {
		panic(err)
	}
	c, err := curve.New(s, curve.DiTAC, 0)
	if err != nil {
		panic(err)
	}
	return c
}

var exampleTheta = []float64{0.1, -0.05, 0.1}

func Example() {
	e, err := exampleCurve().Exact(exampleTheta)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []float64{-1, 0, 1, math.Inf(1)} {
		y, dy := e.Jet(x)
		gelu, _ := curve.Gelu(x)
		fmt.Printf("x = %v: y = %.4f, slope %.4f (GELU %.4f)\n", x, y, dy, gelu)
	}
	// Output:
	// x = -1: y = -0.1229, slope -0.1003 (GELU -0.1587)
	// x = 0: y = -0.1128, slope 0.1844 (GELU 0.0000)
	// x = 1: y = 1.1872, slope 1.8745 (GELU 0.8413)
	// x = +Inf: y = +Inf, slope 1.0000 (GELU +Inf)
}

func ExampleNew() {
	s, err := cpab.NewSpace(10, cpab.WithDomain(-3, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := curve.New(s, curve.Leaky, 0.01)
	fmt.Println(c.Variant(), c.NegativeSlope(), c.Space().Dim(), err)
	_, err = curve.New(s, curve.GE, 0)
	fmt.Println(err)
	// Output:
	// leaky 0.01 9 <nil>
	// curve: domain [-3,3] for variant ge, want one that starts at 0
}

func ExampleVariant() {
	for _, v := range curve.Variants() {
		a, b := v.DefaultDomain()
		fmt.Println(v, a, b, v.DefaultBoundary())
	}
	// Output:
	// ditac -3 3 zero
	// leaky -3 3 zero
	// ge 0 3 zero
	// infinite -3 3 free
	// plain -3 3 zero
}

func ExampleParseVariant() {
	v, err := curve.ParseVariant("leaky")
	fmt.Println(v, err)
	_, err = curve.ParseVariant("relu")
	fmt.Println(err)
	// Output:
	// leaky <nil>
	// curve: variant "relu", want one of [ditac leaky ge infinite plain]
}

func ExampleExact_Reset() {
	e, err := exampleCurve().Exact(exampleTheta)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = e.Reset([]float64{0, 0, 0})
	gelu, _ := curve.Gelu(1)
	fmt.Println(e.Value(1) == gelu, err)
	// Output:
	// true <nil>
}

func ExampleExact_AddGradV() {
	e, err := exampleCurve().Exact(exampleTheta)
	if err != nil {
		fmt.Println(err)
		return
	}
	dv, dtheta := make([]float64, 5), make([]float64, 3)
	e.AddGradV(dv, 1, 1)
	err = e.Curve().Space().PullBack(dtheta, dv)
	fmt.Printf("∂y/∂θ = %.4f %v\n", dtheta, err)
	// Output:
	// ∂y/∂θ = [0.0000 1.5452 5.3717] <nil>
}

func ExampleExact_Field() {
	e, err := exampleCurve().Exact(exampleTheta)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", e.Field().VertexVelocities())
	// Output:
	// [0.00 0.60 -0.30 0.60 0.00]
}

func ExampleCurve_Table() {
	t, err := exampleCurve().Table(exampleTheta, curve.DefaultTolerance)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, y := []float32{-1, 0, 1}, make([]float32, 3)
	t.Forward32(y, x)
	fmt.Printf("%.4f; fewer pieces than bins: %t, hard bins: %d\n", y, t.Pieces() < t.Bins(), t.HardBins())

	g, dx, dtheta := []float32{1, 1, 1}, make([]float32, 3), make([]float64, t.Dim())
	t.BackwardX32(dx, x, g)
	t.BackwardTheta32(dtheta, x, g)
	fmt.Printf("%.4f and %.4f\n", dx, dtheta)
	// Output:
	// [-0.1229 -0.1128 1.1872]; fewer pieces than bins: true, hard bins: 0
	// [-0.1003 0.1844 1.8745] and [0.6159 3.9010 5.3717]
}

func ExampleTable_Reset() {
	t, err := exampleCurve().Table(exampleTheta, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	// θ has moved: the table moves with it, in its memory.
	if err := t.Exact().Reset([]float64{0, 0, 0}); err != nil {
		fmt.Println(err)
		return
	}
	t.Reset()
	y := make([]float32, 1)
	t.Forward32(y, []float32{1})
	fmt.Printf("%.4f\n", y)
	// Output:
	// [0.8413]
}

func ExampleTable_Layout() {
	t, err := exampleCurve().Table(exampleTheta, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	l, ok := t.Layout()
	fmt.Println(ok, len(l.Starts) == t.Pieces(), len(l.Pieces) == 8*t.Pieces(), l.Lo, l.Hi)
	// Output:
	// true true true -6 6.25
}

func ExampleEvaluator() {
	t, err := exampleCurve().Table(exampleTheta, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := []float32{0.7}
	for _, e := range []curve.Evaluator{t, t.Exact()} {
		y := make([]float32, 1)
		e.Forward32(y, x)
		fmt.Printf("%.5f ", y[0])
	}
	fmt.Println()
	// Output:
	// 0.65526 0.65526
}
