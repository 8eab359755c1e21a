package models_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// vector returns a node that holds the numbers x.
func vector(g *gorgonia.ExprGraph, name string, x ...float64) *gorgonia.Node {
	return gorgonia.NewVector(g, tensor.Float64, gorgonia.WithShape(len(x)), gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x))))
}

// matrix returns a node of the given number of columns that holds the numbers x.
func matrix(g *gorgonia.ExprGraph, name string, columns int, x ...float32) *gorgonia.Node {
	shape := []int{len(x) / columns, columns}
	return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))))
}

// The example applies a baseline to a vector.
func ExampleBaseline() {
	maker, err := models.Baseline("leakyrelu")
	if err != nil {
		log.Fatal(err)
	}
	g := gorgonia.NewGraph()
	activation, err := maker(models.Place{Graph: g, Dtype: tensor.Float64, Name: "activation"})
	if err != nil {
		log.Fatal(err)
	}
	y, err := activation.Apply(vector(g, "x", -2, 0, 3))
	if err != nil {
		log.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Value())
	_, err = models.Baseline("sigmoid")
	message, _, _ := strings.Cut(err.Error(), ", want")
	fmt.Println(message)
	// Output:
	// [-0.02      0      3]
	// models: Baseline: unknown activation "sigmoid"
}

// The example counts the learned numbers of the first baselines, for the paper's
// network of Figure 1, and of one that learns a parameter.
func ExampleBaselines() {
	for _, name := range append(models.Baselines()[:3], "prelu") {
		maker, err := models.Baseline(name)
		if err != nil {
			log.Fatal(err)
		}
		net, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{Sizes: []int{2, 50, 1}, Activation: maker})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, net.NumParams())
	}
	// Output:
	// relu 201
	// leakyrelu 201
	// elu 201
	// prelu 202
}

// The example makes an activation of an own function: x².
func ExampleFixed() {
	square := models.Fixed(gorgonia.Square)
	g := gorgonia.NewGraph()
	activation, err := square(models.Place{Graph: g, Dtype: tensor.Float64, Name: "square"})
	if err != nil {
		log.Fatal(err)
	}
	y, err := activation.Apply(vector(g, "x", -2, 0, 3))
	if err != nil {
		log.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Value(), len(activation.Learnables()))
	// Output: [4  0  9] 0
}

// The example gives a network the function of the README's swap. Its θ are among the
// learnables from Forward on.
func ExampleFixed_ditac() {
	swap := models.Fixed(func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return ditacop.DiTAC(x, ditacop.WithCells(10))
	})
	g := gorgonia.NewGraph()
	net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 50, 1}, Activation: swap})
	if err != nil {
		log.Fatal(err)
	}
	before := net.NumParams()
	if _, err := net.Forward(matrix(g, "x", 2, 1, 2)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(before, net.NumParams(), net.ActivationLearnables()[0].Name())
	// Output: 201 210 ditac1.theta
}

// The example gives each hidden layer DiTAC activations, one θ for every 4 of its
// units.
func ExampleMaker() {
	grouped := func(p models.Place) (models.Activation, error) {
		return ditacop.New(p.Graph, p.Dtype, ditacop.WithName(p.Name), ditacop.WithCells(10), ditacop.WithGroups(p.Axis, p.Channels/4))
	}
	net, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{Sizes: []int{2, 40, 16, 1}, Activation: grouped})
	if err != nil {
		log.Fatal(err)
	}
	for _, theta := range net.ActivationLearnables() {
		fmt.Println(theta.Name(), theta.Shape())
	}
	// Output:
	// mlp.0.activation.theta (10, 9)
	// mlp.1.activation.theta (4, 9)
}

