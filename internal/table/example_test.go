package table_test

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/table"
)

// exampleCurve is the default variant with four cells on [−3,3].
func exampleCurve() *table.Exact {
	s, err := cpab.NewSpace(4, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisNodal))
	if err != nil {
		panic(err)
	}
	c, err := curve.New(s, curve.DiTAC)
	if err != nil {
		panic(err)
	}
	e, err := table.NewExact(table.ShapeOf(c), []float64{0.1, -0.05, 0.1})
	if err != nil {
		panic(err)
	}
	return e
}

func exampleTable() *table.Table {
	t, err := table.New(exampleCurve(), table.DefaultTolerance)
	if err != nil {
		panic(err)
	}
	return t
}

func ExampleNew() {
	t := exampleTable()
	x, y := []float32{-1, 0, 1}, make([]float32, 3)
	t.Forward32(y, x)
	fmt.Printf("%.4f\n", y)

	g, dx, dtheta := []float32{1, 1, 1}, make([]float32, 3), make([]float64, t.Dim())
	t.BackwardX32(dx, x, g)
	t.BackwardTheta32(dtheta, x, g)
	fmt.Printf("%.4f and %.4f\n", dx, dtheta)
	// Output:
	// [-0.1229 -0.1128 1.1872]
	// [-0.1003 0.1844 1.8745] and [0.6159 3.9010 5.3717]
}

func ExampleTable_Reset() {
	t := exampleTable()
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

func ExampleEvaluator() {
	t := exampleTable()
	x := []float32{0.7}
	for _, e := range []table.Evaluator{t, t.Exact()} {
		y := make([]float32, 1)
		e.Forward32(y, x)
		fmt.Printf("%.5f ", y[0])
	}
	fmt.Println()
	// Output:
	// 0.65526 0.65526
}

func ExampleExact_Forward64() {
	e := exampleCurve()
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
