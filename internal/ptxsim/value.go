package ptxsim

import (
	"fmt"
	"math"
)

// A register holds 64 bits. Narrower values are zero-extended, a predicate is 0 or 1.

func f32(v uint64) float32    { return math.Float32frombits(uint32(v)) }
func f64(v uint64) float64    { return math.Float64frombits(v) }
func bits32(x float32) uint64 { return uint64(math.Float32bits(x)) }
func bits64(x float64) uint64 { return math.Float64bits(x) }
func predicate(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// class says how a type's bits are read.
type class byte

const (
	untyped  class = 'b'
	unsigned class = 'u'
	signed   class = 's'
	float    class = 'f'
	pred     class = 'p'
)

// scalar is a PTX type, as .f32.
type scalar struct {
	class class
	bits  int
}

var scalars = map[string]scalar{
	"b8": {untyped, 8}, "b16": {untyped, 16}, "b32": {untyped, 32}, "b64": {untyped, 64},
	"u8": {unsigned, 8}, "u16": {unsigned, 16}, "u32": {unsigned, 32}, "u64": {unsigned, 64},
	"s8": {signed, 8}, "s16": {signed, 16}, "s32": {signed, 32}, "s64": {signed, 64},
	"f32": {float, 32}, "f64": {float, 64},
	"pred": {pred, 1},
}

func (t scalar) String() string {
	if t.class == pred {
		return "pred"
	}
	return fmt.Sprintf("%c%d", t.class, t.bits)
}

func (t scalar) bytes() int { return (t.bits + 7) / 8 }

// mask has the bits of the type set.
func (t scalar) mask() uint64 { return math.MaxUint64 >> (64 - t.bits) }

// extend sign-extends a value of the type.
func (t scalar) extend(v uint64) int64 {
	shift := 64 - t.bits
	return int64(v<<shift) >> shift
}
