package ptxsim

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// anyFloat32 draws from all bit patterns, small integers and values near others'.
func anyFloat32(r *rand.Rand) float32 {
	switch r.IntN(4) {
	case 0:
		return float32(r.IntN(64) - 32)
	case 1:
		return math.Float32frombits(r.Uint32() & 0x80ffffff) // subnormal and near
	case 2:
		return math.Float32frombits(r.Uint32()&0x807fffff | uint32(100+r.IntN(50))<<23)
	}
	return math.Float32frombits(r.Uint32())
}

// TestFMA32 compares with the exact result, rounded once by big.Float.
func TestFMA32(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	finite := func(x float32) bool { return !math.IsInf(float64(x), 0) && x == x }
	twice := 0 // results that rounding to float64 first gets wrong
	for range 300000 {
		a, b, c := anyFloat32(r), anyFloat32(r), anyFloat32(r)
		if r.IntN(2) == 0 { // a sum that is nearly a tie: c is far larger or smaller
			c = math.Float32frombits(math.Float32bits(a*b) + uint32(r.IntN(3)-1)<<23*uint32(r.IntN(25)))
		}
		if !finite(a) || !finite(b) || !finite(c) {
			continue
		}
		got := f32(fmaF32(bits32(a), bits32(b), bits32(c)))
		exact := new(big.Float).SetPrec(700).SetFloat64(float64(a))
		exact.Mul(exact, big.NewFloat(float64(b)))
		exact.Add(exact, big.NewFloat(float64(c)))
		want, _ := exact.Float32()
		require.Equal(t, want, got, "fma(%v, %v, %v)", a, b, c)
		if want != float32(math.FMA(float64(a), float64(b), float64(c))) {
			twice++
		}
	}
	require.Positive(t, twice, "no case distinguishes one rounding from two")
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, x := range [][4]float32{{inf, 1, 1, inf}, {inf, 0, 1, nan}, {inf, 1, -inf, nan}, {1, 1, -inf, -inf}, {nan, 1, 1, nan},
		{math.MaxFloat32, 2, -math.MaxFloat32, math.MaxFloat32}, {math.MaxFloat32, 2, 0, inf}} {
		got := f32(fmaF32(bits32(x[0]), bits32(x[1]), bits32(x[2])))
		require.True(t, got == x[3] || got != got && x[3] != x[3], "fma%v = %v", x, got)
	}
}

func TestSqrt32(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 0))
	for range 100000 {
		x := math.Abs(float64(anyFloat32(r)))
		if math.IsInf(x, 0) || x != x {
			continue
		}
		want, _ := new(big.Float).SetPrec(200).Sqrt(big.NewFloat(x)).Float32()
		require.Equal(t, want, f32(sqrtF32(bits32(float32(x)))), "sqrt(%v)", x)
	}
}

func TestMinMax(t *testing.T) {
	nan, zero, negZero := math.NaN(), 0.0, math.Copysign(0, -1)
	require.Equal(t, bits64(negZero), minF64(bits64(zero), bits64(negZero)))
	require.Equal(t, bits64(zero), maxF64(bits64(negZero), bits64(zero)))
	require.Equal(t, 3.0, f64(minF64(bits64(nan), bits64(3))))
	require.Equal(t, 3.0, f64(maxF64(bits64(3), bits64(nan))))
	require.True(t, math.IsNaN(f64(maxF64(bits64(nan), bits64(nan)))))
	require.Equal(t, float32(-2), f32(minF32(bits32(-2), bits32(5))))
	require.Equal(t, float32(5), f32(maxF32(bits32(-2), bits32(float32(5)))))
}

func TestFloats(t *testing.T) {
	require.Equal(t, bits32(0.25), rcpF32(bits32(4)))
	require.Equal(t, bits64(0.25), rcpF64(bits64(4)))
	require.Equal(t, bits64(math.Sqrt2), sqrtF64(bits64(2)))
	require.Equal(t, bits32(-3), copySignF32(bits32(-1), bits32(3)))
	require.Equal(t, bits64(3), copySignF64(bits64(1), bits64(-3)))
	require.Equal(t, bits32(-1), negF32(bits32(1)))
	require.Equal(t, bits64(1), absF64(bits64(-1)))
	subnormal := float32(math.SmallestNonzeroFloat32)
	require.Equal(t, bits32(2*subnormal), addF32(bits32(subnormal), bits32(subnormal)), "subnormal numbers stay")
}

