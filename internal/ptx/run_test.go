package ptx

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/internal/ptxsim"
)

// real is what the kernels compute with.
type real interface{ float32 | float64 }

// suffix ends the names of the kernels for T.
func suffix[T real]() string {
	if _, ok := any(T(0)).(float32); ok {
		return "_f32"
	}
	return "_f64"
}

// kernel parses a module and returns a kernel of it.
func kernel(t testing.TB, module, name string) *ptxsim.Kernel {
	t.Helper()
	m, ok := parsed[module]
	if !ok {
		for _, source := range Modules() {
			if source.Name == module {
				var err error
				m, err = ptxsim.Parse(source.PTX)
				require.NoError(t, err)
			}
		}
		require.NotNil(t, m, "no module %q", module)
		parsed[module] = m
	}
	k, err := m.Kernel(name)
	require.NoError(t, err)
	return k
}

// kernelOf returns the kernel with the name module.function.
func kernelOf(t testing.TB, name string) *ptxsim.Kernel {
	t.Helper()
	module, function, _ := strings.Cut(name, ".")
	return kernel(t, module, function)
}

// parsed are the modules that tests have used. Tests run one after the other.
var parsed = map[string]*ptxsim.Module{}

// sizes are those at which mistakes about warps and blocks show.
var sizes = []int{0, 1, 31, 32, 33, 255, 256, 257, 10007}

// configs are the orders of threads that tests use.
var configs = []ptxsim.Config{
	{Order: ptxsim.Forward},
	{Order: ptxsim.Reverse},
	{Order: ptxsim.Shuffled, Seed: 1, WarpSize: 1},
}

// gridFor is the grid that Gorgonia launches elementwise kernels with, but for n = 0,
// which it never does.
func gridFor(n int) (blocks, threads int) {
	const most = 1024
	if n <= most {
		return 1, max(n, 1)
	}
	return (n + most - 1) / most, most
}

// launch runs an elementwise kernel on n threads.
func launch(t testing.TB, m *ptxsim.Memory, c ptxsim.Config, k *ptxsim.Kernel, n int, args ...uint64) {
	t.Helper()
	blocks, threads := gridFor(n)
	machine := ptxsim.Machine{Memory: m, Config: c}
	_, err := machine.Launch(k, ptxsim.Dim{X: blocks, Y: 1, Z: 1}, ptxsim.Dim{X: threads, Y: 1, Z: 1}, 0, append(args, uint64(n))...)
	require.NoError(t, err)
}

// download reads n values.
func download[T real](t testing.TB, m *ptxsim.Memory, address uint64, n int) []T {
	t.Helper()
	x, err := ptxsim.Download[T](m, address, n)
	require.NoError(t, err)
	return x
}

// ulps is the distance of got from want in units in the last place of T at want.
func ulps[T real](got T, want float64) float64 {
	x := float64(got)
	switch {
	case math.IsNaN(want) && math.IsNaN(x), x == want:
		return 0
	case math.IsNaN(want) || math.IsNaN(x):
		return math.Inf(1)
	}
	digits, least, most := 52, -1074, math.MaxFloat64
	if suffix[T]() == "_f32" {
		digits, least, most = 23, -149, math.MaxFloat32
	}
	if math.Abs(want) > most { // as the last number before infinity, and one more
		want = math.Copysign(most, want)
		if math.IsInf(x, 0) && math.Signbit(x) == math.Signbit(want) {
			return 0
		}
	}
	_, exponent := math.Frexp(want)
	return math.Abs(x-want) / math.Ldexp(1, max(exponent-1-digits, least))
}
