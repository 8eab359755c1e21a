package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Read reads a file to its end. It reports a file that is truncated or too long, a
// header that is no JSON object of the format, names that occur twice, tensors that
// overlap, leave holes or lie outside the file, and a checksum that is wrong. A file
// without a checksum is not checked for changed numbers.
func Read(r io.Reader) (*File, error) {
	f, err := read(r)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

func read(r io.Reader) (*File, error) {
	var prefix [8]byte
	if n, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, truncated(err, fmt.Sprintf("%d bytes are no safetensors file: the length of the header is missing", n))
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length < 2 || length > MaxHeader {
		return nil, fmt.Errorf("header of %d bytes, want 2 to %d: no safetensors file", length, MaxHeader)
	}
	// In steps, so that a false length asks for no more memory than the file has.
	header, err := io.ReadAll(io.LimitReader(r, int64(length)))
	if err != nil {
		return nil, err
	}
	if uint64(len(header)) < length {
		return nil, fmt.Errorf("truncated: the header has %d of %d bytes", len(header), length)
	}
	f, places, err := parse(header)
	if err != nil {
		return nil, err
	}
	total, err := check(f, places)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, total+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < total {
		return nil, fmt.Errorf("truncated: the tensors have %d of %d bytes", len(data), total)
	}
	if int64(len(data)) > total {
		return nil, fmt.Errorf("bytes after the last tensor, which ends at %d", total)
	}
	for i, p := range places {
		f.Tensors[i].Data = data[p[0]:p[1]]
	}
	return f, f.verify(prefix[:], header, data)
}

// truncated explains the error of reading the first bytes.
func truncated(err error, what string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(what)
	}
	return err
}

// parse returns the file without its data, and where these are.
func parse(header []byte) (*File, [][2]int64, error) {
	if header[0] != '{' {
		return nil, nil, fmt.Errorf("the header starts with %q, want {: no safetensors file", header[0])
	}
	if !utf8.Valid(header) {
		return nil, nil, errors.New("the header is not UTF-8")
	}
	f := &File{Metadata: map[string]string{}}
	var places [][2]int64
	err := eachMember(header, func(name string, value json.RawMessage) error {
		if name == metadataKey {
			return parseMetadata(f, value)
		}
		e, err := parseEntry(value)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		f.Tensors = append(f.Tensors, Tensor{Name: name, Dtype: e.Dtype, Shape: e.Shape})
		places = append(places, e.DataOffsets)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	return f, places, nil
}

func parseMetadata(f *File, value json.RawMessage) error {
	return eachMember(value, func(key string, v json.RawMessage) error {
		var s *string
		if err := json.Unmarshal(v, &s); err != nil || s == nil {
			return fmt.Errorf("metadata %q = %s, want a string", key, v)
		}
		f.Metadata[key] = *s
		return nil
	})
}

// parseEntry parses a tensor's entry, all of whose members it demands.
func parseEntry(value json.RawMessage) (entry, error) {
	var e struct {
		Dtype       *string `json:"dtype"`
		Shape       *[]int  `json:"shape"`
		DataOffsets []int64 `json:"data_offsets"`
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return entry{}, err
	}
	if e.Dtype == nil || e.Shape == nil || len(e.DataOffsets) != 2 {
		return entry{}, fmt.Errorf("entry %s, want dtype, shape and two data_offsets", value)
	}
	return entry{*e.Dtype, *e.Shape, [2]int64(e.DataOffsets)}, nil
}

// eachMember calls f for the members of a JSON object, which encoding/json would
// give without those whose name comes again.
func eachMember(object []byte, f func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return fmt.Errorf("%v, want an object", t)
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name := t.(string) // the decoder accepts no other
		if seen[name] {
			return fmt.Errorf("the name %q occurs twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if rest, err := io.ReadAll(d.Buffered()); err != nil || len(bytes.TrimSpace(rest)) > 0 {
		return fmt.Errorf("%.20q after the object", rest)
	}
	return nil
}

// check reports tensors that do not fill the file one after the other, and returns
// the number of bytes of all.
func check(f *File, places [][2]int64) (int64, error) {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return slices.Compare(places[i][:], places[j][:])
	})
	at := int64(0)
	for _, i := range order {
		t, p := &f.Tensors[i], places[i]
		size, err := byteSize(t.Dtype, t.Shape)
		if err != nil {
			return 0, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if p[0] != at {
			return 0, fmt.Errorf("tensor %q: data_offsets = %v, want one that starts at %d, where the tensor before ends", t.Name, p, at)
		}
		if p[1] < p[0] || p[1]-p[0] != size {
			return 0, fmt.Errorf("tensor %q: data_offsets = %v, but dtype %s and shape %v have %d bytes", t.Name, p, t.Dtype, t.Shape, size)
		}
		at = p[1]
	}
	return at, nil
}

// verify compares the checksum, if the file has one, and takes it out of the metadata.
func (f *File) verify(prefix, header, data []byte) error {
	want, ok := f.Metadata[checksumKey]
	if !ok {
		return nil
	}
	delete(f.Metadata, checksumKey)
	if len(want) != checksumLength || strings.Count(string(header), want) != 1 {
		return fmt.Errorf("checksum %q, want %d hexadecimal digits", want, checksumLength)
	}
	hash := sha256.New()
	hash.Write(prefix)
	io.WriteString(hash, strings.Replace(string(header), want, noChecksum, 1))
	hash.Write(data)
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("checksum %s, but the file's bytes give %s: the file was changed or damaged", want, got)
	}
	f.Checked = true
	return nil
}
