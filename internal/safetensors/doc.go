// Package safetensors writes and reads files of named tensors in the safetensors
// format (github.com/huggingface/safetensors), with a checksum.
//
// A file is the length of the header (8 bytes, little-endian), the header, a JSON
// object, and the numbers of all tensors, little-endian and one tensor after the
// other. The header has an entry per tensor, with its dtype, shape and place, and
// under "__metadata__" an object of strings.
//
// The checksum is the SHA-256 of the whole file with zeros in the checksum's own
// place, in the metadata.
package safetensors
