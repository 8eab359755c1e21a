package ditacop_test

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// input returns a node with the given numbers.
func input(g *gorgonia.ExprGraph, name string, shape tensor.Shape, x ...float64) *gorgonia.Node {
	return gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)), gorgonia.WithName(name))
}

// evaluate runs the graph and returns the value of y.
func evaluate(y *gorgonia.Node) ([]float64, error) {
	var v gorgonia.Value
	gorgonia.Read(y, &v)
	vm := gorgonia.NewTapeMachine(y.Graph())
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return nil, err
	}
	return v.Data().([]float64), nil
}

func ExampleDiTAC() {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.Shape{3}, -1, 0, 1)
	y, err := ditacop.DiTAC(x) // θ starts at 0: GELU
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := evaluate(y)
	fmt.Printf("%.4f %v\n", v, err)
	// Output:
	// [-0.1587 0.0000 0.8413] <nil>
}

func ExampleDiTAC_badOption() {
	x := input(gorgonia.NewGraph(), "x", tensor.Shape{3}, -1, 0, 1)
	_, err := ditacop.DiTAC(x, ditacop.WithDomain(2, -2))
	fmt.Println(err)
	_, err = ditacop.DiTAC(x, ditacop.WithCells(1))
	fmt.Println(err)
	// Output:
	// ditacop: cpab: domain [2,-2], want finite a < b
	// ditacop: cells = 1 with zero boundary leaves no parameter, want at least 2
}

func ExampleNew() {
	g := gorgonia.NewGraph()
	a, err := ditacop.New(g, tensor.Float64, ditacop.WithName("shared"), ditacop.WithCells(4))
	if err != nil {
		fmt.Println(err)
		return
	}
	x := input(g, "x", tensor.Shape{2}, -1, 1)
	h, err := a.Apply(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	if h, err = a.Apply(h); err != nil { // the same θ again
		fmt.Println(err)
		return
	}
	v, err := evaluate(h)
	fmt.Printf("%s: %v with %d parameters\n%.4f %v\n", a.Name(), a, a.Theta().Shape().TotalSize(), v, err)
	// Output:
	// shared: ditac(4 cells on [-3,3], zero boundary, hat basis) with 3 parameters
	// [-0.0693 0.6730] <nil>
}

func ExampleLearnables() {
	g := gorgonia.NewGraph()
	h := input(g, "x", tensor.Shape{2}, -1, 1)
	for range 2 {
		var err error
		if h, err = ditacop.DiTAC(h); err != nil {
			fmt.Println(err)
			return
		}
	}
	for i, n := range ditacop.Learnables(g) {
		fmt.Println(n.Name(), n.Shape(), ditacop.Activations(g)[i].Variant())
	}
	// Output:
	// ditac1.theta (59) ditac
	// ditac2.theta (59) ditac
}

func ExamplePenalty() {
	g := gorgonia.NewGraph()
	y, err := ditacop.DiTAC(input(g, "x", tensor.Shape{2}, -1, 1),
		ditacop.WithInit(ditacop.FromTheta([]float64{1, 0, 0, 0, 0, 0, 0, 0, 0})),
		ditacop.WithCells(10), ditacop.WithBasis(cpab.BasisQR), ditacop.WithPenalty(0.1, 5, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	penalty, err := ditacop.Penalty(g)
	if err != nil {
		fmt.Println(err)
		return
	}
	cost := gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Mean(y)), penalty))
	_, err = gorgonia.Grad(cost, ditacop.Learnables(g)...)
	fmt.Println(err)
	var v gorgonia.Value
	gorgonia.Read(penalty, &v)
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	fmt.Println(vm.RunAll())
	fmt.Printf("λ·θᵀΣ⁻¹θ = %.5f\n", v.Data())
	// Output:
	// <nil>
	// <nil>
	// λ·θᵀΣ⁻¹θ = 0.00356
}

func ExampleActivation_Penalty() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := a.Penalty()
	fmt.Println(p.Shape(), err, a.Lambda() == ditacop.DefaultLambda)
	// Output:
	// () <nil> true
}

func ExampleActivation_Eval() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64, ditacop.WithAuthorsSettings(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	y, dy, err := a.Eval(0, []float64{-1, 0, 1})
	fmt.Printf("%.4f, slopes %.4f %v\n", y, dy, err)
	theta, err := a.ThetaValues(0)
	fmt.Println(len(theta), "parameters,", a.Init(), err)
	e, err := a.Exact(0)
	fmt.Printf("velocity at 0.5: %.4f %v\n", e.Field().Velocity(0.5), err)
	// Output:
	// [-0.4047 -1.0971 -1.3573], slopes [-0.5709 -0.6634 0.2719] <nil>
	// 9 parameters, prior(seed 1, length scale 3, scale 2) <nil>
	// velocity at 0.5: -2.7883 <nil>
}

func ExampleFitted() {
	// Start as near to a scaled tanh as VariantPlain can be: it is monotone and keeps
	// the ends of the domain.
	f := func(x float64) float64 { return 2 * math.Tanh(x) / math.Tanh(2) }
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64, ditacop.WithVariant(ditacop.VariantPlain),
		ditacop.WithDomain(-2, 2), ditacop.WithCells(20), ditacop.WithInit(ditacop.Fitted(f)))
	if err != nil {
		fmt.Println(err)
		return
	}
	worst := 0.0
	for x := -2.0; x <= 2; x += 0.1 {
		y, _, err := a.Eval(0, []float64{x})
		if err != nil {
			fmt.Println(err)
			return
		}
		worst = max(worst, math.Abs(y[0]-f(x)))
	}
	fmt.Printf("largest distance below 0.01: %t\n", worst < 0.01)
	// Output:
	// largest distance below 0.01: true
}

