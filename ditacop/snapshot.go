package ditacop

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/internal/safetensors"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// learnable is a node that is saved, loaded or copied.
type learnable struct {
	node *gorgonia.Node
	dt   tensor.Dtype
	act  *Activation // whose θ it is; nil for others
}

// inspect returns what the nodes are. It reports nodes that cannot be told apart in a
// file, that hold no float numbers, and a θ whose activation is not known.
func inspect(nodes gorgonia.Nodes) ([]learnable, error) {
	acts := map[*gorgonia.Node]*Activation{}
	seen := map[*gorgonia.ExprGraph]bool{}
	names := map[string]bool{}
	out := make([]learnable, len(nodes))
	for i, n := range nodes {
		what := fmt.Sprintf("learnables[%d]", i)
		dt, err := floatDtype(what, n)
		if err != nil {
			return nil, err
		}
		name := nodeName(n)
		switch {
		case !n.IsVar():
			return nil, fmt.Errorf("%s %q is the result of an operation, want a variable", what, name)
		case name == "":
			return nil, fmt.Errorf("%s has no name: make it with gorgonia.WithName", what)
		case names[name]:
			return nil, fmt.Errorf("%s is the second of the name %q", what, name)
		}
		names[name] = true
		if g := n.Graph(); !seen[g] {
			seen[g] = true
			for _, a := range Activations(g) {
				acts[a.theta] = a
			}
		}
		out[i] = learnable{n, dt, acts[n]}
		if acts[n] == nil && strings.HasSuffix(name, thetaSuffix) {
			return nil, fmt.Errorf("%s is named %q as the θ of an activation, but the graph applies none with that θ: Apply the activation before, or save it alone by its method Save; name other nodes otherwise", what, name)
		}
	}
	return out, nil
}

// snapshot is the values of learnables at one time, and what the activations among
// them are.
type snapshot struct {
	where   string // it is from, for errors: "in the file"
	foreign bool   // from a file that Save did not write
	tensors []safetensors.Tensor
	acts    map[string]State // by the name of θ; without θ
}

// take returns the present values of the learnables.
func take(where string, ls []learnable) (*snapshot, error) {
	s := &snapshot{where: where, acts: map[string]State{}}
	for _, l := range ls {
		name := nodeName(l.node)
		data, err := l.bytes()
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
		s.tensors = append(s.tensors, safetensors.Tensor{Name: name, Dtype: dtypeCode(l.dt), Shape: l.node.Shape(), Data: data})
		if l.act != nil {
			if _, err := l.act.State(); err != nil {
				return nil, err
			}
			s.acts[name] = l.act.description()
		}
	}
	return s, nil
}

// dtypeCode returns the name of a dtype, float32 or float64, in files.
func dtypeCode(dt tensor.Dtype) string {
	if dt == tensor.Float32 {
		return safetensors.F32
	}
	return safetensors.F64
}

// bytes returns the numbers of the learnable, little-endian.
func (l learnable) bytes() ([]byte, error) {
	v := l.node.Value()
	if v == nil {
		return nil, fmt.Errorf("no value")
	}
	var data []byte
	n := 0
	if l.dt == tensor.Float32 {
		x, err := values.Elements[float32](v)
		if err != nil {
			return nil, err
		}
		n = len(x)
		for _, e := range x {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(e))
		}
	} else {
		x, err := values.Elements[float64](v)
		if err != nil {
			return nil, err
		}
		n = len(x)
		for _, e := range x {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(e))
		}
	}
	if want := l.node.Shape().TotalSize(); n != want {
		return nil, fmt.Errorf("the value has %d numbers, but shape %v", n, l.node.Shape())
	}
	return data, nil
}

// floats32 and floats64 are the inverses of learnable.bytes.
func floats32(data []byte) []float32 {
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}

func floats64(data []byte) []float64 {
	out := make([]float64, len(data)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return out
}

// thetaOf returns the numbers of a tensor of dtype F32 or F64 as float64.
func thetaOf(t safetensors.Tensor) []float64 {
	if t.Dtype == safetensors.F64 {
		return floats64(t.Data)
	}
	x := floats32(t.Data)
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out
}

// match finds the tensors of the learnables by name. It returns the names of the
// learnables that have none, and those of the tensors that are left, and reports one
// that does not fit.
func (s *snapshot) match(ls []learnable) (found []*safetensors.Tensor, missing, unused []string, err error) {
	byName := map[string]safetensors.Tensor{}
	for _, t := range s.tensors {
		byName[t.Name] = t
	}
	found = make([]*safetensors.Tensor, len(ls))
	for i, l := range ls {
		name := nodeName(l.node)
		t, ok := byName[name]
		if !ok {
			missing = append(missing, name)
			continue
		}
		delete(byName, name)
		if err := s.fits(t, l); err != nil {
			return nil, nil, nil, fmt.Errorf("%q: %w", name, err)
		}
		found[i] = &t
	}
	for name := range byName {
		unused = append(unused, name)
	}
	slices.Sort(missing)
	slices.Sort(unused)
	return found, missing, unused, nil
}

// fits reports a tensor that cannot become the value of l.
func (s *snapshot) fits(t safetensors.Tensor, l learnable) error {
	if want := dtypeCode(l.dt); t.Dtype != want {
		return fmt.Errorf("dtype is %s %s, %s in the graph", t.Dtype, s.where, want)
	}
	if !slices.Equal(t.Shape, l.node.Shape()) {
		return fmt.Errorf("shape is %v %s, %v in the graph", tensor.Shape(t.Shape), s.where, l.node.Shape())
	}
	d, described := s.acts[t.Name]
	switch {
	case l.act == nil: // and so none in the file, which goes by the name; see inspect
		return nil
	case s.foreign:
		return fmt.Errorf("the file was not written by Save, and so does not say which activation this θ belongs to")
	case !described:
		return fmt.Errorf("it is the θ of an activation in the graph, not %s", s.where)
	}
	here := l.act.description()
	if text := d.differs(&here, s.where, "in the graph"); text != "" {
		return fmt.Errorf("another activation: %s", text)
	}
	return checkFinite(thetaOf(t))
}

// checkFinite reports a component of θ that is NaN or infinite.
func checkFinite(theta []float64) error {
	for k, x := range theta {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("theta[%d] = %v, want a finite number", k, x)
		}
	}
	return nil
}

// set gives l the value t, which fits: in the memory that its value has, which machines
// and gradients hold on to, if it has one.
func (l learnable) set(t *safetensors.Tensor) error {
	v := l.node.Value()
	fresh := v == nil || v.Dtype() != l.dt || v.Shape().TotalSize() != l.node.Shape().TotalSize()
	if fresh {
		v = values.New(l.dt, l.node.Shape())
	}
	var err error
	if l.dt == tensor.Float32 {
		err = values.Store(v, floats32(t.Data))
	} else {
		err = values.Store(v, floats64(t.Data))
	}
	if err == nil && fresh {
		err = gorgonia.Let(l.node, v)
	}
	return err
}

// setAll gives the learnables the values found; nil: none.
func setAll(ls []learnable, found []*safetensors.Tensor) error {
	for i, t := range found {
		if t == nil {
			continue
		}
		if err := ls[i].set(t); err != nil {
			return fmt.Errorf("%q: %w", t.Name, err)
		}
	}
	return nil
}
