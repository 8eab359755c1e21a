package ptx

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/internal/ptxsim"
)

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// log is math.Log, which on amd64 is wrong for subnormal numbers (Go 1.26).
func log(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// log2 is math.Log2, which loses digits near 1.
func log2(x float64) float64 {
	if x > 0.5 && x < 2 {
		return math.Log(x) / math.Ln2
	}
	return math.Log2(x)
}

func sigmoid(x float64) float64  { return 1 / (1 + math.Exp(-x)) }
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// unaryKernels are the functions of Gorgonia's elementwise operations, with the error
// allowed in units in the last place. 0 and 0.5 mean that IEEE 754 defines the result.
// Go's own functions, the reference, are good to about one unit in float64. Some
// have no say beyond most.
var unaryKernels = []struct {
	name string
	f    func(float64) float64
	ulps float64
	most float64
}{
	{"abs", math.Abs, 0, 1e30},
	{"sign", sign, 0, 1e30},
	{"ceil", math.Ceil, 0, 1e30},
	{"floor", math.Floor, 0, 1e30},
	{"sin", math.Sin, 3, 1e5},
	{"cos", math.Cos, 3, 1e5},
	{"exp", math.Exp, 2, 1e30},
	{"ln", log, 2, 1e30},
	{"log2", log2, 3, 1e30},
	{"neg", func(x float64) float64 { return -x }, 0, 1e30},
	{"square", func(x float64) float64 { return x * x }, 0.5, 1e30},
	{"sqrt", math.Sqrt, 0.5, 1e30},
	{"inv", func(x float64) float64 { return 1 / x }, 0.5, 1e30},
	{"invSqrt", func(x float64) float64 { return 1 / math.Sqrt(x) }, 1.5, 1e30},
	{"cube", func(x float64) float64 { return x * x * x }, 1.5, 1e30},
	{"tanh", math.Tanh, 3, 1e30},
	{"sigmoid", sigmoid, 3, 1e30},
	{"log1p", math.Log1p, 2, 1e30},
	{"expm1", math.Expm1, 2, 1e30},
	{"softplus", softplus, 3, 1e30},
}

func TestUnary(t *testing.T) {
	for _, c := range unaryKernels {
		t.Run(c.name, func(t *testing.T) {
			testUnary[float32](t, c.name, c.f, c.ulps, c.most)
			testUnary[float64](t, c.name, c.f, c.ulps, c.most)
		})
	}
}

func testUnary[T real](t *testing.T, name string, f func(float64) float64, tolerance, most float64) {
	k := kernel(t, "elemunaryop", name+suffix[T]())
	worst, at := 0.0, T(0)
	beyond := func(x T) bool { return math.Abs(float64(x)) > most && !math.IsInf(float64(x), 0) }
	for i, n := range sizes {
		x := inputs[T](n, uint64(i), most)
		m := ptxsim.NewMemory()
		a := ptxsim.Upload(m, x)
		launch(t, m, configs[i%len(configs)], k, n, a)
		for j, y := range download[T](t, m, a, n) {
			if e := ulps(y, f(float64(x[j]))); e > worst && !(most < 1e30 && beyond(x[j])) {
				worst, at = e, x[j]
			}
		}
	}
	t.Logf("%s: at most %.2f units in the last place off, at %v", k.Name(), worst, at)
	require.LessOrEqual(t, worst, tolerance, "%s at %v", k.Name(), at)
}

// TestLargeAngles compares with values computed to 700 digits (mpmath), as Go's
// functions lose digits here. The fifth angle is known as one of the nearest to a
// multiple of π/2.
func TestLargeAngles(t *testing.T) {
	angles := []struct{ x, sin, cos float64 }{
		{1000001.0, 0.5991474390141922, 0.8006387114814864},
		{1234567.890625, -0.4947790413463462, -0.8690188146665127},
		{9007199254740992.0, -0.848925964814655, -0.5285117844130887},
		{1e+22, -0.8522008497671888, 0.523214785395139},
		{5.319372648326541e+255, 1.0, -4.687165924254628e-19},
		{1.7976931348623157e+308, 0.004961954789184062, -0.9999876894265599},
		{-3.5e+17, 0.11977910339424719, -0.9928005672792851},
		{9.153777777192527e+75, 0.0745178683059994, 0.9972196785579042},
		{-5.8454636626198e+114, -0.799342393122964, 0.6008758095950052},
		{9.157341444326275e+189, -0.8991246890974947, 0.4376925787071716},
		{-1.1124022560026602e+184, -0.8342441309895563, 0.5513952574238193},
		{1.7786078813861824e+82, -0.27060235537196187, -0.9626912097173976},
	}
	x := make([]float64, len(angles))
	for i, a := range angles {
		x[i] = a.x
	}
	for _, name := range []string{"sin", "cos"} {
		m := ptxsim.NewMemory()
		p := ptxsim.Upload(m, x)
		launch(t, m, configs[0], kernel(t, "elemunaryop", name+"_f64"), len(x), p)
		for i, y := range download[float64](t, m, p, len(x)) {
			want := angles[i].sin
			if name == "cos" {
				want = angles[i].cos
			}
			require.LessOrEqual(t, ulps(y, want), 2.0, "%s(%v) = %v, want %v", name, x[i], y, want)
		}
	}
}

// TestSameInAnyOrder runs kernels with threads in several orders, which must not
// change a bit.
func TestSameInAnyOrder(t *testing.T) {
	const n = 257
	x := inputs[float32](n, 5, 1e3)
	for _, name := range []string{"tanh", "sin"} {
		var want []float32
		for _, c := range configs {
			m := ptxsim.NewMemory()
			a := ptxsim.Upload(m, x)
			launch(t, m, c, kernel(t, "elemunaryop", name+"_f32"), n, a)
			got := download[float32](t, m, a, n)
			if want == nil {
				want = got
			}
			require.Equal(t, fmt.Sprint(want), fmt.Sprint(got), "%s with %+v", name, c)
		}
	}
}
