package ditacop_test

import (
	"fmt"

	"github.com/ditac-go/ditac/ditacop"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func ExampleActivation_Space() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float32, ditacop.WithVariant(ditacop.VariantInfinite))
	if err != nil {
		fmt.Println(err)
		return
	}
	s := a.Space()
	lo, hi := s.Domain()
	fmt.Println(s.Cells(), "cells on", lo, hi, "with", s.Boundary(), "ends:", s.Dim(), "parameters")
	// Output:
	// 60 cells on -3 3 with free ends: 61 parameters
}
