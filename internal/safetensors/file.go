package safetensors

import (
	"fmt"
	"math"
	"slices"
)

// The dtypes that this module writes.
const (
	F32 = "F32"
	F64 = "F64"
)

// sizes are the bytes per number of the format's dtypes.
var sizes = map[string]int{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
	"I32": 4, "U32": 4, F32: 4, "I64": 8, "U64": 8, F64: 8,
}

// Trainer is how the names of tensors begin that a trainer keeps beside a network: the
// moments of its solver, losses. Who loads the network leaves them out.
const Trainer = "ditac.train:"

// Tensor is one tensor of a file.
type Tensor struct {
	Name  string
	Dtype string
	Shape []int  // empty: a scalar
	Data  []byte // little-endian, row-major
}

// File is what a file holds.
type File struct {
	Metadata map[string]string // without the checksum
	Tensors  []Tensor
	// Checked says that the file had a checksum, and that it was right.
	Checked bool
}

// metadataKey is the header's entry that is no tensor.
const metadataKey = "__metadata__"

// checksumKey is the checksum's key in the metadata, and checksumLength the number of
// its hexadecimal digits.
const (
	checksumKey    = "ditac.sha256"
	checksumLength = 64
)

// MaxHeader is the largest header in bytes that Read accepts, as in the reference
// implementation.
const MaxHeader = 100_000_000

// byteSize returns the number of bytes of a tensor, and reports an unknown dtype and a
// shape that is negative or too large to count.
func byteSize(dtype string, shape []int) (int64, error) {
	size, ok := sizes[dtype]
	if !ok {
		return 0, fmt.Errorf("dtype = %q is unknown", dtype)
	}
	total := int64(size)
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("shape = %v has a negative size", shape)
		}
		if n > 0 && total > math.MaxInt64/int64(n) && !slices.Contains(shape, 0) {
			return 0, fmt.Errorf("shape = %v is too large", shape)
		}
		total *= int64(n)
	}
	return total, nil
}
