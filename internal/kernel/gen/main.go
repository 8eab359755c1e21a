// Command gen writes the assembly of package kernel. Run it by go generate there.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS.
const (
	unordered    = U8(0x03)
	less         = U8(0x11) // false for NaN
	greaterEqual = U8(0x1d) // false for NaN
	notLess      = U8(0x15) // true for NaN
)

func main() {
	ConstraintExpr("amd64,!noasm")
	forward()
	backwardX()
	moments()
	lines()
	slopes()
	quads()
	pour()
	findForms()
	forwardForms()
	backwardXForms()
	sumsForms()
	forwardForms32()
	backwardXForms32()
	sumsForms32()
	Generate()
}

// blockLen is the number of elements that go through the three passes of a kernel
// together. The first pass finds the elements' bins, the second their pieces, and
// the third evaluates them: one pass for all would have too long a chain of
// dependent instructions for the processor to overlap enough of them, and numbers
// that go from a vector to the addresses of loads go through memory.
const blockLen = 128

// loop is what all kernels share: the elements, a vector at a time, and the table.
type loop struct {
	x, n, at          reg.Register // the elements of the block and what follows, and the bytes of the block done
	index             reg.Register // byte offsets of the bins or pieces of the block's elements
	tab, bins, pieces reg.Register
	odd               mask              // lanes that are left to the caller
	kept              map[string]vector // fields in registers
}

// kernel writes a function that goes over the elements block by block. streams are the
// parameters that go along with x, others those that stay. body writes the passes over
// a block: pass writes one, of what it does for a vector of elements.
func kernel(name, does, signature string, streams, others []string, body func(l *loop, p params, pass func(label string, body func()))) {
	name += "AVX2"
	TEXT(name, 0, signature) // its frame is too large for NOSPLIT
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %s for n > 0, a multiple of %d.", name, does, lanes))
	scratch(func() {
		l := &loop{at: GP64(), index: GP64(), kept: map[string]vector{}}
		LEAQ(AllocLocal(2*4*blockLen), l.index)
		l.x = Load(Param("x"), GP64())
		l.n = Load(Param("n"), GP64())
		l.tab = Load(Param("t"), GP64())
		l.bins, l.pieces = GP64(), GP64()
		MOVQ(l.field("Bins"), l.bins)
		MOVQ(l.field("Pieces"), l.pieces)
		l.odd = none()
		p := params{}
		for _, name := range append(streams, others...) {
			p[name] = Load(Param(name), GP64())
		}

		l.blocks(p, streams, func(pass func(label string, body func())) { body(l, p, pass) })
	})
}

// blocks writes the loop over the blocks, the passes over one of which body writes, and the
// return of the odd elements. streams are the parameters that go along with x.
func (l *loop) blocks(p params, streams []string, body func(pass func(label string, body func()))) {
	Label("block")
	bytes := GP64()
	MOVQ(U32(blockLen), bytes)
	CMPQ(l.n, bytes)
	CMOVQLT(l.n, bytes)
	SUBQ(bytes, l.n)
	SHLQ(U8(2), bytes)
	body(func(label string, body func()) {
		XORQ(l.at, l.at)
		Label(label)
		scratch(body)
		ADDQ(Imm(uint64(4*lanes)), l.at)
		CMPQ(l.at, bytes)
		JNE(LabelRef(label))
	})
	ADDQ(bytes, l.x)
	for _, name := range streams {
		ADDQ(bytes, p[name])
	}
	CMPQ(l.n, Imm(0))
	JNE(LabelRef("block"))

	result := GP64()
	MOVL(l.odd.bits(), result.As32())
	VZEROUPPER()
	Store(result, ReturnIndex(0))
	RET()
}

// params are a function's parameters.
type params map[string]reg.Register

// next returns the next vector of numbers of a stream.
func (l *loop) next(stream reg.Register) Mem { return Mem{Base: stream, Index: l.at, Scale: 1} }

// offsets returns the next vector of offsets.
func (l *loop) offsets() Mem { return l.next(l.index) }

// fields are the offsets of Tab's fields.
var fields = map[string]int{
	"Scale": 0, "First": 4, "Lo": 8, "Hi": 12,
	"LoSlope": 16, "HiSlope": 20, "HiOffset": 24, "LoMin": 28,
	"OddBelow": 32, "OddAbove": 36,
	"Bins": 40, "Pieces": 64,
}

func (l *loop) field(name string) Mem {
	offset, ok := fields[name]
	if !ok {
		panic("no field " + name)
	}
	return Mem{Base: l.tab, Disp: offset}
}

// broadcast returns a vector of a float32 field.
func (l *loop) broadcast(name string) vector {
	if v, ok := l.kept[name]; ok {
		return v
	}
	v := take()
	VBROADCASTSS(l.field(name), v)
	return v
}

