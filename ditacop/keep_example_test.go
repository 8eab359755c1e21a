package ditacop_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/ditacop"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// smallNet is a network with one weight matrix and one activation, for a batch size.
// Its weights are all w.
func smallNet(batch int, w float64) (y *gorgonia.Node, learnables gorgonia.Nodes, err error) {
	g := gorgonia.NewGraph()
	ones := make([]float64, 2*batch)
	for i := range ones {
		ones[i] = 1
	}
	x := input(g, "x", tensor.Shape{batch, 2}, ones...)
	weights := input(g, "weights", tensor.Shape{2, 1}, w, w)
	if y, err = ditacop.DiTAC(gorgonia.Must(gorgonia.Mul(x, weights)), ditacop.WithCells(4), ditacop.WithBasis(cpab.BasisNodal)); err != nil {
		return nil, nil, err
	}
	return y, append(gorgonia.Nodes{weights}, ditacop.Learnables(g)...), nil
}

// Save a network after training, and load it in another program.
func ExampleSave() {
	folder, err := os.MkdirTemp("", "ditac")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "net.safetensors")

	_, learnables, err := smallNet(32, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Train. Then:
	copy(learnables[1].Value().Data().([]float64), []float64{0.1, 0.2, 0.3})
	if err := ditacop.Save(path, learnables); err != nil {
		fmt.Println(err)
		return
	}

	// The other program.
	_, learnables, err = smallNet(1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := ditacop.Load(path, learnables); err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range learnables {
		fmt.Println(n.Name(), n.Value().Data())
	}
	// Output:
	// weights [0.5 0.5]
	// ditac1.theta [0.1 0.2 0.3]
}

// A θ does not go to an activation for which its numbers mean something else.
func ExampleLoad_refused() {
	var file bytes.Buffer
	_, learnables, err := smallNet(32, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := ditacop.SaveTo(&file, learnables[1:]); err != nil {
		fmt.Println(err)
		return
	}
	g := gorgonia.NewGraph()
	if _, err := ditacop.DiTAC(input(g, "x", tensor.Shape{1}, 1), ditacop.WithCells(4), ditacop.WithBasis(cpab.BasisQR)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ditacop.LoadFrom(&file, ditacop.Learnables(g)))
	// Output:
	// ditacop: load: "ditac1.theta": another activation: basis is nodal in the file, qr in the graph
}

// Start from the parts of another network that fit by name.
func ExampleLoadByName() {
	folder, err := os.MkdirTemp("", "ditac")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "net.safetensors")
	_, learnables, err := smallNet(32, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := ditacop.Save(path, learnables); err != nil {
		fmt.Println(err)
		return
	}
	g := gorgonia.NewGraph()
	weights := input(g, "weights", tensor.Shape{2, 1}, 0, 0)
	head := input(g, "head", tensor.Shape{1}, 7)
	missing, unused, err := ditacop.LoadByName(path, gorgonia.Nodes{weights, head})
	fmt.Println(weights.Value().Data(), "missing:", missing, "unused:", unused, err)
	// Output:
	// [0.5 0.5] missing: [head] unused: [ditac1.theta] <nil>
}

// The activation of a file, to plot it, say, without its network.
func ExampleLoadActivation() {
	folder, err := os.MkdirTemp("", "ditac")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "activation.safetensors")
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float32, ditacop.WithName("learned"), ditacop.WithCells(4),
		ditacop.WithDomain(-3, 3), ditacop.WithBasis(cpab.BasisNodal), ditacop.WithInit(ditacop.FromTheta([]float64{0.5, 0, -0.25})))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := a.Save(path); err != nil {
		fmt.Println(err)
		return
	}
	b, err := ditacop.LoadActivation(gorgonia.NewGraph(), path, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	theta, err := b.ThetaValues(0)
	fmt.Println(b.Name(), b, theta, err)
	// Output:
	// learned ditac(4 cells on [-3,3], zero boundary, nodal basis) [0.5 0 -0.25] <nil>
}

// An activation as JSON, and back.
func ExampleFromState() {
	a, err := ditacop.New(gorgonia.NewGraph(), tensor.Float32, ditacop.WithCells(3), ditacop.WithDomain(-2, 2), ditacop.WithBasis(cpab.BasisNodal),
		ditacop.WithPenalty(0.1, 5, 1), ditacop.WithInit(ditacop.FromTheta([]float64{0.5, -0.25})))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := json.Marshal(a) // as json.Marshal of its State
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	var s ditacop.State
	if err := json.Unmarshal(text, &s); err != nil {
		fmt.Println(err)
		return
	}
	b, err := ditacop.FromState(gorgonia.NewGraph(), s)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b)
	// Output:
	// {"name":"ditac1","dtype":"float32","variant":"ditac","domain":[-2,2],"cells":3,"boundary":"zero","basis":"nodal","negative_slope":0.01,"axis":-1,"groups":1,"tolerance":0.000001,"lambda":0.1,"penalty_length_scale":5,"penalty_scale":1,"theta":[0.5,-0.25]}
	// ditac(3 cells on [-2,2], zero boundary, nodal basis)
}

