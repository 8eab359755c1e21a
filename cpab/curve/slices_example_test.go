package curve_test

import "fmt"

func ExampleExact_Forward64() {
	e, err := exampleCurve().Exact(exampleTheta)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, y := []float64{-1, 0, 1}, make([]float64, 3)
	e.Forward64(y, x)
	fmt.Printf("y %.4f\n", y)

	// With upstream gradients g: g·y′ for each element, Σ g·∂y/∂θ for the parameters.
	g, dx, dtheta := []float64{1, 1, 1}, make([]float64, 3), make([]float64, e.Dim())
	e.BackwardX64(dx, x, g)
	e.BackwardTheta64(dtheta, x, g)
	fmt.Printf("to x %.4f, to θ %.4f\n", dx, dtheta)
	// Output:
	// y [-0.1229 -0.1128 1.1872]
	// to x [-0.1003 0.1844 1.8745], to θ [0.6159 3.9010 5.3717]
}
