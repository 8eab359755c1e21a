package ptx

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/internal/ptxsim"
)

// TestModules: the interpreter must be able to run every kernel, and find those that
// Functions lists.
func TestModules(t *testing.T) {
	for _, m := range Modules() {
		parsed, err := ptxsim.Parse(m.PTX)
		require.NoError(t, err, m.Name)
		require.Equal(t, "sm_50", parsed.Target, m.Name)
		require.ElementsMatch(t, parsed.Kernels(), m.Functions, m.Name)
		require.NotEmpty(t, m.Functions, m.Name)
	}
}

// TestNames wants Gorgonia's names all there: those of its 20 functions and its 11
// operations, four forms of each, for two types.
func TestNames(t *testing.T) {
	all := map[string][]string{}
	for _, m := range Modules() {
		all[m.Name] = m.Functions
	}
	for _, suffix := range []string{"_f32", "_f64"} {
		for _, k := range unaryKernels {
			require.Contains(t, all["elemunaryop"], k.name+suffix)
		}
		for _, k := range binaryKernels {
			for _, form := range []string{"_vv", "_vs", "_sv", "_ss"} {
				require.Contains(t, all["elembinop"], k.name+form+suffix)
			}
		}
	}
	require.Len(t, all["elemunaryop"], 2*20)
	require.Len(t, all["elembinop"], 2*4*11)
}

// TestPTXIsCurrent compiles the sources and compares with the PTX that is there.
func TestPTXIsCurrent(t *testing.T) {
	if _, err := exec.LookPath("clang-16"); err != nil {
		t.Skip("no clang-16 (apt-get install clang-16)")
	}
	out, err := exec.Command("./build.sh", "-check").CombinedOutput()
	require.NoError(t, err, "%s", out)
}