// A network trained in batches of 32 answers for single inputs.
func ExampleCopyLearnables() {
	trained, learnables, err := smallNet(32, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(learnables[1].Value().Data().([]float64), []float64{0.1, 0.2, 0.3}) // in place of training
	single, _, err := smallNet(1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := ditacop.CopyLearnables(single.Graph(), learnables); err != nil {
		fmt.Println(err)
		return
	}
	one, err := evaluate(single)
	if err != nil {
		fmt.Println(err)
		return
	}
	many, err := evaluate(trained)
	fmt.Println("same answer:", one[0] == many[0], err)
	// Output:
	// same answer: true <nil>
}

// layer is what a layer library asks for.
func layer(x *gorgonia.Node, activation func(*gorgonia.Node) (*gorgonia.Node, error)) (*gorgonia.Node, error) {
	return activation(x)
}

func ExampleFunc() {
	g := gorgonia.NewGraph()
	h := input(g, "x", tensor.Shape{2}, -1, 1)
	activation := ditacop.Func(ditacop.WithCells(4), ditacop.WithVariant(ditacop.VariantLeaky))
	for range 2 {
		var err error
		if h, err = layer(h, activation); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, a := range ditacop.Activations(g) {
		fmt.Println(a.Name(), a.Variant(), a.Theta().Shape())
	}
	// Output:
	// ditac1 leaky (3)
	// ditac2 leaky (3)
}

// In an unrolled recurrent network, New before the loop gives all time steps one θ;
// DiTAC in the loop would give each its own.
func ExampleActivation_Apply_recurrent() {
	const steps = 3
	unroll := func(activation func(g *gorgonia.ExprGraph) (func(*gorgonia.Node) (*gorgonia.Node, error), error)) (int, error) {
		g := gorgonia.NewGraph()
		w := input(g, "w", tensor.Shape{2, 2}, 1, 0, 0, 1)
		h := input(g, "h", tensor.Shape{1, 2}, 0, 0)
		f, err := activation(g)
		if err != nil {
			return 0, err
		}
		for t := range steps {
			x := input(g, fmt.Sprint("x", t), tensor.Shape{1, 2}, 1, 1)
			z := gorgonia.Must(gorgonia.Add(x, gorgonia.Must(gorgonia.Mul(h, w))))
			if h, err = f(z); err != nil {
				return 0, err
			}
		}
		return len(ditacop.Learnables(g)), nil
	}
	n, err := unroll(func(g *gorgonia.ExprGraph) (func(*gorgonia.Node) (*gorgonia.Node, error), error) {
		a, err := ditacop.New(g, tensor.Float64)
		return a.Apply, err
	})
	fmt.Println("New and Apply:", n, "θ", err)
	n, err = unroll(func(*gorgonia.ExprGraph) (func(*gorgonia.Node) (*gorgonia.Node, error), error) {
		return ditacop.Func(), nil
	})
	fmt.Println("DiTAC:", n, "θ", err)
	// Output:
	// New and Apply: 1 θ <nil>
	// DiTAC: 3 θ <nil>
}

// A clone of a graph has a θ of its own.
func ExampleActivations_clone() {
	y, _, err := smallNet(4, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	clone := y.Graph().Clone().(*gorgonia.ExprGraph)
	a, b := ditacop.Activations(y.Graph())[0], ditacop.Activations(clone)[0]
	copy(b.Theta().Value().Data().([]float64), []float64{0.1, 0.2, 0.3})
	before, err := a.ThetaValues(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := b.ThetaValues(0)
	fmt.Println(before, after, err)
	// Output:
	// [0 0 0] [0.1 0.2 0.3] <nil>
}
