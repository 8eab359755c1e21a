package models_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// labelled returns logits, a row per example, and the labels of the examples.
func labelled(columns int, logits []float32, labels ...float32) (x, y *gorgonia.Node) {
	g := gorgonia.NewGraph()
	return matrix(g, "logits", columns, logits...), gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(len(labels)),
		gorgonia.WithName("labels"), gorgonia.WithValue(tensor.New(tensor.WithBacking(labels))))
}

// valueOf runs the graph of a node and returns its value.
func valueOf(y *gorgonia.Node, err error) gorgonia.Value {
	if err != nil {
		log.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(y.Graph())
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		log.Fatal(err)
	}
	return y.Value()
}

// The example has two examples of three classes. Of the first nothing is known, which
// costs log 3; the second is certain and right.
func ExampleCrossEntropy() {
	logits, labels := labelled(3, []float32{0, 0, 0, 0, 100, 0}, 2, 1)
	fmt.Printf("%.4f\n", valueOf(models.CrossEntropy(logits, labels)).Data())
	// Output: 0.5493
}

// The example has a logit of 0, which costs log 2 whatever the target.
func ExampleBinaryCrossEntropy() {
	g := gorgonia.NewGraph()
	logits, targets := vector(g, "logits", 0, 100), vector(g, "targets", 1, 1)
	fmt.Printf("%.4f\n", valueOf(models.BinaryCrossEntropy(logits, targets)).Data())
	// Output: 0.3466
}

// The example has two pixels, both certain and right.
func ExampleDice() {
	logits, labels := labelled(2, []float32{100, 0, 0, 100}, 0, 1)
	fmt.Println(valueOf(models.Dice(logits, labels)))
	// Output: 0
}

// The example breaks a training off and goes on in another graph, with the moments of
// the solver. Package models/train does all that.
func ExampleAdam() {
	state := models.AdamState{}
	x := 1.
	for range 2 { // two programs, say
		g := gorgonia.NewGraph()
		w := vector(g, "w", x)
		cost, err := models.MSE(w, vector(g, "target", 3))
		if err != nil {
			log.Fatal(err)
		}
		adam := models.NewAdam(models.AdamOptions{LearnRate: 0.1})
		if err := adam.SetState(state); err != nil {
			log.Fatal(err)
		}
		trainer, err := models.NewTrainer(cost, models.Group{Nodes: gorgonia.Nodes{w}, Solver: adam})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := trainer.Run(context.Background(), 20, nil); err != nil {
			log.Fatal(err)
		}
		trainer.Close()
		state, x = adam.State(), w.Value().Data().([]float64)[0]
	}
	fmt.Printf("%d steps, w = %.2f\n", state.Steps, x)
	// Output: 40 steps, w = 3.23
}
