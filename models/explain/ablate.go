package explain

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Ablation says what the trained activations of a network contribute to its loss.
type Ablation struct {
	// Loss is that of the network as it was trained.
	Loss float64
	// Start is the loss with the parameters of all activations at their start, all weights
	// as they were trained. A network that was trained with them at their start all the
	// time may do better: its weights fit them.
	Start float64
	// Activations are those that have parameters, from the input to the output; one that
	// is at several places is there once.
	Activations []Ablated
}

// Ablated is what an activation contributes.
type Ablated struct {
	// Name is that of the activation, or of its first parameter if it has none.
	Name string
	// Params is the number of its parameters, and Moved the norm ‖θ − θ₀‖ of what training
	// changed.
	Params int
	Moved  float64
	// Reset is the loss with this activation alone at its start: Reset − Loss is what the
	// network loses without what it learned.
	Reset float64
	// Kept is the loss with this activation alone as it was trained, all others at their
	// start: Start − Kept is what it gains alone.
	Kept float64
}

// String returns a table.
func (a *Ablation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "loss %.5g as trained, %.5g with all activations at their start\n", a.Loss, a.Start)
	if len(a.Activations) == 0 {
		b.WriteString("no activation has parameters\n")
		return b.String()
	}
	width := len("activation")
	for _, r := range a.Activations {
		width = max(width, len(r.Name))
	}
	fmt.Fprintf(&b, "%-*s %8s %10s %12s %12s\n", width, "activation", "params", "|θ−θ₀|", "alone reset", "alone kept")
	for _, r := range a.Activations {
		fmt.Fprintf(&b, "%-*s %8d %10.4g %12.5g %12.5g\n", width, r.Name, r.Params, r.Moved, r.Reset, r.Kept)
	}
	return b.String()
}

// Ablate measures the loss of a trained network on a set with the parameters of single
// activations, such as the θ of DiTAC, set back to their start, and with those of all
// others set back. The weights and the state stay as they were trained, and so does the
// network from, which is copied. Builder is the one that made it: what it makes anew has the
// start of the parameters. Batch is the number of examples at a time; 0 means 32.
func Ablate(build train.Builder, from models.Network, s *data.Set, loss train.Loss, batch int) (*Ablation, error) {
	a, err := ablate(build, from, s, loss, batch)
	if err != nil {
		return nil, fmt.Errorf("explain: Ablate: %w", err)
	}
	return a, nil
}

func ablate(build train.Builder, from models.Network, s *data.Set, loss train.Loss, batch int) (a *Ablation, err error) {
	if err := checkNetwork(build, from); err != nil {
		return nil, err
	}
	e, err := train.NewEvaluator(build, loss, s, batch)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	net, err := fresh(build, s.XShape)
	if err != nil {
		return nil, err
	}
	list, err := tunablesOf(net, from)
	if err != nil {
		return nil, err
	}
	// lossWith is the loss with those activations as trained that learned says.
	lossWith := func(learned func(k int) bool) (float64, error) {
		for k, t := range list {
			if err := t.set(learned(k)); err != nil {
				return 0, err
			}
		}
		return e.Loss(net)
	}
	a = &Ablation{}
	if a.Loss, err = lossWith(func(int) bool { return true }); err != nil {
		return nil, err
	}
	if a.Start, err = lossWith(func(int) bool { return false }); err != nil {
		return nil, err
	}
	for k, t := range list {
		r := Ablated{Name: t.name, Params: t.params(), Moved: t.moved()}
		if r.Reset, err = lossWith(func(i int) bool { return i != k }); err != nil {
			return nil, fmt.Errorf("%s at its start: %w", t.name, err)
		}
		if r.Kept, err = lossWith(func(i int) bool { return i == k }); err != nil {
			return nil, fmt.Errorf("%s alone as trained: %w", t.name, err)
		}
		a.Activations = append(a.Activations, r)
	}
	return a, nil
}

func checkNetwork(build train.Builder, from models.Network) error {
	if build == nil {
		return fmt.Errorf("build is nil")
	}
	if from == nil {
		return fmt.Errorf("from is nil, want a trained network")
	}
	return nil
}

// fresh returns a new network, for evaluation, after its Forward for one input of a shape:
// some activations have no parameters before.
func fresh(build train.Builder, xshape []int) (models.Network, error) {
	net, x, err := newNetwork(build, 1, xshape)
	if err != nil {
		return nil, err
	}
	if _, err := net.Forward(x.node); err != nil {
		return nil, fmt.Errorf("the network for an input of shape %v: %w", xshape, err)
	}
	return net, nil
}

// tunable is an activation with parameters: their values at the start and as trained.
type tunable struct {
	name           string
	nodes          gorgonia.Nodes
	start, trained [][]float64 // of each node
}

// tunablesOf returns the activations of a fresh network that have parameters, and gives the
// network the values of another.
func tunablesOf(net, from models.Network) ([]*tunable, error) {
	var list []*tunable
	seen := map[*gorgonia.Node]bool{}
	for _, a := range net.Activations() {
		t := &tunable{}
		for _, n := range a.Learnables() {
			if !seen[n] {
				seen[n] = true
				t.nodes = append(t.nodes, n)
			}
		}
		if len(t.nodes) == 0 {
			continue
		}
		t.name = t.nodes[0].Name()
		if named, ok := a.(interface{ Name() string }); ok {
			t.name = named.Name()
		}
		list = append(list, t)
	}
	var err error
	for _, t := range list {
		if t.start, err = valuesOf(t.nodes); err != nil {
			return nil, err
		}
	}
	if err := models.CopyNetwork(net, from); err != nil {
		return nil, err
	}
	for _, t := range list {
		if t.trained, err = valuesOf(t.nodes); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func valuesOf(nodes gorgonia.Nodes) ([][]float64, error) {
	var all [][]float64
	for _, n := range nodes {
		x, err := values.Float64s(n.Value())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.Name(), err)
		}
		all = append(all, append([]float64(nil), x...))
	}
	return all, nil
}

// set gives the parameters the values as trained, or those at the start.
func (t *tunable) set(trained bool) error {
	from := t.start
	if trained {
		from = t.trained
	}
	for i, n := range t.nodes {
		if err := store(n.Value(), from[i]); err != nil {
			return fmt.Errorf("%s: %w", n.Name(), err)
		}
	}
	return nil
}

// store writes numbers to the memory of a value.
func store(v gorgonia.Value, x []float64) error {
	if v.Dtype() == tensor.Float32 {
		return values.Store(v, values.Convert[float32](x))
	}
	return values.Store(v, x)
}

func (t *tunable) params() int {
	n := 0
	for _, x := range t.start {
		n += len(x)
	}
	return n
}

// moved returns ‖θ − θ₀‖.
func (t *tunable) moved() float64 {
	sum := 0.
	for i, x := range t.start {
		for j, v := range x {
			d := t.trained[i][j] - v
			sum += d * d
		}
	}
	return math.Sqrt(sum)
}