func TestIntegers(t *testing.T) {
	s32, u32, s64, u64, s16 := scalars["s32"], scalars["u32"], scalars["s64"], scalars["u64"], scalars["s16"]
	neg := func(s scalar, v int64) uint64 { return uint64(v) & s.mask() }
	for _, c := range []struct {
		name      string
		got, want uint64
	}{
		{"add wraps", intAdd(u32)(math.MaxUint32, 2), 1},
		{"sub wraps", intSub(s32)(1, 2), neg(s32, -1)},
		{"mul.lo", intMulLow(s32)(neg(s32, -3), 5), neg(s32, -15)},
		{"mul.wide.s32", intMulWide(s32)(neg(s32, -3), 1<<30), neg(s64, -3<<30)},
		{"mul.wide.u32", intMulWide(u32)(math.MaxUint32, math.MaxUint32), math.MaxUint32 * math.MaxUint32},
		{"mul.wide.s16", intMulWide(s16)(neg(s16, -300), 300), neg(s32, -90000)},
		{"mul.hi.s32", intMulHigh(s32)(neg(s32, -1), 1), neg(s32, -1)},
		{"mul.hi.u32", intMulHigh(u32)(math.MaxUint32, math.MaxUint32), math.MaxUint32 - 1},
		{"mul.hi.s64", intMulHigh(s64)(neg(s64, -5), 3), neg(s64, -1)},
		{"mul.hi.u64", intMulHigh(u64)(1<<63, 6), 3},
		{"div.s32", intDiv(s32)(neg(s32, -7), 2), neg(s32, -3)},
		{"div.s32 of the least", intDiv(s32)(1<<31, neg(s32, -1)), 1 << 31},
		{"div by 0", intDiv(u32)(7, 0), math.MaxUint32},
		{"div.u64", intDiv(u64)(math.MaxUint64, 2), math.MaxInt64},
		{"rem.s32", intRem(s32)(neg(s32, -7), 2), neg(s32, -1)},
		{"rem.s64 by -1", intRem(s64)(1<<63, neg(s64, -1)), 0},
		{"rem.u32", intRem(u32)(7, 4), 3},
		{"rem by 0", intRem(u32)(7, 0), 7},
		{"min.s32", intMin(s32)(neg(s32, -1), 1), neg(s32, -1)},
		{"min.u32", intMin(u32)(neg(s32, -1), 1), 1},
		{"max.u32", intMax(u32)(neg(s32, -1), 1), math.MaxUint32},
		{"xor", bitXor(6, 3), 5},
		{"abs of a positive number", intAbs(s64)(9), 9},
		{"max.s64", intMax(s64)(neg(s64, -1), 1), 1},
		{"shl by the width", shiftLeft(u32)(1, 32), 0},
		{"shl.b64", shiftLeft(u64)(1, 63), 1 << 63},
		{"shr.s32", shiftRight(s32)(neg(s32, -8), 1), neg(s32, -4)},
		{"shr.s32 by more than the width", shiftRight(s32)(neg(s32, -8), 99), neg(s32, -1)},
		{"shr.u32", shiftRight(u32)(neg(s32, -8), 28), 15},
		{"shr.u64 by the width", shiftRight(u64)(5, 64), 0},
		{"not", bitNot(u32)(0), math.MaxUint32},
		{"not.pred", bitNot(scalars["pred"])(1), 0},
		{"neg", intNeg(s32)(1), math.MaxUint32},
		{"abs", intAbs(s64)(neg(s64, -9)), 9},
	} {
		require.Equal(t, c.want, c.got, c.name)
	}
}

func TestConversions(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	single := func(x float64) uint64 { return bits32(float32(x)) }
	for _, c := range []struct {
		to, from, rounding string
		in, want           uint64
	}{
		{"s32", "f32", "rzi", single(-2.7), uint64(uint32(0xfffffffe))},
		{"s32", "f32", "rni", single(2.5), 2},
		{"s32", "f32", "rni", single(3.5), 4},
		{"s32", "f32", "rmi", single(-2.1), uint64(uint32(0xfffffffd))},
		{"s32", "f32", "rpi", single(2.1), 3},
		{"s32", "f32", "rzi", single(3e9), math.MaxInt32},
		{"s32", "f32", "rzi", single(-3e9), 1 << 31},
		{"s32", "f32", "rzi", single(nan), 0},
		{"s32", "f64", "rzi", bits64(nan), 1 << 31},
		{"s64", "f32", "rzi", single(nan), 1 << 63},
		{"u32", "f32", "rzi", single(-5), 0},
		{"u32", "f32", "rzi", single(inf), math.MaxUint32},
		{"u64", "f64", "rzi", bits64(1e30), math.MaxUint64},
		{"u64", "f64", "rzi", bits64(1.8e19), 18000000000000000000},
		{"s64", "f64", "rzi", bits64(-inf), 1 << 63},
		{"s64", "f64", "rni", bits64(-1e15), uint64(0xfffc72815b398000)},
		{"f32", "f64", "rn", bits64(1 + 0x1p-24), single(1)},
		{"f32", "f64", "rn", bits64(1e300), single(inf)},
		{"f64", "f32", "", single(0.1), bits64(float64(float32(0.1)))},
		{"f32", "f32", "rmi", single(-1.5), single(-2)},
		{"f32", "f32", "rpi", single(-0.5), single(math.Copysign(0, -1))},
		{"f64", "f64", "rzi", bits64(1e300), bits64(1e300)},
		{"f32", "s32", "rn", 1<<24 + 1, single(1 << 24)},
		{"f32", "s64", "rn", 1<<53 + 1<<29 + 1, single(1<<53 + 1<<30)}, // once, not by way of float64
		{"f32", "u64", "rn", math.MaxUint64, single(0x1p64)},
		{"f64", "u64", "rn", 1<<63 + 1, bits64(0x1p63)},
		{"f64", "s32", "rn", 0xffffffff, bits64(-1)},
		{"s64", "s32", "", 0xffffffff, math.MaxUint64},
		{"u64", "u32", "", 0xffffffff, 0xffffffff},
		{"u32", "u64", "", 1<<40 + 5, 5},
		{"s32", "s8", "", 0xff, 0xffffffff},
		{"u16", "s32", "", 0xffffffff, 0xffff},
	} {
		f, err := conversion(scalars[c.to], scalars[c.from], c.rounding)
		require.NoError(t, err)
		require.Equal(t, c.want, f(c.in), "cvt %s %s %s of 0x%x", c.rounding, c.to, c.from, c.in)
	}
	for _, c := range [][3]string{{"f32", "s32", ""}, {"s32", "f32", ""}, {"f32", "f64", ""}, {"f64", "f32", "rn"}, {"f32", "f32", ""}, {"s32", "u32", "rn"}} {
		_, err := conversion(scalars[c[0]], scalars[c[1]], c[2])
		require.ErrorContains(t, err, "is not supported", "%v", c)
	}
}

