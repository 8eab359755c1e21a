package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestForm32Offsets holds the fields' offsets and sizes against those that package gen
// writes into the assembly.
func TestForm32Offsets(t *testing.T) {
	var f Forms32
	require.EqualValues(t, 0, unsafe.Offsetof(f.Scale))
	require.EqualValues(t, 4, unsafe.Offsetof(f.First))
	require.EqualValues(t, 8, unsafe.Offsetof(f.Last))
	require.EqualValues(t, 12, unsafe.Offsetof(f.GateTo))
	if unsafe.Sizeof(uintptr(0)) == 8 {
		require.EqualValues(t, 16, unsafe.Offsetof(f.Bins))
		require.EqualValues(t, 40, unsafe.Offsetof(f.Forms))
	}
	require.EqualValues(t, 16, unsafe.Sizeof(Bin{}))
	require.EqualValues(t, 32, unsafe.Sizeof(Form32{}))
	require.EqualValues(t, 32, unsafe.Sizeof(FormSums32{}))
}

// randomForms32 is randomForms for float32 numbers; some forms are left to the caller, too.
func randomForms32(rng *rand.Rand, gateTo float32) *Forms32 {
	inf := float32(math.Inf(1))
	normal := func() float32 { return float32(rng.NormFloat64()) }
	f := &Forms32{Scale: 4, First: -5, Last: 15, GateTo: gateTo, Forms: []Form32{NoForm32}}
	for i := range 16 {
		start := (f.First + float32(i)) / f.Scale
		b := Bin{Kink: [MaxKinks]float32{inf, inf, inf}, Piece: uint32(len(f.Forms))}
		kinks := rng.IntN(MaxKinks + 1)
		for k := range kinks {
			b.Kink[k] = start + (float32(k)+rng.Float32())/4/f.Scale
		}
		for range kinks + 1 {
			form := Form32{formRef: start, formA: normal(), formC: normal()}
			switch rng.IntN(8) {
			case 0, 1: // affine
			case 2:
				form = NoForm32
			case 3:
				form = Form32{start, 1e-7, 1e7, normal(), normal(), normal(), 0, normal()}
			case 4:
				form = Form32{start, normal() / 4, 1e-7, 1e-7, normal(), 1e7, 0, normal()}
			default: // a trajectory that crosses
				form = Form32{start, normal() / 4, normal(), normal(), normal(), normal(), normal(), normal()}
			}
			f.Forms = append(f.Forms, form)
		}
		if rng.IntN(12) == 0 {
			b = Bin{Kink: [MaxKinks]float32{inf, inf, inf}}
		}
		f.Bins = append(f.Bins, b)
	}
	return f
}

// formElements32 returns n numbers around the forms, special ones among them.
func formElements32(rng *rand.Rand, f *Forms32, n int) []float32 {
	special := []float32{0, float32(math.Copysign(0, -1)), nan, float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32, -math.MaxFloat32,
		math.SmallestNonzeroFloat32, -1e-40, 1e17, -1e17, 1e30, Farthest32, math.Nextafter32(Farthest32, 0), f.GateTo, -farGate, -14, 14, 12.99}
	for k, b := range f.Bins {
		special = append(special, (f.First+float32(k))/f.Scale)
		for _, kink := range b.Kink {
			special = append(special, kink, math.Nextafter32(kink, -9))
		}
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = 5*rng.Float32() - 2
		switch rng.IntN(6) {
		case 0:
			x[i] = special[rng.IntN(len(special))]
		case 1:
			x[i] = float32(10 * rng.NormFloat64())
		}
	}
	return x
}

// TestForm32PathsAgree holds the assembly against the specification, bit for bit, as
// TestPathsAgree does.
func TestForm32PathsAgree(t *testing.T) {
	for _, p := range paths[1:] {
		t.Run(p.name, func(t *testing.T) {
			if !p.supported() {
				t.Skip("not on this machine")
			}
			usePath(t, p)
			rng := rand.New(rand.NewPCG(1, 2))
			for n := range MaxBlock + 1 {
				if n > 40 && n%37 > 0 {
					continue
				}
				for offset := range 8 {
					testForms32Agree(t, rng, n, offset)
				}
			}
		})
	}
}

