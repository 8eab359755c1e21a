package ditacop

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/safetensors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestContinue: a program that trains, saves and ends, and a second one that loads and
// goes on have, bit for bit, the losses of one that was not interrupted.
func TestContinue(t *testing.T) {
	const before, after = 15, 20
	for _, dt := range bothDtypes {
		for name, opts := range map[string][]Option{"defaults": nil, "odd": odd(), "custom": custom()} {
			t.Run(dt.String()+name, func(t *testing.T) {
				want, err := newProgram(t, dt, 32, 0, opts...).train(before + after)
				require.NoError(t, err)

				path := filepath.Join(t.TempDir(), "net.safetensors")
				first := newProgram(t, dt, 32, 0, opts...)
				_, err = first.train(before)
				require.NoError(t, err)
				require.NoError(t, Save(path, first.learnables))

				second := newProgram(t, dt, 32, 1, opts...)
				require.NoError(t, Load(path, second.learnables))
				got, err := second.train(after)
				require.NoError(t, err)
				requireSameBits(t, want[before:], got, "losses")

				// The same with a machine that was made and ran before, and holds the values.
				third := newProgram(t, dt, 32, 2, opts...)
				_, err = gorgonia.Grad(third.cost, third.learnables...)
				require.NoError(t, err)
				m := third.machine()
				defer m.vm.Close()
				_, err = m.step(3)
				require.NoError(t, err)
				memory := third.learnables[0].Value()
				require.NoError(t, Load(path, third.learnables))
				require.Same(t, memory, third.learnables[0].Value())
				got, err = m.step(after)
				require.NoError(t, err)
				requireSameBits(t, want[before:], got, "losses after a run")
			})
		}
	}
}

// saved returns a file of a program, and the program.
func saved(t testing.TB, dt tensor.Dtype, opts ...Option) ([]byte, *program) {
	t.Helper()
	p := newProgram(t, dt, 8, 0, opts...)
	var b bytes.Buffer
	require.NoError(t, SaveTo(&b, p.learnables))
	return b.Bytes(), p
}

// rewritten returns the file with what change did to its content, and the right
// checksum.
func rewritten(t testing.TB, file []byte, change func(*safetensors.File)) []byte {
	t.Helper()
	f, err := safetensors.Read(bytes.NewReader(file))
	require.NoError(t, err)
	change(f)
	var b bytes.Buffer
	require.NoError(t, safetensors.Write(&b, f))
	return b.Bytes()
}

