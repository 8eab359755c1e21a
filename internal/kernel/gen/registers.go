package main

import "github.com/mmcloughlin/avo/reg"

// vector is a vector register. avo would hand out more of them than AVX2 has, so the
// generator does it itself.
type vector = reg.VecPhysical

// free are the registers that are not in use.
var free []vector

// The registers of AVX2, and those of AVX-512 that AVX2 can reach a part of.
var (
	ymm = []vector{
		reg.Y15, reg.Y14, reg.Y13, reg.Y12, reg.Y11, reg.Y10, reg.Y9, reg.Y8,
		reg.Y7, reg.Y6, reg.Y5, reg.Y4, reg.Y3, reg.Y2, reg.Y1, reg.Y0,
	}
	zmm = []vector{
		reg.Z15, reg.Z14, reg.Z13, reg.Z12, reg.Z11, reg.Z10, reg.Z9, reg.Z8,
		reg.Z7, reg.Z6, reg.Z5, reg.Z4, reg.Z3, reg.Z2, reg.Z1, reg.Z0,
	}
)

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
