package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sample returns a file of three tensors, narrow numbers first, one of them a scalar.
func sample() *File {
	return &File{
		Metadata: map[string]string{"by": "a test", "quote": `"<&>` + "\n"},
		Tensors: []Tensor{
			{Name: "w", Dtype: F32, Shape: []int{3}, Data: []byte("abcdefghijkl")},
			{Name: "b", Dtype: F64, Shape: nil, Data: []byte("12345678")},
			{Name: "none", Dtype: F32, Shape: []int{2, 0}, Data: []byte{}},
		},
	}
}

func written(t *testing.T, f *File) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, f))
	return b.Bytes()
}

// raw returns a file with the given header, as any program might write it.
func raw(header, data string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func TestRoundTrip(t *testing.T) {
	b := written(t, sample())
	require.Equal(t, b, written(t, sample()), "the same file has the same bytes")
	f, err := Read(bytes.NewReader(b))
	require.NoError(t, err)
	require.True(t, f.Checked)
	require.Equal(t, sample().Metadata, f.Metadata)
	byName := map[string]Tensor{}
	for _, x := range f.Tensors {
		byName[x.Name] = x
	}
	require.Len(t, byName, 3)
	require.Equal(t, Tensor{"w", F32, []int{3}, []byte("abcdefghijkl")}, byName["w"])
	require.Equal(t, Tensor{"b", F64, []int{}, []byte("12345678")}, byName["b"])
	require.Equal(t, Tensor{"none", F32, []int{2, 0}, []byte{}}, byName["none"])
}

// TestFormat reads what Write wrote by the text of the format alone.
func TestFormat(t *testing.T) {
	b := written(t, sample())
	n := binary.LittleEndian.Uint64(b)
	require.Zero(t, n%8, "aligned")
	var header map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(b[8:8+n], &header))
	require.JSONEq(t, `{"dtype":"F64","shape":[],"data_offsets":[0,8]}`, string(header["b"]))
	require.JSONEq(t, `{"dtype":"F32","shape":[3],"data_offsets":[8,20]}`, string(header["w"]))
	require.JSONEq(t, `{"dtype":"F32","shape":[2,0],"data_offsets":[20,20]}`, string(header["none"]))
	require.Equal(t, "12345678abcdefghijkl", string(b[8+n:]))
	var metadata map[string]string
	require.NoError(t, json.Unmarshal(header["__metadata__"], &metadata))
	require.Equal(t, "a test", metadata["by"])
}

// TestForeign: files of other programs are read, unchecked.
func TestForeign(t *testing.T) {
	f, err := Read(bytes.NewReader(raw(`{"x":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}   `, "abcd")))
	require.NoError(t, err)
	require.False(t, f.Checked)
	require.Equal(t, []Tensor{{"x", "F16", []int{1, 2}, []byte("abcd")}}, f.Tensors)
	f, err = Read(bytes.NewReader(raw(`{}`, "")))
	require.NoError(t, err)
	require.Empty(t, f.Tensors)
}

// TestDamage: no byte can change, and no end can be missing or added, without an error.
func TestDamage(t *testing.T) {
	whole := written(t, sample())
	for i := range whole {
		for _, flip := range []byte{1, 0x20, 0x80} {
			b := bytes.Clone(whole)
			b[i] ^= flip
			f, err := Read(bytes.NewReader(b))
			// A changed key of the checksum leaves a file without one, which Checked says.
			require.True(t, err != nil || !f.Checked, "byte %d changed by %x", i, flip)
		}
		_, err := Read(bytes.NewReader(whole[:i]))
		require.Error(t, err, "%d bytes", i)
		if i > 8 {
			require.ErrorContains(t, err, "truncated")
		}
	}
	_, err := Read(bytes.NewReader(append(whole, 0)))
	require.ErrorContains(t, err, "after the last tensor")
}

