package ptxsim

import "sync"

//go:generate go run genfast.go

// ops holds the instructions of type op under their whole name with modifiers, as
// add.rn.f32: a modifier that is not listed is not supported.
var ops = sync.OnceValue(func() map[string]op {
	t := opTable{}
	t.floats()
	t.integers()
	t.logic()
	t.comparisons()
	t.conversions()
	for name, loop := range fastLoops {
		o := t[name]
		o.fast = loop
		t[name] = o
	}
	return t
})

type opTable map[string]op

func (t opTable) one(name string, s scalar, f fn1) {
	t[name+"."+s.String()] = op{f1: f, to: s, from: []scalar{s}}
}

func (t opTable) two(name string, s scalar, f fn2) {
	t[name+"."+s.String()] = op{f2: f, to: s, from: []scalar{s, s}}
}

func (t opTable) three(name string, s scalar, f fn3) {
	t[name+"."+s.String()] = op{f3: f, to: s, from: []scalar{s, s, s}}
}

func (t opTable) floats() {
	single, double := scalars["f32"], scalars["f64"]
	for name, f := range map[string][2]fn2{
		"add.rn": {addF32, addF64}, "sub.rn": {subF32, subF64}, "mul.rn": {mulF32, mulF64}, "div.rn": {divF32, divF64},
		"min": {minF32, minF64}, "max": {maxF32, maxF64}, "copysign": {copySignF32, copySignF64},
	} {
		t.two(name, single, f[0])
		t.two(name, double, f[1])
	}
	for name, f := range map[string][2]fn1{
		"rcp.rn": {rcpF32, rcpF64}, "sqrt.rn": {sqrtF32, sqrtF64}, "neg": {negF32, negF64}, "abs": {absF32, absF64},
	} {
		t.one(name, single, f[0])
		t.one(name, double, f[1])
	}
	t.three("fma.rn", single, fmaF32)
	t.three("fma.rn", double, fmaF64)
}

func (t opTable) integers() {
	for _, name := range []string{"s16", "u16", "s32", "u32", "s64", "u64"} {
		s := scalars[name]
		t.two("add", s, intAdd(s))
		t.two("sub", s, intSub(s))
		t.two("mul.lo", s, intMulLow(s))
		t.two("mul.hi", s, intMulHigh(s))
		t.two("div", s, intDiv(s))
		t.two("rem", s, intRem(s))
		t.two("min", s, intMin(s))
		t.two("max", s, intMax(s))
		multiply, add := intMulLow(s), intAdd(s)
		t.three("mad.lo", s, func(a, b, c uint64) uint64 { return add(multiply(a, b), c) })
		if s.class == signed {
			t.one("neg", s, intNeg(s))
			t.one("abs", s, intAbs(s))
		}
		if s.bits < 64 {
			wide := scalars[string(rune(s.class))+map[int]string{16: "32", 32: "64"}[s.bits]]
			multiply, add := intMulWide(s), intAdd(wide)
			t["mul.wide."+name] = op{f2: multiply, to: wide, from: []scalar{s, s}}
			t["mad.wide."+name] = op{f3: func(a, b, c uint64) uint64 { return add(multiply(a, b), c) },
				to: wide, from: []scalar{s, s, wide}}
		}
		t["shr."+name] = op{f2: shiftRight(s), to: s, from: []scalar{s, scalars["u32"]}}
	}
}

func (t opTable) logic() {
	for _, name := range []string{"b16", "b32", "b64", "pred"} {
		s := scalars[name]
		t.two("and", s, bitAnd)
		t.two("or", s, bitOr)
		t.two("xor", s, bitXor)
		t.one("not", s, bitNot(s))
		if s.class != pred {
			t["shl."+name] = op{f2: shiftLeft(s), to: s, from: []scalar{s, scalars["u32"]}}
			t["shr."+name] = op{f2: shiftRight(s), to: s, from: []scalar{s, scalars["u32"]}}
		}
	}
	for name, s := range scalars {
		if s.bits >= 16 {
			t["mov."+name] = op{f1: func(a uint64) uint64 { return a }, to: s, from: []scalar{s}}
			t["selp."+name] = op{f3: selectP, to: s, from: []scalar{s, s, scalars["pred"]}}
		}
	}
	t.one("mov", scalars["pred"], func(a uint64) uint64 { return a })
}

func selectP(a, b, p uint64) uint64 {
	if p != 0 {
		return a
	}
	return b
}

// comparisons are setp.compare.type, and setp.compare.bool.type, which combines the
// result with a predicate.
func (t opTable) comparisons() {
	p := scalars["pred"]
	names := []string{"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs",
		"equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"}
	combine := map[string]fn2{"and": bitAnd, "or": bitOr, "xor": bitXor}
	for typ, s := range scalars {
		if s.bits < 16 {
			continue
		}
		for _, name := range names {
			f, err := comparison(name, s)
			if err != nil {
				continue
			}
			t["setp."+name+"."+typ] = op{f2: func(a, b uint64) uint64 { return predicate(f(a, b)) },
				to: p, from: []scalar{s, s}}
			for boolean, g := range combine {
				t["setp."+name+"."+boolean+"."+typ] = op{f3: func(a, b, c uint64) uint64 { return g(predicate(f(a, b)), c) },
					to: p, from: []scalar{s, s, p}}
			}
		}
	}
}

func (t opTable) conversions() {
	for to, toScalar := range scalars {
		for from, fromScalar := range scalars {
			if toScalar.class == pred || fromScalar.class == pred || toScalar.class == untyped || fromScalar.class == untyped {
				continue
			}
			for _, rounding := range []string{"", "rn", "rni", "rzi", "rmi", "rpi"} {
				f, err := conversion(toScalar, fromScalar, rounding)
				if err != nil {
					continue
				}
				name := "cvt."
				if rounding != "" {
					name += rounding + "."
				}
				t[name+to+"."+from] = op{f1: f, to: toScalar, from: []scalar{fromScalar}, wider: true}
			}
		}
	}
}
