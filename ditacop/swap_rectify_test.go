package ditacop_test

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// trainRectify is a stock Gorgonia program: a network 1→16→1 that learns sin(3x).
// It returns the first and the last loss.
func trainRectify() (first, last float64, err error) {
	const batch, hidden, steps = 64, 16, 400
	xs, ys := make([]float64, batch), make([]float64, batch)
	for i := range xs {
		xs[i] = 2*float64(i)/(batch-1) - 1
		ys[i] = math.Sin(3 * xs[i])
	}
	ramp := func(shape tensor.Shape, scale float64) *tensor.Dense { // instead of random numbers
		w := make([]float64, shape.TotalSize())
		for i := range w {
			w[i] = scale * math.Sin(float64(5*i+1))
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(w))
	}

	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 1), tensor.WithBacking(xs)), gorgonia.WithName("x"))
	y := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(batch, 1), tensor.WithBacking(ys)), gorgonia.WithName("y"))
	w1 := gorgonia.NewMatrix(g, gorgonia.Float64, gorgonia.WithShape(1, hidden), gorgonia.WithName("w1"), gorgonia.WithValue(ramp(tensor.Shape{1, hidden}, 1)))
	b1 := gorgonia.NewMatrix(g, gorgonia.Float64, gorgonia.WithShape(1, hidden), gorgonia.WithName("b1"), gorgonia.WithValue(ramp(tensor.Shape{1, hidden}, 0.5)))
	w2 := gorgonia.NewMatrix(g, gorgonia.Float64, gorgonia.WithShape(hidden, 1), gorgonia.WithName("w2"), gorgonia.WithValue(ramp(tensor.Shape{hidden, 1}, 0.25)))

	xw, err := gorgonia.Mul(x, w1)
	if err != nil {
		return 0, 0, err
	}
	z, err := gorgonia.BroadcastAdd(xw, b1, nil, []byte{0})
	if err != nil {
		return 0, 0, err
	}
	h, err := gorgonia.Rectify(z)
	if err != nil {
		return 0, 0, err
	}
	out, err := gorgonia.Mul(h, w2)
	if err != nil {
		return 0, 0, err
	}
	cost := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(out, y))))))
	var loss gorgonia.Value
	gorgonia.Read(cost, &loss)

	learnables := gorgonia.Nodes{w1, b1, w2}
	if _, err := gorgonia.Grad(cost, learnables...); err != nil {
		return 0, 0, err
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(learnables...))
	defer vm.Close()
	solver := gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.02))
	for step := range steps {
		if err := vm.RunAll(); err != nil {
			return 0, 0, err
		}
		last = loss.Data().(float64)
		if step == 0 {
			first = last
		}
		if err := solver.Step(gorgonia.NodesToValueGrads(learnables)); err != nil {
			return 0, 0, err
		}
		vm.Reset()
	}
	return first, last, nil
}
