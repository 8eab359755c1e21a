package cuda_test

import (
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/ditacop"
	_ "go4.org/unsafe/assume-no-moving-gc"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The same program runs on the CPU, and built with the tag cuda on the GPU.
func ExampleNewTapeMachine() {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(3),
		gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{-1, 0, 1}))))
	y, err := ditacop.DiTAC(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	var read gorgonia.Value // the value of a node on the GPU is to be read
	gorgonia.Read(y, &read)
	m, err := cuda.NewTapeMachine(g)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	if err := m.RunAll(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", read.Data())
	// Output:
	// [-0.1587 0.0000 0.8413]
}
