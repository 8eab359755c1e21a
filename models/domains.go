package models

import (
	"fmt"
	"sync"
	"weak"

	"github.com/ditac-go/ditac/ditacop"
	"gorgonia.org/gorgonia"
)

// DiTACDomains is [DiTAC] with domains of their own for the layers, chosen for what each
// layer sees: the k-th activation that the Maker makes in a graph gets domains[k] =
// [a,b], as by [ditacop.WithDomain]. A network makes its activations in the order of its
// layers, and one that has more activations than there are domains is an error of its
// constructor. Graphs are counted apart, so that a Maker serves the graphs of training
// and of evaluation; a second network in one graph needs a Maker of its own.
func DiTACDomains(domains [][2]float64, opts ...ditacop.Option) Maker {
	domains = append([][2]float64(nil), domains...)
	var lock sync.Mutex
	made := map[weak.Pointer[gorgonia.ExprGraph]]int{} // keeps no graph from being freed
	next := func(g *gorgonia.ExprGraph) int {
		lock.Lock()
		defer lock.Unlock()
		k := made[weak.Make(g)]
		made[weak.Make(g)] = k + 1
		return k
	}
	return func(p Place) (Activation, error) {
		if err := p.check(); err != nil {
			return nil, err
		}
		k := next(p.Graph)
		if k >= len(domains) {
			return nil, fmt.Errorf("models: DiTACDomains: place %q is number %d of its graph, but there are %d domains", p.Name, k+1, len(domains))
		}
		return newDiTAC(p, append(opts[:len(opts):len(opts)], ditacop.WithDomain(domains[k][0], domains[k][1]))...)
	}
}
