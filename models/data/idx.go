package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// maxNumbers bounds the numbers that a reader keeps of one file or folder: 4 GiB of
// float32.
const maxNumbers = 1 << 30

// idxTypes are the types of the idx format and their sizes in bytes.
var idxTypes = map[byte]int{0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8}

// idxHeader is how an idx file begins: two zeros, the type of its numbers and its
// dimensions, big-endian.
type idxHeader struct {
	kind  byte
	shape []int
}

// ReadIDX reads a file of the idx format, plain or compressed by gzip (its first bytes
// tell), and returns its numbers and shape, whose first dimension counts the records.
// The format is that of the MNIST database: LeCun, Cortes & Burges, "The MNIST database
// of handwritten digits". A file that is truncated, longer than its header says, or no
// idx file is an error that names the file and the record.
func ReadIDX(ctx context.Context, path string) (numbers []float32, shape []int, err error) {
	err = open(path, func(r *bufio.Reader) (err error) {
		numbers, shape, err = parseIDX(ctx, r)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("data: ReadIDX %s: %w", path, err)
	}
	return numbers, shape, nil
}

// open calls read with the contents of a file, which are decompressed if they are of
// the gzip format.
func open(path string, read func(r *bufio.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return bare(err)
	}
	defer f.Close()
	r, err := plain(f)
	if err != nil {
		return err
	}
	return read(r)
}

// bare returns an error of the file system without the path, which the callers name.
func bare(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// plain returns a reader of r's contents, decompressed if they are of the gzip format.
func plain(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := b.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, truncated(err)
	}
	return bufio.NewReaderSize(z, 1<<16), nil
}

func parseIDX(ctx context.Context, r *bufio.Reader) ([]float32, []int, error) {
	h, err := readIDXHeader(r)
	if err != nil {
		return nil, nil, err
	}
	each := Size(h.shape[1:])
	record := make([]byte, each*idxTypes[h.kind])
	numbers := make([]float32, 0, min(h.shape[0]*each, 1<<24)) // a header can say anything
	for i := range h.shape[0] {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if _, err := io.ReadFull(r, record); err != nil {
			return nil, nil, fmt.Errorf("record %d of %d: %w", i, h.shape[0], truncated(err))
		}
		numbers = appendIDX(numbers, h.kind, record)
	}
	switch _, err := r.ReadByte(); {
	case err == nil:
		return nil, nil, fmt.Errorf("more data after the %d records of shape %v that the header says", h.shape[0], h.shape[1:])
	case err != io.EOF: // the check sum of gzip
		return nil, nil, fmt.Errorf("after the last record: %w", truncated(err))
	}
	return numbers, h.shape, nil
}

func readIDXHeader(r io.Reader) (h idxHeader, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return h, fmt.Errorf("header: %w", truncated(err))
	}
	if magic[0] != 0 || magic[1] != 0 || idxTypes[magic[2]] == 0 || magic[3] == 0 {
		return h, fmt.Errorf("the file begins with % x, which no idx file does", magic)
	}
	h.kind = magic[2]
	sizes := make([]uint32, magic[3])
	if err := binary.Read(r, binary.BigEndian, sizes); err != nil {
		return h, fmt.Errorf("header: %w", truncated(err))
	}
	total := uint64(1)
	for _, s := range sizes {
		if total *= uint64(s); total > maxNumbers || s == 0 {
			return h, fmt.Errorf("the header says dimensions %v, want 1 to %d numbers", sizes, maxNumbers)
		}
		h.shape = append(h.shape, int(s))
	}
	return h, nil
}

// truncated names the error of a file that ends early.
func truncated(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is truncated")
	}
	return err
}

// appendIDX appends the numbers of a record.
func appendIDX(to []float32, kind byte, record []byte) []float32 {
	size := idxTypes[kind]
	for i := 0; i < len(record); i += size {
		b := record[i : i+size]
		var v float32
		switch kind {
		case 0x08:
			v = float32(b[0])
		case 0x09:
			v = float32(int8(b[0]))
		case 0x0b:
			v = float32(int16(binary.BigEndian.Uint16(b)))
		case 0x0c:
			v = float32(int32(binary.BigEndian.Uint32(b)))
		case 0x0d:
			v = math.Float32frombits(binary.BigEndian.Uint32(b))
		case 0x0e:
			v = float32(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
		to = append(to, v)
	}
	return to
}

// ReadIDXImages reads a set of images and labels from two idx files of unsigned bytes.
// Images are of shape (1, height, width) with pixels from 0 to 1; labels are indices
// of the classes' names. Other numbers of labels than of images, and a label that is no
// class, are errors that name the file and the record.
func ReadIDXImages(ctx context.Context, images, labels string, classes []string) (*Set, error) {
	x, shape, err := ReadIDX(ctx, images)
	if err != nil {
		return nil, err
	}
	y, lshape, err := ReadIDX(ctx, labels)
	if err != nil {
		return nil, err
	}
	if len(shape) != 3 {
		return nil, fmt.Errorf("data: ReadIDXImages %s: shape %v, want (images, height, width)", images, shape)
	}
	if len(lshape) != 1 {
		return nil, fmt.Errorf("data: ReadIDXImages %s: shape %v, want one label a record", labels, lshape)
	}
	if shape[0] != lshape[0] {
		return nil, fmt.Errorf("data: ReadIDXImages: %d images in %s, but %d labels in %s", shape[0], images, lshape[0], labels)
	}
	for i, v := range y {
		if v != float32(int(v)) || v < 0 || int(v) >= len(classes) {
			return nil, fmt.Errorf("data: ReadIDXImages %s: record %d: label %v, want an index of the %d classes", labels, i, v, len(classes))
		}
	}
	for i, v := range x {
		if !(v >= 0 && v <= 255) {
			return nil, fmt.Errorf("data: ReadIDXImages %s: record %d: pixel %v, want 0 to 255", images, i/(shape[1]*shape[2]), v)
		}
		x[i] = v / 255
	}
	s := &Set{X: x, Y: y, XShape: []int{1, shape[1], shape[2]}, Classes: classes, Name: filepath.Base(images)}
	return s, nil
}

// MNIST reads the training and the test set of the MNIST database, or of one with the
// same files (Fashion-MNIST), from a folder with its four files
// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
// t10k-labels-idx1-ubyte, each with or without .gz.
func MNIST(ctx context.Context, dir string) (train, test *Set, err error) {
	classes := make([]string, 10)
	for i := range classes {
		classes[i] = strconv.Itoa(i)
	}
	read := func(part string) (*Set, error) {
		images, err := find(dir, part+"-images-idx3-ubyte")
		if err != nil {
			return nil, err
		}
		labels, err := find(dir, part+"-labels-idx1-ubyte")
		if err != nil {
			return nil, err
		}
		return ReadIDXImages(ctx, images, labels, classes)
	}
	if train, err = read("train"); err != nil {
		return nil, nil, err
	}
	if test, err = read("t10k"); err != nil {
		return nil, nil, err
	}
	train.Name, test.Name = "mnist train", "mnist test"
	return train, test, nil
}

// find returns the path of a file that may end in .gz.
func find(dir, name string) (string, error) {
	for _, ext := range []string{".gz", ""} {
		path := filepath.Join(dir, name+ext)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("data: MNIST: no file %s or %[1]s.gz in %s", name, dir)
}
