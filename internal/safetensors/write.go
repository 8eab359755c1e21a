package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// entry is a tensor's entry in the header.
type entry struct {
	Dtype       string   `json:"dtype"`
	Shape       []int    `json:"shape"`
	DataOffsets [2]int64 `json:"data_offsets"`
}

// alignment is what the length of the header is a multiple of, so that the numbers of
// a file in memory are aligned.
const alignment = 8

// Write writes the file, with a checksum. Wide numbers come first, which keeps all
// aligned. It reports tensors of equal or reserved names and such whose data does not
// suit their shape.
func Write(w io.Writer, f *File) error {
	tensors := slices.Clone(f.Tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int { return sizes[b.Dtype] - sizes[a.Dtype] })
	header, err := f.header(tensors, MaxHeader)
	if err != nil {
		return err
	}
	prefix := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	hash := sha256.New()
	parts := [][]byte{prefix, header}
	for _, t := range tensors {
		parts = append(parts, t.Data)
	}
	for _, p := range parts {
		hash.Write(p)
	}
	parts[1] = []byte(strings.Replace(string(header), noChecksum, hex.EncodeToString(hash.Sum(nil)), 1))
	for _, p := range parts {
		if _, err := w.Write(p); err != nil {
			return fmt.Errorf("safetensors: %w", err)
		}
	}
	return nil
}

// noChecksum stands in the place of the checksum while that is computed.
var noChecksum = strings.Repeat("0", checksumLength)

// header returns the header of at most limit bytes, padded, with noChecksum for the
// checksum.
func (f *File) header(tensors []Tensor, limit int) ([]byte, error) {
	metadata := map[string]string{checksumKey: noChecksum}
	for k, v := range f.Metadata {
		if k == checksumKey {
			return nil, fmt.Errorf("safetensors: metadata %q is reserved for the checksum", k)
		}
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, fmt.Errorf("safetensors: metadata %q = %q is not UTF-8", k, v)
		}
		metadata[k] = v
	}
	entries := map[string]any{metadataKey: metadata}
	at := int64(0)
	for _, t := range tensors {
		if _, taken := entries[t.Name]; taken {
			return nil, fmt.Errorf("safetensors: two tensors are named %q, or the name is reserved", t.Name)
		}
		if !utf8.ValidString(t.Name) {
			return nil, fmt.Errorf("safetensors: tensor %q: the name is not UTF-8", t.Name)
		}
		size, err := byteSize(t.Dtype, t.Shape)
		if err != nil {
			return nil, fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
		}
		if size != int64(len(t.Data)) {
			return nil, fmt.Errorf("safetensors: tensor %q of dtype %s and shape %v has %d bytes, want %d", t.Name, t.Dtype, t.Shape, len(t.Data), size)
		}
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		entries[t.Name] = entry{t.Dtype, shape, [2]int64{at, at + size}}
		at += size
	}
	header, err := json.Marshal(entries)
	if err != nil {
		return nil, fmt.Errorf("safetensors: header: %w", err)
	}
	if bytes.Count(header, []byte(noChecksum)) != 1 {
		return nil, fmt.Errorf("safetensors: a name or metadata contains %q, which is reserved", noChecksum)
	}
	for len(header)%alignment != 0 {
		header = append(header, ' ')
	}
	if len(header) > limit {
		return nil, fmt.Errorf("safetensors: the header has %d bytes, want at most %d", len(header), limit)
	}
	return header, nil
}