func testForms32Agree(t *testing.T, rng *rand.Rand, n, offset int) {
	t.Helper()
	f := randomForms32(rng, []float32{float32(math.Inf(1)), float32(math.Inf(-1)), 0.5}[rng.IntN(3)])
	x, checkX := guarded[float32](t, n, offset)
	copy(x, formElements32(rng, f, n))
	g, checkG := guarded[float32](t, n, 7-offset)
	copy(g, formElements32(rng, f, n))
	got, checkGot := guarded[float32](t, n, offset/2)
	want := make([]float32, n)

	var wantOdd, odd Odd
	any := f.forwardGeneric(want, x, &wantOdd, 0)
	require.Equal(t, any, f.Forward(got, x, &odd), "n = %d", n)
	require.Equal(t, wantOdd, odd)
	requireSameBits(t, want, got, x)
	inPlace := append([]float32(nil), x...)
	f.Forward(inPlace, inPlace, &odd)
	requireSameBits(t, want, inPlace, x)

	f.backwardXGeneric(want, x, g, new(Odd), 0)
	require.Equal(t, any, f.BackwardX(got, x, g, &odd), "n = %d", n)
	require.Equal(t, wantOdd, odd)
	requireSameBits(t, want, got, x)
	copy(inPlace, x)
	f.BackwardX(inPlace, inPlace, g, &odd)
	requireSameBits(t, want, inPlace, x)
	copy(inPlace, g)
	f.BackwardX(inPlace, x, inPlace, &odd)
	requireSameBits(t, want, inPlace, x)

	wantSums, gotSums := make([]FormSums32, len(f.Forms)), make([]FormSums32, len(f.Forms))
	f.sumsGeneric(wantSums, x, g, new(Odd), 0)
	require.Equal(t, any, f.Sums(gotSums, x, g, &odd), "n = %d", n)
	require.Equal(t, wantOdd, odd)
	for k := 1; k < len(wantSums); k++ {
		if f.Forms[k] == f.Forms[k] { // else they mean nothing
			requireSameBits(t, wantSums[k][:], gotSums[k][:], nil)
		}
	}
	checkX()
	checkG()
	checkGot()
}

// TestFMA32 holds fma32 against arithmetic of 200 digits, where the sum is near the middle
// between two float32, too: there, rounding twice goes wrong.
func TestFMA32(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	number := func() float32 { return float32(math.Ldexp(rng.Float64()-0.5, rng.IntN(40)-20)) }
	twice := 0
	for k := range 200_000 {
		a, b, c := number(), number(), number()
		if k%2 == 0 { // a·b is half a unit of c, and a little more or less
			c = float32(math.Ldexp(1+float64(rng.IntN(1<<23))/(1<<23), 40))
			off := float32(1+rng.IntN(3)) / (1 << 15)
			a, b = 1<<8+off, 1<<8-off
			if rng.IntN(2) == 0 {
				b = -b
			}
		}
		big200 := func(v float32) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(float64(v)) }
		exact := big200(a)
		exact.Mul(exact, big200(b)).Add(exact, big200(c))
		want, _ := exact.Float32()
		require.Equal(t, want, fma32(a, b, c), "%v·%v + %v", a, b, c)
		if float32(float64(a)*float64(b)+float64(c)) != want {
			twice++
		}
	}
	require.Positive(t, twice, "numbers where rounding twice goes wrong")
}

// TestForm32Functions holds the functions that forms of float32 numbers are made of against
// those of package math: a few units in the last place.
func TestForm32Functions(t *testing.T) {
	const ulp = 0x1p-23
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		w := float32(math.Copysign(math.Exp(4*rng.NormFloat64()-2), rng.NormFloat64()))
		if math.Abs(float64(w)) > 80 {
			continue
		}
		em1, poly, near := expm1f(w)
		exact := math.Expm1(float64(w))
		require.InEpsilon(t, exact, em1, 3*ulp, "e^%v − 1", w)
		if near {
			require.InEpsilon(t, exact, float64(w)+float64(w)*float64(w)*float64(poly), 3*ulp)
		}
		eta := float32(exact)
		if ratio := 1 + eta; ratio > 0x1p-20 {
			l, log := logOf32(eta), math.Log1p(float64(eta))
			allowed := 4 * ulp
			if l.near {
				require.InEpsilon(t, log, float64(2*l.s+l.tail), allowed)
			} else {
				allowed += ulp / math.Abs(log) / math.Min(1, float64(ratio)) // ratio is rounded
			}
			require.InEpsilon(t, log, l.log, allowed, "log(1 + %v)", eta)
		}
	}
	f := &Forms32{GateTo: 100}
	for x := float32(-45.0); x < 12; x += 1. / 1023 {
		cdf, pdf := f.gate(x)
		require.InDelta(t, 0.5*math.Erfc(-float64(x)/math.Sqrt2), cdf, 2e-7, "Φ(%v)", x)
		require.InDelta(t, math.Exp(-float64(x)*float64(x)/2)/math.Sqrt(2*math.Pi), pdf, 2e-7, "Φ′(%v)", x)
	}
	for _, x := range []float32{-farGate, -100, -1e18} { // times x, it is nothing
		cdf, pdf := f.gate(x)
		require.InDelta(t, 0, float64(cdf)*float64(x), 1e-7)
		require.InDelta(t, 0, pdf, 1e-7)
	}
	f.GateTo = 0
	for _, x := range []float32{0, 1e-30, 5, 1e18, nan, float32(math.Inf(1))} {
		cdf, pdf := f.gate(x)
		require.Equal(t, [2]float32{1, 0}, [2]float32{cdf, pdf}, "without a gate at %v", x)
	}
}