// TestLoadRefuses: a file that does not fit is an error that says what and where, and
// changes nothing.
func TestLoadRefuses(t *testing.T) {
	base := func(opts ...Option) []Option {
		return append([]Option{WithCells(6), WithBasis(cpab.BasisQR), WithDomain(-3, 3), WithInit(PriorSample(1, 3, 1))}, opts...)
	}
	file, _ := saved(t, tensor.Float64, base()...)
	custom2, _ := saved(t, tensor.Float64, custom()...)
	leaky, _ := saved(t, tensor.Float64, base(WithVariant(VariantLeaky))...)
	amplified, _ := saved(t, tensor.Float64, base(WithVariant(VariantAmplified), WithAmplification(4))...)
	tensorNamed := func(f *safetensors.File, name string) *safetensors.Tensor {
		for i := range f.Tensors {
			if f.Tensors[i].Name == name {
				return &f.Tensors[i]
			}
		}
		return nil
	}
	for name, c := range map[string]struct {
		file []byte
		opts []Option
		want []string
	}{
		"basis":         {file, base(WithBasis(cpab.BasisNodal)), []string{"ditac1.theta", "basis is qr in the file, nodal in the graph"}},
		"variant":       {file, base(WithVariant(VariantPlain)), []string{"ditac1.theta", "variant is ditac", "plain"}},
		"domain":        {file, base(WithDomain(-3, 3.5)), []string{"domain is [-3 3]", "[-3 3.5]"}},
		"cells":         {file, base(WithCells(7)), []string{"ditac1.theta", "shape is (5) in the file, (6) in the graph"}},
		"boundary":      {file, base(WithCells(4), WithBoundary(cpab.FreeBoundary)), []string{"number of cells is 6", "4"}},
		"matrix":        {custom2, []Option{WithCells(2), WithBasisMatrix([]float64{1, 0, -1, 1})}, []string{"basis matrix"}},
		"slope":         {leaky, base(WithVariant(VariantLeaky), WithNegativeSlope(0.3)), []string{"negative slope is 0.01", "0.3"}},
		"amplification": {amplified, base(WithVariant(VariantAmplified), WithAmplification(2)), []string{"amplification is 4 in the file, 2 in the graph"}},
		"learned α":     {amplified, base(WithVariant(VariantAmplified)), []string{"shape is (5) in the file, (6) in the graph"}},
		"groups":        {file, base(WithGroups(1, 2)), []string{"shape is (5) in the file, (2, 5) in the graph"}},
		"name":          {file, base(WithName("mine")), []string{`lacks "mine.theta"`}},
		"longer": {rewritten(t, file, func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "more", Dtype: "F32", Shape: []int{0}})
		}), base(), []string{`"more"`, "not among the learnables"}},
		"shorter": {rewritten(t, file, func(f *safetensors.File) { tensorNamed(f, "w2").Name = "w3" }), base(), []string{`lacks "w2"`}},
		"shape":   {rewritten(t, file, func(f *safetensors.File) { tensorNamed(f, "w2").Shape = []int{1, 16} }), base(), []string{`"w2"`, "shape is (1, 16) in the file, (16, 1) in the graph"}},
		"dtype": {rewritten(t, file, func(f *safetensors.File) {
			w := tensorNamed(f, "w2")
			w.Dtype, w.Data = "F32", w.Data[:64]
		}), base(), []string{`"w2"`, "dtype is F32 in the file, F64 in the graph"}},
		"NaN": {rewritten(t, file, func(f *safetensors.File) {
			copy(tensorNamed(f, "ditac1.theta").Data[16:], "\xff\xff\xff\xff\xff\xff\xff\xff")
		}), base(), []string{"ditac1.theta", "theta[2] = NaN"}},
		"plain weight":  {rewritten(t, file, func(f *safetensors.File) { f.Metadata[keyActivations] = "[]" }), base(), []string{"ditac1.theta", "not in the file"}},
		"newer":         {rewritten(t, file, func(f *safetensors.File) { f.Metadata[keyFormat] = "2" }), base(), []string{"ditac.format", `"2"`, `"1"`}},
		"no format":     {rewritten(t, file, func(f *safetensors.File) { delete(f.Metadata, keyFormat) }), base(), []string{"damaged", "ditac.format"}},
		"foreign":       {rewritten(t, file, func(f *safetensors.File) { f.Metadata[keyActivations] = "?" }), base(), []string{"ditac.activations", "?"}},
		"unknown field": {rewritten(t, file, func(f *safetensors.File) { f.Metadata[keyActivations] = `[{"shade":1}]` }), base(), []string{"shade"}},
		"θ missing":     {rewritten(t, file, func(f *safetensors.File) { tensorNamed(f, "ditac1.theta").Name = "x" }), base(), []string{"ditac1.theta", "lacks"}},
		"θ of another dtype": {rewritten(t, file, func(f *safetensors.File) {
			f.Metadata[keyActivations] = strings.ReplaceAll(f.Metadata[keyActivations], "float64", "float32")
		}), base(), []string{"ditac1.theta", "F64", "float32"}},
		"twice": {rewritten(t, file, func(f *safetensors.File) {
			s := f.Metadata[keyActivations]
			f.Metadata[keyActivations] = s[:len(s)-1] + "," + s[1:]
		}), base(), []string{"two activations", "ditac1"}},
		"not safetensors": {[]byte("PK\x03\x04 a zip file, surely"), base(), []string{"no safetensors file"}},
		"empty":           {nil, base(), []string{"no safetensors file"}},
		"truncated":       {file[:len(file)-5], base(), []string{"truncated"}},
		"a byte":          {append(bytes.Clone(file[:len(file)-1]), file[len(file)-1]^1), base(), []string{"checksum"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "net.safetensors")
			require.NoError(t, os.WriteFile(path, c.file, 0o666))
			p := newProgram(t, tensor.Float64, 8, 1, c.opts...)
			was := p.values(t)
			err := Load(path, p.learnables)
			for _, w := range append(c.want, "ditacop: load", path) {
				require.ErrorContains(t, err, w)
			}
			require.Equal(t, was, p.values(t), "a refused file changed something")
			if err := LoadFrom(bytes.NewReader(c.file), p.learnables); err == nil {
				t.Error("LoadFrom takes it")
			}
		})
	}
	// A change of the tolerance or the penalty is none of what θ means.
	p := newProgram(t, tensor.Float64, 8, 1, base(WithTolerance(1e-3), WithPenalty(0, 1, 1))...)
	require.NoError(t, LoadFrom(bytes.NewReader(file), p.learnables))
	// Another dtype of the whole network.
	err := LoadFrom(bytes.NewReader(file), newProgram(t, tensor.Float32, 8, 1, base()...).learnables)
	require.ErrorContains(t, err, "dtype is F64 in the file, F32 in the graph")
}