// The example gives a network DiTAC activations: 10 cells have 9 parameters.
func ExampleDiTAC() {
	net, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{
		Sizes:      []int{2, 50, 1},
		Activation: models.DiTAC(ditacop.WithCells(10)),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(net.NumParams(), net.ActivationLearnables()[0].Shape())
	// Output: 210 (9)
}

// The example gives each of the 16 and 32 channels of a convolutional network a θ
// of its own.
func ExampleDiTACPerChannel() {
	net, err := models.NewLeNet(gorgonia.NewGraph(), models.LeNetConfig{
		Activation: models.DiTACPerChannel(ditacop.WithCells(10)),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, theta := range net.ActivationLearnables() {
		fmt.Println(theta.Name(), theta.Shape())
	}
	// Output:
	// lenet.0.activation.theta (16, 9)
	// lenet.1.activation.theta (32, 9)
}

// The example counts the parameters of two networks, whatever they are.
func ExampleNetwork() {
	mlp, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{Sizes: []int{784, 50, 10}, Activation: models.DiTACPerChannel()})
	if err != nil {
		log.Fatal(err)
	}
	lenet, err := models.NewLeNet(gorgonia.NewGraph(), models.LeNetConfig{Activation: models.Fixed(gorgonia.Rectify)})
	if err != nil {
		log.Fatal(err)
	}
	for _, net := range []models.Network{mlp, lenet} {
		fmt.Println(len(net.Weights()), len(net.ActivationLearnables()), net.NumParams() > 20000)
	}
	// Output:
	// 4 1 true
	// 4 0 true
}

// The example makes a network and lists its learnables.
func ExampleNewMLP() {
	swish, err := models.Baseline("swish")
	if err != nil {
		log.Fatal(err)
	}
	net, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{
		Sizes:      []int{2, 50, 1},
		Activation: swish,
		Seed:       1,
		Name:       "net",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range net.Learnables() {
		fmt.Println(n.Name(), n.Shape())
	}
	fmt.Println(net.NumParams(), "numbers")
	// Output:
	// net.0.weight (2, 50)
	// net.0.bias (50)
	// net.1.weight (50, 1)
	// net.1.bias (1)
	// net.0.activation.beta (1)
	// 202 numbers
}

// The example sets the weights of a network by hand, so that it computes |x₀ − x₁|,
// and reads its output and the inputs of its activation.
func ExampleMLP_Forward() {
	relu, err := models.Baseline("relu")
	if err != nil {
		log.Fatal(err)
	}
	g := gorgonia.NewGraph()
	net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 2, 1}, Activation: relu})
	if err != nil {
		log.Fatal(err)
	}
	for i, numbers := range [][]float32{
		{1, -1, -1, 1}, {0, 0}, // weights and biases of the hidden layer
		{1, 1}, {0}, // and of the output
	} {
		copy(net.Weights()[i].Value().Data().([]float32), numbers)
	}

	y, err := net.Forward(matrix(g, "x", 2, 3, 1, 1, 3, 2, 2))
	if err != nil {
		log.Fatal(err)
	}
	var output, hidden gorgonia.Value
	gorgonia.Read(y, &output)
	gorgonia.Read(net.PreActivations()[0], &hidden)
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(hidden.Shape(), hidden.Data())
	fmt.Println(output.Shape(), output.Data())
	// Output:
	// (3, 2) [2 -2 -2 2 0 0]
	// (3, 1) [2 2 0]
}

// The example fits the slope and the bias of a line through two points.
func ExampleNewTrainer() {
	g := gorgonia.NewGraph()
	line, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 1}})
	if err != nil {
		log.Fatal(err)
	}
	y, err := line.Forward(matrix(g, "x", 1, -1, 1))
	if err != nil {
		log.Fatal(err)
	}
	cost, err := models.MSE(y, matrix(g, "target", 1, 1, 5))
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := models.NewTrainer(cost, models.Group{
		Nodes:     line.Learnables(),
		Solver:    gorgonia.NewVanillaSolver(),
		LearnRate: 0.25,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	if _, err := trainer.Run(context.Background(), 60, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("y = %.3f·x + %.3f\n", line.Weights()[0].Value().Data(), line.Weights()[1].Value().Data())
	// Output: y = [2.000]·x + [3.000]
}

// The example trains the activation's parameter at a rate and schedule of its own,
// on a new batch in each step. In a program, let ctx be that of
// signal.NotifyContext, so that Ctrl-C ends the run with what was learned.
func ExampleTrainer_Run() {
	ctx := context.Background()
	prelu, err := models.Baseline("prelu")
	if err != nil {
		log.Fatal(err)
	}
	g := gorgonia.NewGraph()
	net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 8, 1}, Activation: prelu, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	x, target := matrix(g, "x", 1, make([]float32, 16)...), matrix(g, "target", 1, make([]float32, 16)...)
	y, err := net.Forward(x)
	if err != nil {
		log.Fatal(err)
	}
	cost, err := models.MSE(y, target)
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := models.NewTrainer(cost,
		models.Group{Name: "weights", Nodes: net.Weights(), LearnRate: 0.02, Schedule: models.Cosine},
		models.Group{Name: "slope", Nodes: net.ActivationLearnables(), LearnRate: 0.005})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()

	xs, ys := x.Value().Data().([]float32), target.Value().Data().([]float32)
	result, err := trainer.Run(ctx, 500, func(step int) error {
		for i := range xs {
			xs[i] = float32((i*37+step*11)%32)/16 - 1
			ys[i] = max(xs[i], -xs[i]/2)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Steps, "steps, interrupted:", result.Interrupted)
	fmt.Println("learned:", result.Losses[499] < 1e-3)
	// Output:
	// 500 steps, interrupted: false
	// learned: true
}

// The example makes the steps itself, until the cost is small.
func ExampleTrainer_Step() {
	g := gorgonia.NewGraph()
	w := vector(g, "w", 8)
	cost, err := models.MSE(w, vector(g, "target", 0))
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := models.NewTrainer(cost, models.Group{Nodes: gorgonia.Nodes{w}, Solver: gorgonia.NewVanillaSolver(), LearnRate: 0.25})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	const most = 100
	for step := range most {
		loss, err := trainer.Step(step, most)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(step, loss)
		if loss < 1 {
			break
		}
	}
	// Output:
	// 0 64
	// 1 16
	// 2 4
	// 3 1
	// 4 0.25
}

// The example shows the error of a cost that is no number.
func ExampleTrainer_Run_notANumber() {
	g := gorgonia.NewGraph()
	w := vector(g, "w", 1e200)
	cost, err := models.MSE(w, vector(g, "target", 0))
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := models.NewTrainer(cost, models.Group{Nodes: gorgonia.Nodes{w}, LearnRate: 0.1})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	result, err := trainer.Run(context.Background(), 10, nil)
	fmt.Println(result.Steps, err)
	// Output: 0 models: Trainer: step 0: the cost is +Inf
}

// The example evaluates a network of batch size 2 on a single point, by a second
// network with the same numbers.
func ExampleCopyValues() {
	tanh, err := models.Baseline("tanh")
	if err != nil {
		log.Fatal(err)
	}
	evaluate := func(seed uint64, from gorgonia.Nodes, x ...float32) (gorgonia.Nodes, []float32) {
		g := gorgonia.NewGraph()
		net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 3, 1}, Activation: tanh, Seed: seed})
		if err != nil {
			log.Fatal(err)
		}
		if from != nil {
			if err := models.CopyValues(net.Learnables(), from); err != nil {
				log.Fatal(err)
			}
		}
		y, err := net.Forward(matrix(g, "x", 2, x...))
		if err != nil {
			log.Fatal(err)
		}
		vm := gorgonia.NewTapeMachine(g)
		defer vm.Close()
		if err := vm.RunAll(); err != nil {
			log.Fatal(err)
		}
		return net.Learnables(), y.Value().Data().([]float32)
	}
	learned, two := evaluate(1, nil, 0.5, -1, 2, 0)
	_, single := evaluate(2, learned, 0.5, -1)
	fmt.Println(len(two), len(single), two[0] == single[0])
	// Output: 2 1 true
}

