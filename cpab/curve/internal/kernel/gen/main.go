// Command gen writes the assembly of package kernel. Run it by go generate there.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS.
const (
	unordered    = U8(0x03)
	less         = U8(0x11) // false for NaN
	greaterEqual = U8(0x1d) // false for NaN
)

const (
	roundDown = U8(1)

	lanes      = 8
	binShift   = U8(4) // a Bin has 16 bytes
	pieceShift = U8(5) // a Piece has 32 bytes
)

func main() {
	Package("github.com/ditac-go/ditac/cpab/curve/internal/kernel")
	ConstraintExpr("amd64,!noasm")
	forward()
	backwardX()
	moments()
	Generate()
}

// loop is what all kernels share: the elements, eight at a time, and the table.
type loop struct {
	x, n              reg.Register
	bins, pieces      reg.Register
	scale, lo, hi, k0 reg.VecVirtual
	odd               reg.VecVirtual // lanes that are left to the caller
	index             Mem            // byte offsets of the eight lanes
	tab               Mem
}

// start loads what does not change.
func start() *loop {
	l := &loop{odd: YMM(), index: AllocLocal(lanes * 4)}
	l.x = Load(Param("x"), GP64())
	l.n = Load(Param("n"), GP64())
	t := Dereference(Param("t"))
	l.bins = Load(t.Field("Bins").Base(), GP64())
	l.pieces = Load(t.Field("Pieces").Base(), GP64())
	l.scale, l.lo, l.hi, l.k0 = YMM(), YMM(), YMM(), YMM()
	VBROADCASTSS(field("Scale"), l.scale)
	VBROADCASTSS(field("Lo"), l.lo)
	VBROADCASTSS(field("Hi"), l.hi)
	VPBROADCASTD(field("First"), l.k0)
	VXORPS(l.odd, l.odd, l.odd)
	return l
}

// field returns where a field of the Tab lies.
func field(name string) Mem {
	b, err := Dereference(Param("t")).Field(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}
