package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// mask names lanes: a lane of v is −1 or 0.
type mask struct{ v vector }

// none and all return masks of no lanes and of all.
func none() mask {
	m := mask{take()}
	VXORPS(m.v, m.v, m.v)
	return m
}

func all() mask {
	m := mask{take()}
	VPCMPEQD(m.v, m.v, m.v)
	return m
}

// compare returns the lanes where v stands to other, a vector or in memory, as the
// predicate says.
func compare(v vector, predicate U8, other Op) mask {
	m := mask{take()}
	VCMPPS(predicate, other, v, m.v)
	return m
}

// isNaN returns the lanes of v that are NaN.
func isNaN(v vector) mask { return compare(v, unordered, v) }

// and takes from m the lanes that are not in o.
func (m mask) and(o mask) { VPAND(o.v, m.v, m.v) }

// or adds the lanes of o.
func (m mask) or(o mask) { VPOR(o.v, m.v, m.v) }

// bits returns a bit for each lane.
func (m mask) bits() reg.GPVirtual {
	bits := GP32()
	VMOVMSKPS(m.v, bits)
	return bits
}

// clear makes the lanes of v 0 that are not in m.
func (m mask) clear(v vector) { VPAND(m.v, v, v) }

// choose sets to to the lanes of yes that are in m, and those of no that are not.
func (m mask) choose(yes Op, no, to vector) { VBLENDVPS(m.v, yes, no, to) }

// increment adds 1 to the integers of v in the lanes of m.
func (m mask) increment(v vector) { VPSUBD(m.v, v, v) }
