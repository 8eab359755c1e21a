//go:build cuda

package cuda

import (
	"fmt"
	"sync"
	"weak"

	"gorgonia.org/gorgonia"
	engine "gorgonia.org/gorgonia/cuda"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/internal/values"
)

// Stateful is an operation that changes some of its inputs at each run, as running
// statistics. These have to be nodes with values, not results of operations. On a GPU it has
// copies of them only: [Session.State] says where it reads them and where it writes what
// becomes of them, and a machine of NewTapeMachine copies that to the nodes' values at the
// end of each RunAll without an error.
type Stateful interface {
	gorgonia.Op
	// Changes returns a name that no other operation has, and the numbers of the inputs.
	Changes() (name string, inputs []int)
}

// state is a node that operations change, and its memory on the device.
type state struct {
	node    *gorgonia.Node
	at      Arg  // 0 before the first run
	changed bool // in this run
}

// states are those of machines, by operations and inputs.
var states sync.Map // of weak.Pointer[engine.Engine] to map[string]*state

func stateName(op Stateful, input int) string {
	name, _ := op.Changes()
	return fmt.Sprintf("input %d of %s", input, name)
}

// State returns memory on the device for what becomes of an input, and where the input is:
// there, too, if an operation has changed it in this run, so that a kernel has to read a
// number before it writes it. Its first content is undefined.
func (s *Session) State(op Stateful, input int, v gorgonia.Value) (from, to Arg, err error) {
	all, _ := states.Load(weak.Make(s.engine))
	byName, _ := all.(map[string]*state)
	st := byName[stateName(op, input)]
	if st == nil {
		return 0, 0, fmt.Errorf("cuda: Session.State: %v changes its input %d, which is lost but in machines of cuda.NewTapeMachine", op, input)
	}
	size := v.Shape().TotalSize() * int(v.Dtype().Size())
	if st.at, err = s.Scratch(fmt.Sprintf("state %p", st), size); err != nil {
		return 0, 0, err
	}
	from = Pointer(v)
	if st.changed {
		from = st.at
	}
	st.changed = true
	return from, st.at, nil
}

// findStates returns the nodes that operations of a graph change, by the operations' names.
func findStates(g *gorgonia.ExprGraph) map[string]*state {
	byNode, byName := map[*gorgonia.Node]*state{}, map[string]*state{}
	for _, n := range g.AllNodes() {
		op, ok := n.Op().(Stateful)
		if !ok {
			continue
		}
		var in gorgonia.Nodes
		for it := g.From(n.ID()); it.Next(); {
			in = append(in, it.Node().(*gorgonia.Node))
		}
		_, inputs := op.Changes()
		for _, k := range inputs {
			if byNode[in[k]] == nil {
				byNode[in[k]] = &state{node: in[k]}
			}
			byName[stateName(op, k)] = byNode[in[k]]
		}
	}
	return byName
}

// hold makes the states those of an engine, release ends that.
func hold(e *engine.Engine, s map[string]*state) { states.Store(weak.Make(e), s) }
func release(e *engine.Engine)                   { states.Delete(weak.Make(e)) }

// beginStates says that no operation has changed anything in this run.
func (m *machine) beginStates() {
	for _, st := range m.states {
		st.changed = false
	}
}

// keepStates copies what operations have changed to the values of nodes.
func (m *machine) keepStates() error {
	if len(m.states) == 0 {
		return nil
	}
	s, err := Open(m.VM.(gorgonia.External), 0)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, st := range m.states {
		if !st.changed {
			continue // it has been copied under another name, or the operation was not run
		}
		if err := s.keep(st); err != nil {
			return fmt.Errorf("cuda: what becomes of node %q: %w", st.node.Name(), err)
		}
		st.changed = false
	}
	return nil
}

// keep copies a state to the value of its node.
func (s *Session) keep(st *state) error {
	v := st.node.Value()
	if v.Dtype() == tensor.Float32 {
		return keep[float32](s, v, st.at)
	}
	return keep[float64](s, v, st.at)
}

func keep[T values.Float](s *Session, v gorgonia.Value, from Arg) error {
	x := make([]T, v.Shape().TotalSize())
	if err := s.Download(x, from); err != nil {
		return err
	}
	return values.Store(v, x)
}
