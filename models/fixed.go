package models

import (
	"fmt"
	"path"
	"reflect"
	"runtime"

	"github.com/ditac-go/ditac/ditacop"
	"gorgonia.org/gorgonia"
)

// Fixed returns a Maker of activations that apply f, such as gorgonia.Rectify.
//
// f may apply DiTAC: each θ on which its result depends is among the activation's
// Learnables from the first Apply on, so ask a network for them after Forward. If f
// makes a θ, the activation applies f once. A second Apply, as of a second Forward,
// shares the θ if f is nothing but ditacop.DiTAC(x, …), and is an error otherwise;
// [DiTAC] has no such limits. An f that adds other inputs to the graph is an error
// of Apply, because nothing says whether they are to be learned: write a Maker.
func Fixed(f func(x *gorgonia.Node) (*gorgonia.Node, error)) Maker {
	return func(p Place) (Activation, error) {
		if f == nil {
			return nil, fmt.Errorf("models: Fixed: activation %q has a nil function", p.Name)
		}
		return &fixed{f: f, place: p.Name}, nil
	}
}

type fixed struct {
	f      func(*gorgonia.Node) (*gorgonia.Node, error)
	place  string
	thetas gorgonia.Nodes      // on which the results of f depend
	own    bool                // f made one of thetas
	ditac  *ditacop.Activation // if own and f is nothing but DiTAC
}

// Apply implements Activation.
func (a *fixed) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := a.apply(x)
	if err != nil {
		return nil, fmt.Errorf("models: %v in %q: %w", a, a.place, err)
	}
	return y, nil
}

func (a *fixed) apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	switch {
	case x == nil || x.Graph() == nil:
		return nil, fmt.Errorf("x is nil or in no graph")
	case a.ditac != nil:
		return a.ditac.Apply(x)
	case a.own:
		return nil, fmt.Errorf("the function makes a θ in every call, so that a second Apply would not share that of the first: use models.DiTAC or a Maker of your own")
	}
	before := setOf(x.Graph().AllNodes())
	y, err := a.f(x)
	if err != nil {
		return nil, err
	}
	if y == nil || y.Graph() != x.Graph() {
		return nil, fmt.Errorf("the function's result is nil or in another graph than x")
	}
	return y, a.find(x, y, before)
}

// find finds the θ on which y depends otherwise than by x.
func (a *fixed) find(x, y *gorgonia.Node, before map[*gorgonia.Node]bool) error {
	reached := reach(y, x)
	known := setOf(a.thetas)
	for _, act := range ditacop.Activations(y.Graph()) {
		theta := act.Theta()
		if !reached[theta] {
			continue
		}
		if !known[theta] {
			a.thetas = append(a.thetas, theta)
		}
		if !before[theta] {
			a.own = true
			if children := childrenOf(y); len(children) == 2 && children[0] == x && children[1] == theta {
				a.ditac = act
			}
		}
		delete(reached, theta)
	}
	for n := range reached {
		if n.IsVar() && n != x && !before[n] {
			return fmt.Errorf("the function adds the input %s to the graph, which may be a learnable: use a Maker of your own", describe(n))
		}
	}
	return nil
}

// Learnables implements Activation.
func (a *fixed) Learnables() gorgonia.Nodes { return append(gorgonia.Nodes(nil), a.thetas...) }

// String names the function.
func (a *fixed) String() string {
	return fmt.Sprintf("Fixed(%s)", path.Base(runtime.FuncForPC(reflect.ValueOf(a.f).Pointer()).Name()))
}
