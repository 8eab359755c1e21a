package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The kernels are written once, for two instruction sets. This file has what differs:
// the registers, and masks, which AVX-512 keeps in registers of their own.

// wide says that AVX-512 is written, not AVX2.
var wide bool

// lanes is the number of float32 in a vector.
var lanes int

// useAVX2 and useAVX512 say what is written from here on.
func useAVX2()   { wide, lanes, free = false, 8, ymm }
func useAVX512() { wide, lanes, free = true, 16, zmm }

// suffix names the instruction set.
func suffix() string {
	if wide {
		return "AVX512"
	}
	return "AVX2"
}

// quarters is the number of 128-bit parts of a vector.
func quarters() int { return lanes / 4 }

// quarter sets part to a 128-bit part of v; for the first, it is v itself.
func quarter(k int, v vector) (part vector) {
	if k == 0 {
		return v
	}
	part = take()
	if wide {
		VEXTRACTF32X4(Imm(uint64(k)), v, part.AsX())
	} else {
		VEXTRACTF128(Imm(uint64(k)), v, part.AsX())
	}
	return part
}

// setQuarter sets a 128-bit part of v other than the first.
func setQuarter(k int, from Op, v vector) {
	if wide {
		VINSERTF32X4(Imm(uint64(k)), from, v, v)
	} else {
		VINSERTF128(Imm(uint64(k)), from, v, v)
	}
}

// floor sets to to the numbers of v, rounded down.
func floor(v, to vector) {
	const down = U8(1)
	if wide {
		VRNDSCALEPS(down, v, to)
	} else {
		VROUNDPS(down, v, to)
	}
}

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

// mask names lanes: a vector of 0 and −1, or a mask register.
type mask struct {
	v vector
	k reg.Register
}

// takeMask returns a mask that is not set.
func takeMask() mask {
	if wide {
		return mask{k: K()}
	}
	return mask{v: take()}
}

// none and all return masks of no lanes and of all.
func none() mask {
	m := takeMask()
	if wide {
		KXORW(m.k, m.k, m.k)
	} else {
		VXORPS(m.v, m.v, m.v)
	}
	return m
}

func all() mask {
	m := takeMask()
	if wide {
		KXNORW(m.k, m.k, m.k)
	} else {
		VPCMPEQD(m.v, m.v, m.v)
	}
	return m
}

// set sets m to the lanes where v stands to other, a vector or in memory, as the
// predicate says.
func (m mask) set(v vector, predicate U8, other Op) {
	if wide {
		VCMPPS(predicate, other, v, m.k)
	} else {
		VCMPPS(predicate, other, v, m.v)
	}
}

// compare returns a mask so set.
func compare(v vector, predicate U8, other Op) mask {
	m := takeMask()
	m.set(v, predicate, other)
	return m
}

// isNaN returns the lanes of v that are NaN.
func isNaN(v vector) mask { return compare(v, unordered, v) }

// and takes from m the lanes that are not in o.
func (m mask) and(o mask) {
	if wide {
		KANDW(o.k, m.k, m.k)
	} else {
		VPAND(o.v, m.v, m.v)
	}
}

// or adds the lanes of o.
func (m mask) or(o mask) {
	if wide {
		KORW(o.k, m.k, m.k)
	} else {
		VPOR(o.v, m.v, m.v)
	}
}

// bits returns a bit for each lane.
func (m mask) bits() reg.GPVirtual {
	bits := GP32()
	if wide {
		KMOVW(m.k, bits)
	} else {
		VMOVMSKPS(m.v, bits)
	}
	return bits
}

// clear makes the lanes of v 0 that are not in m.
func (m mask) clear(v vector) {
	if wide {
		VMOVAPS_Z(v, m.k, v)
	} else {
		VPAND(m.v, v, v)
	}
}

// choose sets to to the lanes of yes that are in m, and those of no that are not.
func (m mask) choose(yes Op, no, to vector) {
	if wide {
		VBLENDMPS(yes, no, m.k, to)
	} else {
		VBLENDVPS(m.v, yes, no, to)
	}
}

// increment adds 1 to the integers of v in the lanes of m.
func (m mask) increment(v vector) {
	if wide {
		VPSUBD_BCST(constant("minusOne", I32(-1)), v, m.k, v)
	} else {
		VPSUBD(m.v, v, v) // a lane of m is −1
	}
}

// add adds integers to those of v in the lanes of m, which it may destroy.
func (m mask) add(integers, v vector) {
	if wide {
		VPADDD(integers, v, m.k, v)
	} else {
		VPAND(integers, m.v, m.v)
		VPADDD(m.v, v, v)
	}
}
