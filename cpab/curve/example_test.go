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
	c, err := curve.New(s, curve.DiTAC)
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
	c, err := curve.New(s, curve.Leaky, curve.WithNegativeSlope(0.2))
	fmt.Println(c.Variant(), c.NegativeSlope(), c.Space().Dim(), err)
	_, err = curve.New(s, curve.GE)
	fmt.Println(err)
	// Output:
	// leaky 0.2 9 <nil>
	// curve: domain [-3,3] for variant ge, want one that starts at 0
}

func ExampleVariant() {
	for _, v := range []curve.Variant{curve.DiTAC, curve.GE, curve.Infinite} {
		a, b := v.DefaultDomain()
		fmt.Println(v, a, b, v.DefaultBoundary())
	}
	// Output:
	// ditac -3 3 zero
	// ge 0 3 zero
	// infinite -3 3 free
}

func ExampleWithAmplification() {
	space, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisNodal))
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := curve.New(space, curve.Amplified, curve.WithAmplification(4))
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := c.Exact([]float64{0, 0.3, 0}) // rightward in the middle
	if err != nil {
		fmt.Println(err)
		return
	}
	_, slope := e.Field().FlowDx(1, 1)
	_, dy := e.Jet(1)
	fmt.Println("parameters:", c.Dim(), "α =", e.Amplification())
	fmt.Printf("T′(1) = %.2f, y′(1) = %.2f\n", slope, dy) // T is monotone, y need not be
	_, err = curve.New(space, curve.DiTAC, curve.WithAmplification(4))
	fmt.Println(err)
	// Output:
	// parameters: 3 α = 4
	// T′(1) = 0.30, y′(1) = -0.93
	// curve: amplification = 4 for variant ditac, which has none: want variant amplified
}

func ExampleWithLearnedAmplification() {
	space, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := curve.New(space, curve.Amplified, curve.WithLearnedAmplification(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	start, learned := c.Amplification()
	fmt.Println(space.Dim(), c.Dim(), start, learned)
	e, err := c.Exact([]float64{0.1, 0.3, -0.1, 1.5}) // the last for α
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("α =", e.Amplification())
	// Output:
	// 3 4 2 true
	// α = 3.5
}

func ExampleCurve_PullBack() {
	space, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := curve.New(space, curve.Amplified)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := c.Exact([]float64{0.1, 0.3, -0.1, 0.5})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The gradient of y(0.5) + y(1), by way of the velocities.
	dv, dtheta := make([]float64, c.GradSize()), make([]float64, c.Dim())
	for _, x := range []float64{0.5, 1} {
		if err := e.AddGradV(dv, x, 1); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := c.PullBack(dtheta, dv); err != nil {
		fmt.Println(err)
		return
	}
	_, _, a := e.Grad(nil, 0.5)
	_, _, b := e.Grad(nil, 1)
	fmt.Printf("%.4f, of α %.4f\n", dtheta, dtheta[3])
	fmt.Printf("%.4f\n", a[3]+b[3])
	// Output:
	// [0.4277 -0.1530 1.9832 -0.1487], of α -0.1487
	// -0.1487
}

func ExampleVariants() {
	all := curve.Variants()
	fmt.Println(all[0], all[1], "and others")
	// Output:
	// ditac leaky and others
}

func ExampleParseVariant() {
	v, err := curve.ParseVariant("leaky")
	fmt.Println(v, err)
	_, err = curve.ParseVariant("relu")
	fmt.Println(err != nil)
	// Output:
	// leaky <nil>
	// true
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
	if err = e.AddGradV(dv, 1, 1); err != nil {
		fmt.Println(err)
		return
	}
	err = e.Curve().Space().PullBack(dtheta, dv)
	fmt.Printf("∂y/∂θ = %.4f %v\n", dtheta, err)
	// Output:
	// ∂y/∂θ = [0.0000 1.5452 5.3717] <nil>
}

func ExampleExact_Grad() {
	e, err := exampleCurve().Exact(exampleTheta)
	if err != nil {
		fmt.Println(err)
		return
	}
	y, dy, dtheta := e.Grad(nil, 1)
	fmt.Printf("y = %.4f, y′ = %.4f, ∂y/∂θ = %.4f\n", y, dy, dtheta)
	// Output:
	// y = 1.1872, y′ = 1.8745, ∂y/∂θ = [0.0000 1.5452 5.3717]
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
