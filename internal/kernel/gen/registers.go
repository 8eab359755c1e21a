package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of float32 in a vector.
const lanes = 8

// vector is a vector register. avo would hand out more of them than AVX2 has, so the
// generator does it itself.
type vector = reg.VecPhysical

// free are the registers that are not in use.
var free = []vector{
	reg.Y15, reg.Y14, reg.Y13, reg.Y12, reg.Y11, reg.Y10, reg.Y9, reg.Y8,
	reg.Y7, reg.Y6, reg.Y5, reg.Y4, reg.Y3, reg.Y2, reg.Y1, reg.Y0,
}

// take returns a register.
func take() vector {
	if len(free) == 0 {
		panic("out of vector registers")
	}
	v := free[len(free)-1]
	free = free[:len(free)-1]
	return v
}

// scratch frees the registers that body takes.
func scratch(body func()) {
	before := append([]vector(nil), free...)
	body()
	free = before
}

// give frees registers.
func give(vs ...vector) { free = append(free, vs...) }

// zero returns a vector of zeros.
func zero() vector {
	v := take()
	VXORPS(v.AsX(), v.AsX(), v.AsX()) // clears what is above, too
	return v
}

var constants = map[string]Mem{}

// constant returns the place of a number that all functions may share.
func constant(name string, value Constant) Mem {
	at, ok := constants[name]
	if !ok {
		at = ConstData(name, value)
		constants[name] = at
	}
	return at
}

// floor sets to to the numbers of v, rounded down.
func floor(v, to vector) {
	const down = U8(1)
	VROUNDPS(down, v, to)
}

// upperHalf returns the upper 128 bits of v.
func upperHalf(v vector) (half vector) {
	half = take()
	VEXTRACTF128(Imm(1), v, half.AsX())
	return half
}

// setUpperHalf sets the upper 128 bits of v.
func setUpperHalf(from Op, v vector) { VINSERTF128(Imm(1), from, v, v) }