func TestBadFiles(t *testing.T) {
	one := func(entry string) string { return `{"x":` + entry + `}` }
	for _, c := range []struct{ header, data, want string }{
		{`[1]`, "", "no safetensors file"},
		{`{"x":1}`, "", `tensor "x"`},
		{`{"x"`, "", "header"},
		{`{} {}`, "", "after the object"},
		{"{\"\xff\":1}", "", "UTF-8"},
		{`{"__metadata__":[]}`, "", "want an object"},
		{`{"__metadata__":{"a":1}}`, "", `metadata "a" = 1`},
		{`{"__metadata__":{"a":null}}`, "", `metadata "a" = null`},
		{`{"__metadata__":{"a":"1","a":"2"}}`, "", `"a" occurs twice`},
		{`{"__metadata__":{"ditac.sha256":"0"}}`, "", "checksum"},
		{`{"__metadata__":{"ditac.sha256":""}}`, "", "checksum"},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "abcd", `"x" occurs twice`},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "abcd", "data_offsets = [0 4]"},
		{`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}}`, "abcdefghi", "starts at 4"},
		{`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "abcdefgh", `tensor "y"`},
		{one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), "abcdefgh", "starts at 0"},
		{one(`{"dtype":"F32","shape":[1],"data_offsets":[0,-4]}`), "", "data_offsets = [0 -4]"},
		{one(`{"dtype":"F32","shape":[2],"data_offsets":[0,4]}`), "abcd", "have 8 bytes"},
		{one(`{"dtype":"F31","shape":[1],"data_offsets":[0,4]}`), "abcd", `dtype = "F31"`},
		{one(`{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`), "abcd", "negative"},
		{one(`{"dtype":"F32","shape":[0.5],"data_offsets":[0,4]}`), "abcd", `tensor "x"`},
		{one(`{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}`), "abcd", "too large"},
		{one(`{"dtype":"F64","shape":[1152921504606846975],"data_offsets":[0,9223372036854775800]}`), "abcd", "truncated"},
		{one(`{"dtype":"F32","shape":[1]}`), "abcd", "data_offsets"},
		{one(`{"dtype":"F32","shape":[1],"data_offsets":[0]}`), "abcd", "data_offsets"},
		{one(`{"shape":[1],"data_offsets":[0,4]}`), "abcd", "dtype"},
		{one(`{"dtype":"F32","data_offsets":[0,4]}`), "abcd", "shape"},
		{one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}`), "abcd", "more"},
	} {
		_, err := Read(bytes.NewReader(raw(c.header, c.data)))
		require.ErrorContains(t, err, c.want, c.header)
		require.ErrorContains(t, err, "safetensors: ", c.header)
	}
	for _, length := range []uint64{0, 1, MaxHeader + 1, 1 << 63} {
		_, err := Read(bytes.NewReader(binary.LittleEndian.AppendUint64(nil, length)))
		require.ErrorContains(t, err, fmt.Sprintf("header of %d bytes", length))
	}
}

func TestBadWrites(t *testing.T) {
	four := []byte("abcd")
	ok := Tensor{"x", F32, []int{1}, four}
	for _, c := range []struct {
		f    File
		want string
	}{
		{File{Tensors: []Tensor{ok, ok}}, `two tensors are named "x"`},
		{File{Tensors: []Tensor{{metadataKey, F32, []int{1}, four}}}, "reserved"},
		{File{Tensors: []Tensor{{"x", F32, []int{2}, four}}}, "has 4 bytes, want 8"},
		{File{Tensors: []Tensor{{"x", "F31", []int{1}, four}}}, `dtype = "F31"`},
		{File{Tensors: []Tensor{{"\xff", F32, []int{1}, four}}}, "UTF-8"},
		{File{Tensors: []Tensor{{strings.Repeat("0", 64), F32, []int{1}, four}}}, "reserved"},
		{File{Metadata: map[string]string{checksumKey: "1"}}, "reserved"},
		{File{Metadata: map[string]string{"a": "\xff"}}, "UTF-8"},
	} {
		require.ErrorContains(t, Write(&bytes.Buffer{}, &c.f), c.want)
	}
	_, err := sample().header(sample().Tensors, 100)
	require.ErrorContains(t, err, "want at most 100")
	require.ErrorContains(t, Write(full{}, sample()), "disk full")
	_, err = Read(full{})
	require.ErrorContains(t, err, "disk full")
}

// full is a writer and reader that fails.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }
func (full) Read([]byte) (int, error)  { return 0, errors.New("disk full") }

// FuzzRead: no input makes Read panic, and what it accepts can be written again.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(raw(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "abcd"))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, Write(&out, file))
		again, err := Read(&out)
		require.NoError(t, err)
		require.Equal(t, file.Metadata, again.Metadata)
		require.ElementsMatch(t, file.Tensors, again.Tensors)
	})
}
