package plots_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models/plots"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// sample returns a random activation of the smoothness prior.
func sample() *curve.Exact {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64, ditacop.WithInit(ditacop.PriorSample(3, 0.3, 0.5)))
	if err != nil {
		log.Fatal(err)
	}
	e, err := a.Exact(0)
	if err != nil {
		log.Fatal(err)
	}
	return e
}

func ExampleActivation() {
	figure, err := plots.Activation("a sample of the prior", sample(), plots.ActivationOptions{Known: []string{"gelu"}})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "plots")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := figure.Save(filepath.Join(dir, "activation.svg")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(figure)
	// Output: Figure(a sample of the prior, 7.7×3.33 in)
}

func ExampleNearest() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float64)
	if err != nil {
		log.Fatal(err)
	}
	e, err := a.Exact(0)
	if err != nil {
		log.Fatal(err)
	}
	matches, err := plots.Nearest(e, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.3f, then %s %.3f\n", matches[0].Name, matches[0].Distance, matches[1].Name, matches[1].Distance)
	// Output: gelu 0.000, then leakyrelu 0.098
}
