package models_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// shapeOf prints the shape of a network's output for an input of a shape, and how many
// numbers the network learns.
func shapeOf(net models.Network, err error, in ...int) {
	if err != nil {
		panic(err)
	}
	x := gorgonia.NewTensor(net.Weights()[0].Graph(), tensor.Float32, len(in), gorgonia.WithShape(in...), gorgonia.WithName("x"))
	y, err := net.Forward(x)
	if err != nil {
		panic(err)
	}
	fmt.Println(y.Shape(), net.NumParams())
}

func ExampleNewResNet() {
	net, err := models.NewResNet(gorgonia.NewGraph(), models.ResNetConfig{Activation: models.DiTAC(), Seed: 1})
	shapeOf(net, err, 8, 3, 32, 32)
	// Output: (8, 10) 78455
}

func ExampleNewUNet() {
	net, err := models.NewUNet(gorgonia.NewGraph(), models.UNetConfig{Classes: 5, Activation: models.DiTAC(), Seed: 1})
	shapeOf(net, err, 4, 3, 64, 64)
	// Output: (4, 5, 64, 64) 488895
}

func ExampleNewGenerator() {
	net, err := models.NewGenerator(gorgonia.NewGraph(), models.GeneratorConfig{Activation: models.DiTAC(), Seed: 1})
	shapeOf(net, err, 8, 64)
	// Output: (8, 3, 32, 32) 92831
}

func ExampleNewDiscriminator() {
	net, err := models.NewDiscriminator(gorgonia.NewGraph(), models.DiscriminatorConfig{Activation: models.DiTAC(), Seed: 1})
	shapeOf(net, err, 8, 3, 32, 32)
	// Output: (8, 1) 43138
}

func ExampleNewCoord() {
	relu, err := models.Baseline("relu")
	if err != nil {
		panic(err)
	}
	net, err := models.NewCoord(gorgonia.NewGraph(), models.CoordConfig{Outputs: 3, Octaves: 4, Activation: relu, Seed: 1})
	shapeOf(net, err, 512, 2)
	// Output: (512, 3) 5571
}

// A network is trained in one graph, saved, and evaluated in others.
func ExampleCopyNetwork() {
	network := func(mode models.Mode, batch int) models.Network {
		g := gorgonia.NewGraph()
		net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 8, 1}, Activation: models.DiTAC(), Dropout: 0.1, Mode: mode})
		if err != nil {
			panic(err)
		}
		if _, err := net.Forward(gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(batch, 2), gorgonia.WithName("x"))); err != nil {
			panic(err)
		}
		return net
	}
	trained, evaluated, loaded := network(models.Training, 98), network(models.Evaluation, 1), network(models.Evaluation, 10)
	// ... train ...
	fmt.Println(models.CopyNetwork(evaluated, trained))

	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")
	fmt.Println(trained.Save(path), loaded.Load(path))
	// Output:
	// <nil>
	// <nil> <nil>
}
