package ditacop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/internal/atomicfile"
	"github.com/ditac-go/ditac/internal/safetensors"
	"gorgonia.org/gorgonia"
)

// The metadata of a file, beside the checksum.
const (
	keyPrefix      = "ditac."
	keyFormat      = keyPrefix + "format"
	keyActivations = keyPrefix + "activations" // JSON: a list of States without θ
)

// fileFormat is the version of the files that this package writes, and the only one
// that it reads.
const fileFormat = "1"

// Save writes the values of the learnables, a network's weights and the θ of its
// activations, to a safetensors file. With every θ goes the State of its activation,
// so that no other activation takes it. The file replaces what is at path, or nothing
// does: on error path stays as it was.
//
// The learnables must be variables of dtype Float32 or Float64 with values and with
// names that differ. Activations must be applied in the graph; one that is not can be
// saved by its own method Save.
//
// What the solver keeps is not in the file, because Gorgonia's solvers do not give
// it away: after Load, Adam starts its moving averages anew, and so do RMSProp and
// momentum. A VanillaSolver goes on as if nothing had happened.
func Save(path string, learnables gorgonia.Nodes) error {
	err := atomicfile.Write(path, func(w io.Writer) error { return write(w, learnables) })
	if err != nil {
		return fmt.Errorf("ditacop: save %q: %w", path, err)
	}
	return nil
}

// SaveTo writes what Save writes.
func SaveTo(w io.Writer, learnables gorgonia.Nodes) error {
	if w == nil {
		return errors.New("ditacop: save: the writer is nil")
	}
	if err := write(w, learnables); err != nil {
		return fmt.Errorf("ditacop: save: %w", err)
	}
	return nil
}

// Save writes the activation to a file of its own, from which LoadActivation makes it
// again; see the function Save.
func (a *Activation) Save(path string) error {
	if err := a.made(); err != nil {
		return err
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		return writeAll(w, []learnable{{a.theta, a.dt, a}})
	})
	if err != nil {
		return fmt.Errorf("ditacop: save %q: %w", path, err)
	}
	return nil
}

func write(w io.Writer, learnables gorgonia.Nodes) error {
	if len(learnables) == 0 {
		return errors.New("no learnables")
	}
	ls, err := inspect(learnables)
	if err != nil {
		return err
	}
	return writeAll(w, ls)
}

func writeAll(w io.Writer, ls []learnable) error {
	s, err := take("in the graph", ls)
	if err != nil {
		return err
	}
	acts := []State{}
	for _, l := range ls {
		if l.act != nil {
			acts = append(acts, s.acts[nodeName(l.node)])
		}
	}
	described, err := json.Marshal(acts)
	if err != nil {
		return err
	}
	return safetensors.Write(w, &safetensors.File{
		Metadata: map[string]string{keyFormat: fileFormat, keyActivations: string(described)},
		Tensors:  s.tensors,
	})
}

// Load gives the learnables the values of a file that Save wrote. All must fit: the
// file and the learnables have the same names, and under each name the same dtype and
// shape, and for a θ the same variant, domain, cells, boundary, basis, axis and
// groups. The tolerance and the penalty may differ. If anything does not fit, or the
// file is damaged or of a newer version, the error says what and where, and no
// learnable has changed. A checkpoint of package models/train is such a file too.
//
// Give it the nodes of the graph before or after the machine is made, not while it
// runs.
func Load(path string, learnables gorgonia.Nodes) error {
	return open(path, func(r io.Reader) error { return loadStrict(r, learnables) })
}

// LoadFrom gives the learnables the values of what SaveTo wrote; see Load. It reads r
// to its end.
func LoadFrom(r io.Reader, learnables gorgonia.Nodes) error {
	if r == nil {
		return errors.New("ditacop: load: the reader is nil")
	}
	if err := loadStrict(r, learnables); err != nil {
		return fmt.Errorf("ditacop: load: %w", err)
	}
	return nil
}

// LoadByName gives those learnables their values that the file has by name, as to
// start from a part of another network. It returns, sorted, the names of the
// learnables that the file does not have, which stay as they are, and the names in the
// file that no learnable has. What is found by name must fit as for Load, else nothing
// changes. The file may be of another program, such as one that PyTorch wrote: its
// weights can be loaded, a θ cannot, because the file does not say of which
// activation.
func LoadByName(path string, learnables gorgonia.Nodes) (missing, unused []string, err error) {
	err = open(path, func(r io.Reader) error {
		missing, unused, err = load(r, learnables, false)
		return err
	})
	return missing, unused, err
}

