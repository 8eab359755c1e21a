package cuda_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// network is a stock Gorgonia graph: a perceptron with a different activation after
// each layer, and its mean squared error.
type network struct {
	x, target  *gorgonia.Node
	learnables gorgonia.Nodes
	cost       *gorgonia.Node
}

const batch = 32

// newInputs returns a graph with inputs and targets of a batch of points, and a function
// that adds weights.
func newInputs(dt tensor.Dtype) (network, func(name string, shape ...int) *gorgonia.Node) {
	r := rand.New(rand.NewPCG(1, 0))
	g := gorgonia.NewGraph()
	node := func(name string, s ...int) *gorgonia.Node {
		x := make([]float64, tensor.Shape(s).TotalSize())
		for i := range x {
			x[i] = r.NormFloat64() / math.Sqrt(float64(s[0]))
		}
		return gorgonia.NewTensor(g, dt, len(s), gorgonia.WithShape(s...), gorgonia.WithName(name),
			gorgonia.WithValue(tensor.New(tensor.WithShape(s...), tensor.WithBacking(of(dt, x)))))
	}
	return network{x: node("x", batch, 2), target: node("target", batch, 1)}, node
}

func newNetwork(dt tensor.Dtype) network {
	activations := []func(*gorgonia.Node) (*gorgonia.Node, error){
		gorgonia.Tanh, gorgonia.Sigmoid, gorgonia.Softplus, gorgonia.Rectify, gorgonia.Square, nil,
	}
	n, node := newInputs(dt)
	h, width := n.x, 2
	for i, activate := range activations {
		next := 12 - i // widths that differ show a transposition
		if activate == nil {
			next = 1
		}
		w, b := node(fmt.Sprintf("w%d", i), width, next), node(fmt.Sprintf("b%d", i), 1, next)
		n.learnables = append(n.learnables, w, b)
		h = gorgonia.Must(gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(h, w)), b, nil, []byte{0}))
		if activate != nil {
			h = gorgonia.Must(activate(h))
		}
		width = next
	}
	n.cost = gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(h, n.target))))))
	return n
}

// newCNN is a small convolutional network with float32. Convolutions and pooling run
// on the CPU, products and activations on the GPU.
func newCNN() network { return newCNNWith(gorgonia.Tanh) }

func newCNNWith(activate func(*gorgonia.Node) (*gorgonia.Node, error)) network {
	r := rand.New(rand.NewPCG(3, 0))
	g := gorgonia.NewGraph()
	node := func(name string, s ...int) *gorgonia.Node {
		x := make([]float64, tensor.Shape(s).TotalSize())
		for i := range x {
			x[i] = 0.3 * r.NormFloat64()
		}
		return gorgonia.NewTensor(g, tensor.Float32, len(s), gorgonia.WithShape(s...), gorgonia.WithName(name),
			gorgonia.WithValue(tensor.New(tensor.WithShape(s...), tensor.WithBacking(of(tensor.Float32, x)))))
	}
	convolve := func(x, w *gorgonia.Node) *gorgonia.Node {
		one := []int{1, 1}
		h := gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{3, 3}, one, one, one))
		return gorgonia.Must(gorgonia.MaxPool2D(gorgonia.Must(activate(h)), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	}
	const images, size, classes = 4, 12, 10
	n := network{x: node("x", images, 1, size, size), target: node("target", images, classes)}
	w1, w2, w3 := node("w1", 4, 1, 3, 3), node("w2", 6, 4, 3, 3), node("w3", 6*size/4*size/4, classes)
	n.learnables = gorgonia.Nodes{w1, w2, w3}
	h := gorgonia.Must(gorgonia.Reshape(convolve(convolve(n.x, w1), w2), tensor.Shape{images, 6 * size / 4 * size / 4}))
	h = gorgonia.Must(gorgonia.Sigmoid(gorgonia.Must(gorgonia.Mul(h, w3))))
	n.cost = gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(h, n.target))))))
	return n
}