func TestComparisons(t *testing.T) {
	nan := bits32(float32(math.NaN()))
	one, two := bits32(1), bits32(2)
	truth := map[string][4]bool{ // of 1 and 2, 2 and 1, 1 and 1, NaN and 1
		"eq": {false, false, true, false}, "ne": {true, true, false, false}, "lt": {true, false, false, false},
		"le": {true, false, true, false}, "gt": {false, true, false, false}, "ge": {false, true, true, false},
		"equ": {false, false, true, true}, "neu": {true, true, false, true}, "ltu": {true, false, false, true},
		"leu": {true, false, true, true}, "gtu": {false, true, false, true}, "geu": {false, true, true, true},
		"num": {true, true, true, false}, "nan": {false, false, false, true},
	}
	for op, want := range truth {
		f, err := comparison(op, scalars["f32"])
		require.NoError(t, err)
		require.Equal(t, want, [4]bool{f(one, two), f(two, one), f(one, one), f(nan, one)}, op)
	}
	minus := uint64(uint32(0xffffffff))
	for op, want := range map[string][2]bool{ // of -1 and 1, as signed and unsigned numbers
		"lt": {true, false}, "le": {true, false}, "gt": {false, true}, "ge": {false, true}, "eq": {false, false}, "ne": {true, true},
		"lo": {false, false}, "ls": {false, false}, "hi": {true, true}, "hs": {true, true},
	} {
		s, err := comparison(op, scalars["s32"])
		require.NoError(t, err)
		u, err := comparison(op, scalars["u32"])
		require.NoError(t, err)
		require.Equal(t, want, [2]bool{s(minus, 1), u(minus, 1)}, op)
	}
	_, err := comparison("lt", scalars["b32"])
	require.ErrorContains(t, err, `comparison "lt" of type b32 is not supported`)
}

// TestFastLoops compares the loops of fast.go with the functions of the table, with
// all lanes and with some.
func TestFastLoops(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 0))
	for name, loop := range fastLoops {
		o, ok := ops()[name]
		require.True(t, ok, name)
		slow := o
		slow.fast = nil
		for _, active := range [][]uint8{seq(maxLanes), {3, 1, 31}} {
			w := &warp{regs: make([]lanes, 5)}
			from := []int{0, 1, 2}[:len(o.from)]
			for i, typ := range o.from {
				for l := range w.regs[i] {
					w.regs[i][l] = r.Uint64() & typ.mask()
					if l%4 == 0 {
						w.regs[i][l] = w.regs[0][l] & typ.mask() // equal operands
					}
				}
			}
			loop(3, from)(w, active)
			slow.exec(4, from)(w, active)
			for l := range w.regs[3] {
				got, want := w.regs[3][l], w.regs[4][l]
				if o.to.class == float && isNaN(o.to, got) && isNaN(o.to, want) {
					continue
				}
				require.Equal(t, want, got, "%s, lane %d: %x %x %x", name, l, w.regs[0][l], w.regs[1][l], w.regs[2][l])
			}
		}
	}
}

func isNaN(t scalar, v uint64) bool {
	if t.bits == 32 {
		return f32(v) != f32(v)
	}
	return f64(v) != f64(v)
}

func seq(n int) []uint8 {
	x := make([]uint8, n)
	for i := range x {
		x[i] = uint8(i)
	}
	return x
}