// LoadActivation makes the activation with the given name of a file that Save wrote;
// its θ becomes a new node of the graph g. An empty name stands for the only activation
// of the file. It reports what Load and FromState report.
func LoadActivation(g *gorgonia.ExprGraph, path, name string) (*Activation, error) {
	var state State
	err := open(path, func(r io.Reader) (err error) {
		s, err := read(r)
		if err == nil {
			state, err = s.activation(name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return FromState(g, state)
}

// open calls f for the file at path.
func open(path string, f func(r io.Reader) error) error {
	file, err := os.Open(path)
	if err == nil {
		defer file.Close()
		err = f(file)
	}
	if err != nil {
		return fmt.Errorf("ditacop: load %q: %w", path, err)
	}
	return nil
}

func loadStrict(r io.Reader, learnables gorgonia.Nodes) error {
	_, _, err := load(r, learnables, true)
	return err
}

func load(r io.Reader, learnables gorgonia.Nodes, strict bool) (missing, unused []string, err error) {
	s, err := read(r)
	if err != nil {
		return nil, nil, err
	}
	ls, err := inspect(learnables)
	if err != nil {
		return nil, nil, err
	}
	if strict && s.foreign {
		return nil, nil, errors.New("the file was not written by Save: LoadByName can load its weights")
	}
	found, missing, unused, err := s.match(ls)
	if err != nil {
		return nil, nil, err
	}
	if strict && len(missing) > 0 {
		return nil, nil, fmt.Errorf("the file lacks %s", quoted(missing))
	}
	if strict && len(unused) > 0 {
		return nil, nil, fmt.Errorf("the file has %s, which are not among the learnables", quoted(unused))
	}
	return missing, unused, setAll(ls, found)
}

// quoted lists names, some of them where they are many.
func quoted(names []string) string {
	const most = 5
	var b strings.Builder
	for i, n := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", n)
	}
	return b.String()
}

// read reads a file.
func read(r io.Reader) (*snapshot, error) {
	f, err := safetensors.Read(r)
	if err != nil {
		return nil, err
	}
	f.Tensors = slices.DeleteFunc(f.Tensors, func(t safetensors.Tensor) bool { return strings.HasPrefix(t.Name, safetensors.Trainer) })
	s := &snapshot{where: "in the file", tensors: f.Tensors, acts: map[string]State{}}
	if !slices.ContainsFunc(keys(f.Metadata), func(k string) bool { return strings.HasPrefix(k, keyPrefix) }) && !f.Checked {
		s.foreign = true
		return s, nil
	}
	switch format, ok := f.Metadata[keyFormat]; {
	case !ok || !f.Checked:
		return nil, fmt.Errorf("damaged: the metadata lacks %s or the checksum", keyFormat)
	case format != fileFormat:
		return nil, fmt.Errorf("%s = %q, but this version of the package reads %q", keyFormat, format, fileFormat)
	}
	return s, s.describe(f.Metadata[keyActivations])
}

func keys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// describe parses the descriptions of the activations and holds them against the
// tensors.
func (s *snapshot) describe(text string) error {
	var acts []State
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&acts); err != nil {
		return fmt.Errorf("%s: %w", keyActivations, err)
	}
	for _, a := range acts {
		theta := a.Name + thetaSuffix
		if _, ok := s.acts[theta]; ok {
			return fmt.Errorf("%s: two activations are named %q", keyActivations, a.Name)
		}
		i := slices.IndexFunc(s.tensors, func(t safetensors.Tensor) bool { return t.Name == theta })
		if i < 0 {
			return fmt.Errorf("%s: the file lacks %q of activation %q", keyActivations, theta, a.Name)
		}
		dt, err := a.dtype()
		if err != nil {
			return fmt.Errorf("%s: activation %q: %w", keyActivations, a.Name, err)
		}
		if got := s.tensors[i].Dtype; got != dtypeCode(dt) {
			return fmt.Errorf("%q has dtype %s, but its activation %s", theta, got, dt)
		}
		s.acts[theta] = a
	}
	return nil
}

// activation returns the State of an activation; of the only one if name is empty.
func (s *snapshot) activation(name string) (State, error) {
	var names []string
	for _, a := range s.acts {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	switch {
	case s.foreign:
		return State{}, errors.New("the file was not written by Save: it describes no activation")
	case len(names) == 0:
		return State{}, errors.New("the file has no activation")
	case name == "" && len(names) > 1:
		return State{}, fmt.Errorf("the file has %d activations: choose one of %s", len(names), quoted(names))
	case name == "":
		name = names[0]
	case !slices.Contains(names, name):
		return State{}, fmt.Errorf("the file has no activation %q, but %s", name, quoted(names))
	}
	theta := name + thetaSuffix
	state := s.acts[theta]
	for _, t := range s.tensors {
		if t.Name == theta {
			state.Theta = thetaOf(t)
		}
	}
	return state, nil
}
