package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

// idx returns a file of the idx format.
func idx(kind byte, shape []uint32, body []byte) []byte {
	b := []byte{0, 0, kind, byte(len(shape))}
	for _, d := range shape {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, body...)
}

func zip(b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(b)
	z.Close()
	return buf.Bytes()
}

// write writes a file to a new folder, or to dir if it is given, and returns its path.
func write(t testing.TB, name string, b []byte, dir ...string) string {
	t.Helper()
	if dir == nil {
		dir = []string{t.TempDir()}
	}
	path := filepath.Join(dir[0], name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

func TestReadIDX(t *testing.T) {
	f32 := binary.BigEndian.AppendUint32(nil, math.Float32bits(1.5))
	f64 := binary.BigEndian.AppendUint64(nil, math.Float64bits(-2.5))
	for name, c := range map[string]struct {
		file  []byte
		want  []float32
		shape []int
	}{
		"bytes":      {idx(0x08, []uint32{2, 1, 2}, []byte{0, 1, 2, 255}), []float32{0, 1, 2, 255}, []int{2, 1, 2}},
		"compressed": {zip(idx(0x08, []uint32{3}, []byte{7, 8, 9})), []float32{7, 8, 9}, []int{3}},
		"int8":       {idx(0x09, []uint32{1}, []byte{0xff}), []float32{-1}, []int{1}},
		"int16":      {idx(0x0b, []uint32{1}, []byte{0xff, 0xfe}), []float32{-2}, []int{1}},
		"int32":      {idx(0x0c, []uint32{1}, []byte{0, 1, 0, 0}), []float32{65536}, []int{1}},
		"float32":    {idx(0x0d, []uint32{1}, f32), []float32{1.5}, []int{1}},
		"float64":    {idx(0x0e, []uint32{1}, f64), []float32{-2.5}, []int{1}},
	} {
		v, shape, err := ReadIDX(ctx, write(t, "x", c.file))
		require.NoError(t, err, name)
		require.Equal(t, c.want, v, name)
		require.Equal(t, c.shape, shape, name)
	}
}

// TestReadIDXBad: every truncation of a file, plain and compressed, is an error, and so
// is what no reader could trust. Errors name the file and the record.
func TestReadIDXBad(t *testing.T) {
	whole := idx(0x08, []uint32{3, 2}, []byte{1, 2, 3, 4, 5, 6})
	for _, file := range [][]byte{whole, zip(whole)} {
		for n := range file {
			path := write(t, "cut", file[:n])
			_, _, err := ReadIDX(ctx, path)
			require.Error(t, err, "%d of %d bytes", n, len(file))
			require.ErrorContains(t, err, path)
		}
	}
	damaged := zip(whole)
	damaged[len(damaged)-8]++ // the check sum
	for want, file := range map[string][]byte{
		"record 2 of 3: the file is truncated": whole[:len(whole)-1],
		"more data after the 3 records":        append(whole[:len(whole):len(whole)], 0),
		"begins with 50 4b 03 04":              []byte("PK\x03\x04abc"),
		"begins with 00 00 07 01":              idx(0x07, []uint32{1}, []byte{1}),
		"dimensions [4294967295 4294967295]":   idx(0x08, []uint32{math.MaxUint32, math.MaxUint32}, nil),
		"dimensions [0]":                       idx(0x08, []uint32{0}, nil),
		"record 0 of 1000000000: the file":     idx(0x08, []uint32{1e9}, nil), // no memory for what is not there
		"checksum":                             damaged,
	} {
		_, _, err := ReadIDX(ctx, write(t, "bad", file))
		require.ErrorContains(t, err, want)
	}
	_, _, err := ReadIDX(ctx, filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, _, err = ReadIDX(over, write(t, "x", whole))
	require.ErrorIs(t, err, context.Canceled)
}

func TestReadIDXImages(t *testing.T) {
	images := write(t, "images", idx(0x08, []uint32{2, 1, 2}, []byte{0, 255, 51, 0}))
	labels := write(t, "labels", idx(0x08, []uint32{2}, []byte{1, 0}))
	s, err := ReadIDXImages(ctx, images, labels, []string{"a", "b"})
	require.NoError(t, err)
	require.NoError(t, s.Check())
	require.Equal(t, []float32{0, 1, .2, 0}, s.X)
	require.Equal(t, []int{1, 1, 2}, s.XShape)
	require.Equal(t, []int{1, 0}, s.Labels())

	_, err = ReadIDXImages(ctx, images, labels, []string{"a"})
	require.ErrorContains(t, err, labels+": record 0: label 1")
	_, err = ReadIDXImages(ctx, images, write(t, "labels", idx(0x08, []uint32{3}, []byte{1, 0, 0})), []string{"a", "b"})
	require.ErrorContains(t, err, "2 images in")
	_, err = ReadIDXImages(ctx, labels, labels, []string{"a", "b"})
	require.ErrorContains(t, err, "want (images, height, width)")
	_, err = ReadIDXImages(ctx, images, images, []string{"a", "b"})
	require.ErrorContains(t, err, "want one label a record")
	_, err = ReadIDXImages(ctx, write(t, "images", idx(0x0b, []uint32{1, 1, 1}, []byte{1, 0})), write(t, "labels", idx(0x08, []uint32{1}, []byte{0})), []string{"a"})
	require.ErrorContains(t, err, "record 0: pixel 256")
}

// mnistDir writes a small database of MNIST's files, half of them compressed.
func mnistDir(t testing.TB) string {
	dir := t.TempDir()
	write(t, "train-images-idx3-ubyte.gz", zip(idx(0x08, []uint32{3, 1, 1}, []byte{0, 51, 255})), dir)
	write(t, "train-labels-idx1-ubyte.gz", zip(idx(0x08, []uint32{3}, []byte{0, 5, 9})), dir)
	write(t, "t10k-images-idx3-ubyte", idx(0x08, []uint32{1, 1, 1}, []byte{255}), dir)
	write(t, "t10k-labels-idx1-ubyte", idx(0x08, []uint32{1}, []byte{9}), dir)
	return dir
}

func TestMNIST(t *testing.T) {
	dir := mnistDir(t)
	train, test, err := MNIST(ctx, dir)
	require.NoError(t, err)
	require.Equal(t, []int{0, 5, 9}, train.Labels())
	require.Equal(t, []float32{1}, test.X)
	require.NoError(t, os.Remove(filepath.Join(dir, "t10k-labels-idx1-ubyte")))
	_, _, err = MNIST(ctx, dir)
	require.ErrorContains(t, err, "no file t10k-labels-idx1-ubyte")
}

func ExampleReadIDX() {
	dir, err := os.MkdirTemp("", "idx")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "labels")
	// Unsigned bytes (8) of one dimension: three labels.
	os.WriteFile(path, []byte{0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4}, 0o600)
	labels, shape, err := ReadIDX(context.Background(), path)
	fmt.Println(labels, shape, err)
	// Output: [5 0 4] [3] <nil>
}