func ExampleIdentity() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64, ditacop.WithInit(ditacop.Identity()))
	if err != nil {
		fmt.Println(err)
		return
	}
	y, _, err := a.Eval(0, []float64{0.7})
	gelu, _ := curve.Gelu(0.7)
	fmt.Println(y[0] == gelu, err)
	// Output:
	// true <nil>
}

func ExampleWithPerChannel() {
	// A batch of 2 images of 3 channels, 4×4 pixels: one θ per channel.
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.Shape{2, 3, 4, 4}, make([]float64, 96)...)
	if _, err := ditacop.DiTAC(x, ditacop.WithPerChannel(1)); err != nil {
		fmt.Println(err)
		return
	}
	a := ditacop.Activations(g)[0]
	fmt.Println(a.Groups(), a.Theta().Shape(), a)
	// Output:
	// 3 (3, 59) ditac(60 cells on [-3,3], zero boundary, hat basis, 3 groups along axis 1)
}

func ExampleWithGroups() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float32, ditacop.WithGroups(1, 4), ditacop.WithCells(6))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Theta().Shape())
	// Output:
	// (4, 5)
}

func ExampleOption() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float32,
		ditacop.WithVariant(ditacop.VariantLeaky),
		ditacop.WithNegativeSlope(0.1),
		ditacop.WithCells(16),
		ditacop.WithDomain(-4, 4),
		ditacop.WithBasis(cpab.BasisNodal),
		ditacop.WithBoundary(cpab.ZeroBoundary),
		ditacop.WithTolerance(1e-5),
	)
	fmt.Println(a, err)
	// A basis of one's own: one hat on two cells.
	a, err = ditacop.New(gorgonia.NewGraph(), tensor.Float32, ditacop.WithCells(2), ditacop.WithBasisMatrix([]float64{2, 0, -2, 2}))
	fmt.Println(a, err)
	// Output:
	// leaky(16 cells on [-4,4], zero boundary, nodal basis) <nil>
	// ditac(2 cells on [-3,3], zero boundary, custom basis) <nil>
}

func ExampleNewSplitSolver() {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.Shape{4}, -1, 0, 1, 2)
	w := input(g, "w", tensor.Shape{4}, 1, 1, 1, 1)
	y, err := ditacop.DiTAC(gorgonia.Must(gorgonia.HadamardProd(x, w)))
	if err != nil {
		fmt.Println(err)
		return
	}
	cost := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(y))))
	thetas := ditacop.Learnables(g)
	learnables := append(gorgonia.Nodes{w}, thetas...)
	if _, err := gorgonia.Grad(cost, learnables...); err != nil {
		fmt.Println(err)
		return
	}
	solver, err := ditacop.NewSplitSolver(
		gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1)),
		gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.01)), // θ's own
		thetas)
	if err != nil {
		fmt.Println(err)
		return
	}
	var loss gorgonia.Value
	gorgonia.Read(cost, &loss)
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(learnables...))
	defer vm.Close()
	var losses []float64
	for range 20 {
		if err := vm.RunAll(); err != nil {
			fmt.Println(err)
			return
		}
		losses = append(losses, loss.Data().(float64))
		if err := solver.Step(gorgonia.NodesToValueGrads(learnables)); err != nil {
			fmt.Println(err)
			return
		}
		vm.Reset()
	}
	fmt.Println("the loss falls:", losses[19] < losses[0]/4)
	// Output:
	// the loss falls: true
}

func ExampleWithAmplification() {
	// x + sin 3x goes down in places: no monotone T does, but an amplified one.
	f := func(x float64) float64 { return (x + math.Sin(3*x)) * 0.5 * math.Erfc(-x/math.Sqrt2) }
	for _, opts := range [][]ditacop.Option{
		nil,
		{ditacop.WithVariant(ditacop.VariantAmplified), ditacop.WithAmplification(4)},
	} {
		a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64, append(opts,
			ditacop.WithDomain(-math.Pi, math.Pi), ditacop.WithInit(ditacop.Fitted(f)))...)
		if err != nil {
			fmt.Println(err)
			return
		}
		y, _, err := a.Eval(0, []float64{0.5, 1, 1.5})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v: %.2f\n", a.Variant(), y)
	}
	fmt.Printf("wanted: %.2f\n", []float64{f(0.5), f(1), f(1.5)})
	// Output:
	// ditac: [0.67 0.82 0.91]
	// amplified: [1.04 0.96 0.49]
	// wanted: [1.04 0.96 0.49]
}

func ExampleWithLearnedAmplification() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64, ditacop.WithVariant(ditacop.VariantAmplified),
		ditacop.WithLearnedAmplification(2), ditacop.WithCells(6), ditacop.WithInit(ditacop.FromTheta([]float64{0, 0.1, 0.2, 0.1, 0, 1.5})))
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := a.Exact(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a)
	fmt.Println(a.Dim(), "parameters, α =", e.Amplification()) // 5 of the field; the last is α − 2
	// Output:
	// amplified(α from 2, 6 cells on [-3,3], zero boundary, hat basis)
	// 6 parameters, α = 3.5
}
