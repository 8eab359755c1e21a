package ptx

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/internal/ptxsim"
)

// pow is math.Pow, which on amd64 is wrong for subnormal numbers (Go 1.26).
func pow(x, y float64) float64 {
	if x > 0 && x < 0x1p-1022 && !math.IsInf(y, 0) {
		return math.Pow(x*0x1p54, y) * math.Pow(0x1p-54, y)
	}
	return math.Pow(x, y)
}

// binaryKernels are Gorgonia's elementwise operations of two values, with the error
// allowed in units in the last place for float32 and float64. Go's Pow, which takes
// powers by repeated multiplication, is itself some hundred units off: see TestPow.
var binaryKernels = []struct {
	name           string
	f              func(x, y float64) float64
	single, double float64
}{
	{"add", func(x, y float64) float64 { return x + y }, 0.5, 0},
	{"sub", func(x, y float64) float64 { return x - y }, 0.5, 0},
	{"mul", func(x, y float64) float64 { return x * y }, 0.5, 0},
	{"div", func(x, y float64) float64 { return x / y }, 0.5, 0},
	{"pow", pow, 0.5, 1000},
	{"lt", func(x, y float64) float64 { return truth(x < y) }, 0, 0},
	{"gt", func(x, y float64) float64 { return truth(x > y) }, 0, 0},
	{"lte", func(x, y float64) float64 { return truth(x <= y) }, 0, 0},
	{"gte", func(x, y float64) float64 { return truth(x >= y) }, 0, 0},
	{"eq", func(x, y float64) float64 { return truth(x == y) }, 0, 0},
	{"ne", func(x, y float64) float64 { return truth(x != y) }, 0, 0},
}

func TestBinary(t *testing.T) {
	for _, c := range binaryKernels {
		t.Run(c.name, func(t *testing.T) {
			testBinary[float32](t, c.name, c.f, c.single)
			testBinary[float64](t, c.name, c.f, c.double)
		})
	}
}

// TestPow compares with values computed to 60 digits (mpmath), of which the powers
// are large or small, where the error of a logarithm counts most.
func TestPow(t *testing.T) {
	powers := []struct{ x, y, power float64 }{
		{82426.67772266481, 29.903871028109783, 1.0220151288954515e+147},
		{642306952012.2568, 22.782949464847885, 1.0356272403424564e+269},
		{1.446135979353354e-19, -1.1094522361855401, 7.977156429248227e+20},
		{1.0864748310187654e+16, -14.665454776007879, 6.6754222518979395e-236},
		{0.05791111293598469, -124.54096742272085, 1.2213172765826132e+154},
		{56.290404493210374, 25.683425010683465, 9.06045199246106e+44},
		{3.346320882061353e-20, -8.843539628893424, 1.7051334127759618e+172},
		{1.5111049925367576e-09, 28.69873623940326, 7.192890362466486e-254},
		{1.2628167586728183, 1565.924892932416, 4.913103714008804e+158},
		{1.7976931348623157e+308, 0.4863074253254319, 8.064121607972309e+149},
		{5e-324, -0.13441302277875616, 2.861315104361057e+43},
		{1.0000000000009095, 562949953421312.0, 2.284413586007875e+222},
		{0.9999999999999991, 8.646911284551352e+17, 0},
		{0.5, 1070.5, 5.4e-323},
		{2, 1023.99, 1.7852755613304564e+308},
	}
	for _, p := range powers {
		m := ptxsim.NewMemory()
		x := ptxsim.Upload(m, []float64{p.x})
		launch(t, m, configs[0], kernel(t, "elembinop", "pow_ss_f64"), 1, x, ptxsim.Upload(m, []float64{p.y}))
		got := download[float64](t, m, x, 1)[0]
		require.LessOrEqual(t, ulps(got, p.power), 8.0, "pow(%v, %v) = %v, want %v", p.x, p.y, got, p.power)
	}
}

// testBinary runs the four forms of an operation: which operand is a scalar, and which
// of the two arguments, the first or the second, gets the result.
func testBinary[T real](t *testing.T, name string, f func(x, y float64) float64, tolerance float64) {
	worst := 0.0
	check := func(got, x, y T) {
		if e := ulps(got, f(float64(x), float64(y))); e > worst {
			worst = e
			if e > tolerance {
				t.Errorf("%s%s(%v, %v) = %v, want %v", name, suffix[T](), x, y, got, f(float64(x), float64(y)))
			}
		}
	}
	for i, n := range sizes {
		config := configs[i%len(configs)]
		x, y := inputs[T](n, uint64(i), 1e15), inputs[T](n, uint64(i+100), 1e15)
		// Every limit with every other, by turning one against the other.
		if l := len(limits[T]()); n > l {
			for j := range y[:min(n, l*l)] {
				x[j], y[j] = limits[T]()[j%l], limits[T]()[j/l]
			}
		}
		run := func(form string, a, b []T) (resultA, resultB []T) {
			m := ptxsim.NewMemory()
			pa, pb := ptxsim.Upload(m, a), ptxsim.Upload(m, b)
			count := max(len(a), len(b))
			if form == "vv" || form == "vs" {
				count = len(a)
			} else if form == "sv" {
				count = len(b)
			}
			launch(t, m, config, kernel(t, "elembinop", name+"_"+form+suffix[T]()), count, pa, pb)
			return download[T](t, m, pa, len(a)), download[T](t, m, pb, len(b))
		}
		ra, rb := run("vv", x, y)
		for j := range x {
			check(ra[j], x[j], y[j])
		}
		requireSame(t, y, rb)
		scalar := inputs[T](40, uint64(i), 10)[30+i%10]
		ra, rb = run("vs", x, []T{scalar})
		for j := range x {
			check(ra[j], x[j], scalar)
		}
		requireSame(t, []T{scalar}, rb)
		ra, rb = run("sv", []T{scalar}, y)
		for j := range y {
			check(rb[j], scalar, y[j])
		}
		requireSame(t, []T{scalar}, ra)
		if n > 0 {
			ra, rb = run("ss", x[n-1:], y[n-1:])
			check(ra[0], x[n-1], y[n-1])
			requireSame(t, y[n-1:], rb)
		}
	}
	t.Logf("%s%s: at most %.2f units in the last place off", name, suffix[T](), worst)
	require.LessOrEqual(t, worst, tolerance)
}

// requireSame compares bits, as NaN is among them.
func requireSame[T real](t *testing.T, want, got []T) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Zero(t, ulps(got[i], float64(want[i])), "an operand has changed at %d", i)
	}
}