// keep keeps fields in registers during body.
func (l *loop) keep(names []string, body func()) {
	scratch(func() {
		for _, name := range names {
			l.kept[name] = l.broadcast(name)
		}
		body()
		clear(l.kept)
	})
}

// grid are the fields that find an element's place.
var grid = []string{"Lo", "Hi", "Scale", "First"}

// load returns the next elements and the mask of those inside.
func (l *loop) load() (x vector, inside mask) {
	x = take()
	VMOVUPS(l.next(l.x), x)
	inside = mask{take()}
	scratch(func() {
		VCMPPS(greaterEqual, l.broadcast("Lo"), x, inside.v)
		inside.and(compare(x, less, l.broadcast("Hi")))
	})
	return x, inside
}

// lane returns the byte offset of a lane's row from where the offsets lie.
func lane(offsets Mem, k int) reg.GPVirtual {
	offset := GP64()
	MOVL(offsets.Offset(4*k), offset.As32())
	return offset
}

// columns loads four float32 for each lane, at its offset from base, and returns
// them as four vectors.
func columns(base reg.Register, disp int, offsets Mem) (rows [4]vector) {
	for k := range rows { // lanes k and k+4 in the halves
		rows[k] = take()
		at := func(k int) Mem {
			return Mem{Base: base, Index: lane(offsets, k), Scale: 1, Disp: disp}
		}
		VMOVUPS(at(k), rows[k].AsX())
		setUpperHalf(at(k+4), rows[k])
	}
	transpose(rows)
	return rows
}

// transpose transposes the halves of four vectors.
func transpose(r [4]vector) {
	scratch(func() {
		t := [4]vector{take(), take(), take(), take()}
		VUNPCKLPS(r[1], r[0], t[0])
		VUNPCKHPS(r[1], r[0], t[1])
		VUNPCKLPS(r[3], r[2], t[2])
		VUNPCKHPS(r[3], r[2], t[3])
		VUNPCKLPD(t[2], t[0], r[0])
		VUNPCKHPD(t[2], t[0], r[1])
		VUNPCKLPD(t[3], t[1], r[2])
		VUNPCKHPD(t[3], t[1], r[3])
	})
}

// linear sets b to a + b·τ.
func linear(a, b, tau vector) {
	VMULPS(tau, b, b)
	VADDPS(a, b, b)
}

// addOdd notes the lanes of v that are NaN.
func (l *loop) addOdd(v vector) {
	scratch(func() { l.odd.or(isNaN(v)) })
}

// outside jumps over what body writes if all lanes are inside.
func outside(inside mask, body func()) {
	CMPL(inside.bits(), U32(1<<lanes-1))
	JEQ(LabelRef("inside"))
	scratch(body)
	Label("inside")
}

// valueOutside overwrites the lanes of y that are outside.
func (l *loop) valueOutside(x vector, inside mask, y vector) {
	outside(inside, func() {
		lo, hi := take(), take()
		VMAXPS(l.broadcast("LoMin"), x, lo)
		VMULPS(l.broadcast("LoSlope"), lo, lo)
		VMULPS(l.broadcast("HiSlope"), x, hi)
		VADDPS(l.broadcast("HiOffset"), hi, hi)
		inside.choose(y, hi, y)
		compare(x, less, l.broadcast("Lo")).choose(lo, y, y)
	})
}

// slopeOutside overwrites the lanes of dy that are outside.
func (l *loop) slopeOutside(x vector, inside mask, dy vector) {
	outside(inside, func() {
		other := take()
		compare(x, greaterEqual, l.broadcast("Hi")).choose(l.broadcast("HiSlope"), x, other) // x where it is NaN
		inside.choose(dy, other, dy)
		compare(x, less, l.broadcast("Lo")).choose(l.broadcast("LoSlope"), dy, dy)
	})
}

// oddOutside adds the lanes outside whose moments are left to the caller to odd.
func (l *loop) oddOutside(x vector, inside, odd mask) {
	outside(inside, func() {
		odd.or(compare(x, less, l.broadcast("OddBelow")))
		odd.or(compare(x, notLess, l.broadcast("OddAbove")))
	})
}

// scale multiplies dy by the next upstream gradients g, as dy + 0·g, which is NaN where g
// is not finite.
func (l *loop) scale(dy vector, g reg.Register) {
	scratch(func() { VFMADD231PS(l.next(g), zero(), dy) })
	VMULPS(l.next(g), dy, dy)
}

// powers returns g, g·τ, g·τ² and g·τ³.
func (l *loop) powers(g reg.Register, tau vector) [4]vector {
	p := [4]vector{take(), take(), take(), take()}
	VMOVUPS(l.next(g), p[0])
	for k := 1; k < len(p); k++ {
		VMULPS(tau, p[k-1], p[k])
	}
	return p
}
