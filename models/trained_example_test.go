package models_test

import (
	"fmt"
	"log"

	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// learned returns the number of learned numbers of the activation of a layer of 16 units.
func learned(maker models.Maker) int {
	a, err := maker(models.Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "activation", Channels: 16, Axis: 1})
	if err != nil {
		log.Fatal(err)
	}
	n := 0
	for _, node := range a.Learnables() {
		n += node.Shape().TotalSize()
	}
	return n
}

// The example compares the numbers of parameters with that of DiTAC.
func ExamplePiecewiseLinear() {
	fmt.Println(learned(models.PiecewiseLinear(59)), learned(models.DiTAC()))
	// Output: 59 59
}

func ExampleBSpline() {
	fmt.Println(learned(models.BSpline(59)))
	// Output: 59
}

func ExampleRational() {
	fmt.Println(learned(models.Rational(5, 4)))
	// Output: 10
}

func ExampleSTAF() {
	fmt.Println(learned(models.STAF(20)))
	// Output: 60
}

// The example counts the lines' slopes and offsets of 16 channels.
func ExampleMaxout() {
	fmt.Println(learned(models.Maxout(2)))
	// Output: 64
}

// The example makes a SIREN for smooth targets: the sine of the first layer is slower.
func ExampleSine() {
	net, err := models.NewMLP(gorgonia.NewGraph(), models.MLPConfig{Sizes: []int{2, 64, 64, 3}, Activation: models.Sine(10, 30), Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(net.NumParams(), net.Activations())
	// Output: 4547 [sine sine]
}