// The example computes (1² + 2²)/2.
func ExampleMSE() {
	g := gorgonia.NewGraph()
	cost, err := models.MSE(vector(g, "pred", 4, 1), vector(g, "target", 5, 3))
	if err != nil {
		log.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(cost.Value())
	// Output: 2.5
}

func ExampleConstant() {
	fmt.Println(models.Constant(0, 4), models.Constant(3, 4))
	// Output: 1 1
}

// The example draws the schedule.
func ExampleCosine() {
	const steps = 8
	for step := range steps {
		factor := models.Cosine(step, steps)
		fmt.Printf("%.3f %s\n", factor, strings.Repeat("*", int(20*factor)))
	}
	// Output:
	// 1.000 ********************
	// 0.962 *******************
	// 0.854 *****************
	// 0.691 *************
	// 0.500 **********
	// 0.309 ******
	// 0.146 **
	// 0.038
}

// The example counts the parameters of a baseline and of a DiTAC activation by name.
func ExampleByName() {
	for _, name := range []string{"gelu", "ditac", "ditac-infinite", "amplified", "amplified4", "amplified16"} {
		maker, err := models.ByName(name)
		if err != nil {
			log.Fatal(err)
		}
		a, err := maker(models.Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "activation"})
		if err != nil {
			log.Fatal(err)
		}
		n := 0
		for _, learned := range a.Learnables() {
			n += learned.Shape().TotalSize()
		}
		fmt.Println(name, n)
	}
	// Output:
	// gelu 0
	// ditac 59
	// ditac-infinite 61
	// amplified 60
	// amplified4 59
	// amplified16 59
}

// The example lists the DiTAC activations among the names.
func ExampleNames() {
	for _, name := range models.Names() {
		if strings.HasPrefix(name, "ditac") || strings.HasPrefix(name, "amplified") {
			fmt.Println(name)
		}
	}
	// Output:
	// ditac
	// ditac-leaky
	// ditac-ge
	// ditac-infinite
	// ditac-plain
	// amplified
	// amplified4
	// amplified16
}

// The example gives two layers domains of their own.
func ExampleDiTACDomains() {
	net, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{
		Sizes:      []int{2, 16, 16, 1},
		Activation: models.DiTACDomains([][2]float64{{-2, 2}, {-5, 3}}, ditacop.WithCells(10)),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range net.Activations() {
		fmt.Println(a.(*ditacop.Activation).Space().Domain())
	}
	// Output:
	// -2 2
	// -5 3
}
