package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestFormOffsets holds the fields' offsets and sizes against those that package gen
// writes into the assembly.
func TestFormOffsets(t *testing.T) {
	var f Forms
	require.EqualValues(t, 0, unsafe.Offsetof(f.Scale))
	require.EqualValues(t, 8, unsafe.Offsetof(f.First))
	require.EqualValues(t, 16, unsafe.Offsetof(f.Last))
	require.EqualValues(t, 24, unsafe.Offsetof(f.GateTo))
	if unsafe.Sizeof(uintptr(0)) == 8 {
		require.EqualValues(t, 32, unsafe.Offsetof(f.Bins))
		require.EqualValues(t, 56, unsafe.Offsetof(f.Forms))
		require.EqualValues(t, 80, unsafe.Offsetof(f.Ratios))
		require.EqualValues(t, 104, unsafe.Offsetof(f.nodes))
	}
	require.EqualValues(t, 32, unsafe.Sizeof(FormBin{}))
	require.EqualValues(t, 64, unsafe.Sizeof(Form{}))
	require.EqualValues(t, 64, unsafe.Sizeof(FormSums{}))
	var b FormBlock
	require.EqualValues(t, 8*MaxFormBlock, unsafe.Offsetof(b.work))
	require.EqualValues(t, 8*MaxFormBlock, unsafe.Sizeof(b.work[0]))
}

// randomForms returns forms of random numbers: the kernels do not care what curve they
// make. Some bins are left to the caller. Where there is a gate, it ends at gateTo.
func randomForms(rng *rand.Rand, gateTo float64) *Forms {
	inf := math.Inf(1)
	f := NewForms()
	f.Scale, f.First, f.Last, f.GateTo = 4, -5, 15, gateTo
	f.Forms, f.Ratios = []Form{NoForm}, []float64{1}
	for i := range 16 {
		start := (f.First + float64(i)) / f.Scale
		b := FormBin{Kink: [MaxKinks]float64{inf, inf, inf}, Form: uint64(len(f.Forms))}
		kinks := rng.IntN(MaxKinks + 1)
		for k := range kinks {
			b.Kink[k] = start + (float64(k)+rng.Float64())/4/f.Scale
		}
		for range kinks + 1 {
			form := Form{formRef: start, formA: rng.NormFloat64(), formC: rng.NormFloat64(), formMu: 1}
			ratio := 1.0
			if rng.IntN(3) > 0 { // a trajectory that crosses
				form = Form{start, rng.NormFloat64() / 4, rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64(), 0, rng.NormFloat64()}
				switch rng.IntN(4) {
				case 0:
					ratio = rng.Float64() / 2
					form[formSigma] = math.Abs(form[formSigma])
				case 1:
					form[formSigma], form[formP] = 1e-30, 1e30
				case 2:
					form[formP], form[formW] = 1e-30, 1e-30
				}
			}
			f.Forms, f.Ratios = append(f.Forms, form), append(f.Ratios, ratio)
		}
		if rng.IntN(12) == 0 {
			b = FormBin{Kink: [MaxKinks]float64{inf, inf, inf}}
		}
		f.Bins = append(f.Bins, b)
	}
	return f
}

// formElements returns n numbers around the forms, special ones among them.
func formElements(rng *rand.Rand, f *Forms, n int) []float64 {
	special := []float64{0, math.Copysign(0, -1), nan64, math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, -1e-310, 1e160, -1e160, Farthest, math.Nextafter(Farthest, 0), f.GateTo, -39, -40, 9, 8.99}
	for k, b := range f.Bins {
		special = append(special, (f.First+float64(k))/f.Scale)
		for _, kink := range b.Kink {
			special = append(special, kink, math.Nextafter(kink, -9))
		}
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = 5*rng.Float64() - 2
		switch rng.IntN(6) {
		case 0:
			x[i] = special[rng.IntN(len(special))]
		case 1:
			x[i] = 10 * rng.NormFloat64()
		}
	}
	return x
}

// TestFormPathsAgree holds the assembly against the specification, bit for bit, as
// TestPathsAgree does.
func TestFormPathsAgree(t *testing.T) {
	for _, p := range paths[1:] {
		t.Run(p.name, func(t *testing.T) {
			if !p.supported() {
				t.Skip("not on this machine")
			}
			usePath(t, p)
			rng := rand.New(rand.NewPCG(1, 2))
			for n := range MaxFormBlock + 1 {
				if n > 40 && n < MaxFormBlock-4 {
					continue
				}
				for offset := range 8 {
					testFormsAgree(t, rng, n, offset)
				}
			}
		})
	}
}

func testFormsAgree(t *testing.T, rng *rand.Rand, n, offset int) {
	t.Helper()
	f := randomForms(rng, []float64{math.Inf(1), math.Inf(-1), 0.5}[rng.IntN(3)])
	x, checkX := guarded[float64](t, n, offset)
	copy(x, formElements(rng, f, n))
	g, checkG := guarded[float64](t, n, 7-offset)
	copy(g, formElements(rng, f, n))
	got, checkGot := guarded[float64](t, n, offset/2)
	want := make([]float64, n)

	var b, twin FormBlock
	wantOdd := f.findGeneric(&twin, x, 0)
	require.Equal(t, wantOdd, f.Find(&b, x), "n = %d", n)
	require.Equal(t, twin.At[:n], b.At[:n])
	for i := n; i < MaxFormBlock; i++ {
		require.Zero(t, b.At[i], "beyond the block")
	}

	f.forwardGeneric(&twin, want, x, 0)
	f.Forward(&b, got, x)
	requireSameBits(t, want, got, x)
	inPlace := append([]float64(nil), x...)
	f.Forward(&b, inPlace, inPlace)
	requireSameBits(t, want, inPlace, x)

	f.backwardXGeneric(&twin, want, x, g, 0)
	f.BackwardX(&b, got, x, g)
	requireSameBits(t, want, got, x)
	copy(inPlace, x)
	f.BackwardX(&b, inPlace, inPlace, g)
	requireSameBits(t, want, inPlace, x)
	copy(inPlace, g)
	f.BackwardX(&b, inPlace, x, inPlace)
	requireSameBits(t, want, inPlace, x)

	wantSums, gotSums := make([]FormSums, len(f.Forms)), make([]FormSums, len(f.Forms))
	f.sumsGeneric(&twin, wantSums, x, g, 0)
	f.Sums(&b, gotSums, x, g)
	for k := 1; k < len(wantSums); k++ {
		requireSameBits(t, wantSums[k][:], gotSums[k][:], nil)
	}
	checkX()
	checkG()
	checkGot()
}