// TestFileDamage: every byte of a file counts.
func TestFileDamage(t *testing.T) {
	file, p := saved(t, tensor.Float32, WithCells(4), WithBasis(cpab.BasisNodal))
	was := p.values(t)
	for i := range file {
		b := bytes.Clone(file)
		b[i] ^= 1
		require.Error(t, LoadFrom(bytes.NewReader(b), p.learnables), "byte %d changed", i)
		require.Error(t, LoadFrom(bytes.NewReader(file[:i]), p.learnables), "%d bytes left", i)
	}
	require.Equal(t, was, p.values(t))
}

// TestLoadByName: what the names share is loaded, the rest is told.
func TestLoadByName(t *testing.T) {
	file, from := saved(t, tensor.Float64, WithCells(6), WithBasis(cpab.BasisQR), WithInit(PriorSample(1, 3, 1)))
	path := filepath.Join(t.TempDir(), "net.safetensors")
	require.NoError(t, os.WriteFile(path, file, 0o666))

	to := newProgram(t, tensor.Float64, 8, 1, WithCells(6), WithBasis(cpab.BasisQR), WithName("mine"))
	was := to.values(t)
	missing, unused, err := LoadByName(path, to.learnables)
	require.NoError(t, err)
	require.Equal(t, []string{"mine.theta"}, missing)
	require.Equal(t, []string{"ditac1.theta"}, unused)
	got := to.values(t)
	require.Equal(t, from.values(t)["w1"], got["w1"])
	require.Equal(t, from.values(t)["scale"], got["scale"])
	require.Equal(t, was["mine.theta"], got["mine.theta"])

	missing, unused, err = LoadByName(path, to.learnables[:1])
	require.NoError(t, err)
	require.Empty(t, missing)
	require.Equal(t, []string{"ditac1.theta", "scale", "w2"}, unused)

	other := newProgram(t, tensor.Float64, 8, 1, WithCells(6), WithBasis(cpab.BasisNodal))
	was = other.values(t)
	_, _, err = LoadByName(path, other.learnables)
	require.ErrorContains(t, err, "basis is qr in the file, nodal in the graph")
	require.Equal(t, was, other.values(t))
	_, _, err = LoadByName(filepath.Join(t.TempDir(), "none"), other.learnables)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestForeignFile: another program's weights can be had by name, not a θ.
func TestForeignFile(t *testing.T) {
	header := `{"w1":{"dtype":"F32","shape":[1,16],"data_offsets":[0,64]},"old":{"dtype":"F16","shape":[1],"data_offsets":[64,66]}}`
	data := bytes.Repeat([]byte{0, 0, 0x80, 0x3f}, 16) // ones
	foreign := append([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}, header...)
	foreign = append(append(foreign, data...), 1, 2)
	path := filepath.Join(t.TempDir(), "foreign.safetensors")
	require.NoError(t, os.WriteFile(path, foreign, 0o666))

	p := newProgram(t, tensor.Float32, 8, 1, WithCells(6))
	err := Load(path, p.learnables)
	require.ErrorContains(t, err, "not written by Save")
	require.ErrorContains(t, err, "LoadByName")
	missing, unused, err := LoadByName(path, p.learnables)
	require.NoError(t, err)
	require.Equal(t, []string{"ditac1.theta", "scale", "w2"}, missing)
	require.Equal(t, []string{"old"}, unused)
	require.Equal(t, fill(16, 1), p.values(t)["w1"])

	theta := strings.ReplaceAll(string(foreign), `"w1":{"dtype":"F32","shape":[1,16]`, `"ditac1.theta":{"dtype":"F32","shape":[16]`)
	theta = string([]byte{byte(len(header) + len("ditac1.theta") - len("w1") - len("1,"))}) + theta[1:]
	require.NoError(t, os.WriteFile(path, []byte(theta), 0o666))
	_, _, err = LoadByName(path, newProgram(t, tensor.Float32, 8, 1, WithCells(17)).learnables)
	require.ErrorContains(t, err, "ditac1.theta")
	require.ErrorContains(t, err, "not written by Save")
	_, err = LoadActivation(gorgonia.NewGraph(), path, "")
	require.ErrorContains(t, err, "describes no activation")
}

// TestLoadActivation: the activations of a file, one by one.
func TestLoadActivation(t *testing.T) {
	folder := t.TempDir()
	for _, dt := range bothDtypes {
		for name, opts := range map[string][]Option{"odd": odd(), "custom": custom()} {
			path := filepath.Join(folder, dt.String()+name)
			a, err := New(gorgonia.NewGraph(), dt, opts...) // not applied
			require.NoError(t, err)
			require.NoError(t, a.Save(path))
			want, err := a.State()
			require.NoError(t, err)
			for _, which := range []string{"", a.Name()} {
				b, err := LoadActivation(gorgonia.NewGraph(), path, which)
				require.NoError(t, err)
				got, err := b.State()
				require.NoError(t, err)
				require.Equal(t, want, got)
				requireSameBits(t, want.Theta, got.Theta, "θ")
			}
			_, err = LoadActivation(gorgonia.NewGraph(), path, "another")
			require.ErrorContains(t, err, `no activation "another", but "`+a.Name())
			_, err = LoadActivation(a.Theta().Graph(), path, "")
			require.ErrorContains(t, err, "taken")
			_, err = LoadActivation(nil, path, "")
			require.ErrorContains(t, err, "graph is nil")
		}
	}
	g := gorgonia.NewGraph()
	h := inputNode(g, tensor.Float64, tensor.Shape{3}, "x", []float64{1, 2, 3})
	for range 2 {
		h = gorgonia.Must(DiTAC(h, WithInit(PriorSample(uint64(len(Activations(g))), 3, 1))))
	}
	path := filepath.Join(folder, "two")
	require.NoError(t, Save(path, Learnables(g)))
	_, err := LoadActivation(gorgonia.NewGraph(), path, "")
	require.ErrorContains(t, err, `2 activations: choose one of "ditac1", "ditac2"`)
	b, err := LoadActivation(gorgonia.NewGraph(), path, "ditac2")
	require.NoError(t, err)
	want, err := Activations(g)[1].State()
	require.NoError(t, err)
	got, err := b.State()
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.NoError(t, Save(path, gorgonia.Nodes{h.Graph().ByName("x")[0]}))
	_, err = LoadActivation(gorgonia.NewGraph(), path, "")
	require.ErrorContains(t, err, "no activation")
	_, err = LoadActivation(gorgonia.NewGraph(), filepath.Join(folder, "none"), "")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestBadLearnables: nodes that cannot be saved or loaded are errors that say which.
func TestBadLearnables(t *testing.T) {
	p := newProgram(t, tensor.Float64, 8, 0)
	unapplied, err := New(p.g, tensor.Float64, WithName("unapplied"))
	require.NoError(t, err)
	ruined := newProgram(t, tensor.Float64, 8, 0)
	ruined.learnables[3].Value().Data().([]float64)[1] = math.Inf(1)
	file, _ := saved(t, tensor.Float64)
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o666))
	for name, c := range map[string]struct {
		nodes gorgonia.Nodes
		want  string
		save  bool // only saving is wrong
	}{
		"nil":       {gorgonia.Nodes{p.learnables[0], nil}, "learnables[1] is nil", false},
		"zero":      {gorgonia.Nodes{{}}, "learnables[0]", false},
		"twice":     {gorgonia.Nodes{p.learnables[0], p.learnables[0]}, `learnables[1] is the second of the name "w1"`, false},
		"computed":  {gorgonia.Nodes{p.cost}, "result of an operation", false},
		"no name":   {gorgonia.Nodes{gorgonia.NewScalar(p.g, tensor.Float64)}, "has no name", false},
		"int":       {gorgonia.Nodes{gorgonia.NewScalar(p.g, tensor.Int, gorgonia.WithName("i"))}, "dtype int", false},
		"unapplied": {unapplied.Learnables(), "Apply the activation", false},
		"no value":  {gorgonia.Nodes{gorgonia.NewScalar(p.g, tensor.Float64, gorgonia.WithName("s"))}, "no value", true},
		"NaN":       {ruined.learnables, "theta[1] = +Inf", true},
		"none":      {nil, "no learnables", true},
	} {
		t.Run(name, func(t *testing.T) {
			err := Save(path, c.nodes)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, SaveTo(&bytes.Buffer{}, c.nodes), c.want)
			if !c.save {
				require.ErrorContains(t, LoadFrom(bytes.NewReader(file), c.nodes), c.want)
				require.ErrorContains(t, CopyLearnables(gorgonia.NewGraph(), c.nodes), c.want)
			}
		})
	}
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(old), "what could not be saved replaced the file")
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.ErrorContains(t, SaveTo(fullDisk{}, p.learnables), "disk full")
	require.ErrorContains(t, SaveTo(nil, p.learnables), "writer is nil")
	require.ErrorContains(t, LoadFrom(nil, p.learnables), "reader is nil")
	require.ErrorIs(t, Save(filepath.Join(folder, "none", "file"), p.learnables), os.ErrNotExist)
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestLoadWithoutValues: nodes that have no value yet are given one.
func TestLoadWithoutValues(t *testing.T) {
	file, from := saved(t, tensor.Float64)
	g := gorgonia.NewGraph()
	nodes := gorgonia.Nodes{
		gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(1, programHidden), gorgonia.WithName("w1")),
		gorgonia.NewScalar(g, tensor.Float64, gorgonia.WithName("scale")),
	}
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, file, 0o666))
	_, _, err := LoadByName(path, nodes)
	require.NoError(t, err)
	for _, n := range nodes {
		got, err := float64sOf(n.Value())
		require.NoError(t, err)
		require.Equal(t, from.values(t)[n.Name()], got)
		require.True(t, n.Value().Shape().Eq(n.Shape()))
	}
}

// TestMetadata: the description in a file is plain JSON without θ.
func TestMetadata(t *testing.T) {
	file, p := saved(t, tensor.Float32, odd()...)
	f, err := safetensors.Read(bytes.NewReader(file))
	require.NoError(t, err)
	require.Equal(t, "1", f.Metadata["ditac.format"])
	var acts []State
	require.NoError(t, json.Unmarshal([]byte(f.Metadata["ditac.activations"]), &acts))
	want, err := Activations(p.g)[0].State()
	require.NoError(t, err)
	want.Theta = nil
	require.Equal(t, []State{want}, acts)
}
