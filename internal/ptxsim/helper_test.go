package ptxsim

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ptx wraps the body of a kernel "k" with parameters p0, p1, … of 8 bytes. Lines of
// the body start at bodyLine.
func ptx(params int, body string) string {
	var b strings.Builder
	b.WriteString(".version 4.2\n.target sm_50\n.address_size 64\n.visible .entry k(")
	for i := range params {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(".param .u64 p" + string(rune('0'+i)))
	}
	b.WriteString(")\n{\n")
	b.WriteString(".reg .pred %p<10>; .reg .b16 %rs<10>; .reg .b32 %r<20>; .reg .f32 %f<20>; .reg .b64 %rd<20>; .reg .f64 %fd<20>;\n")
	b.WriteString(body)
	b.WriteString("\n}\n")
	return b.String()
}

const bodyLine = 7

// compile parses a kernel that is right.
func compile(t testing.TB, params int, body string) *Kernel {
	t.Helper()
	m, err := Parse(ptx(params, body))
	require.NoError(t, err)
	k, err := m.Kernel("k")
	require.NoError(t, err)
	return k
}

// index puts the thread's index in the launch into %rd0, and four and eight times
// that into %rd1 and %rd2.
const index = `
	mov.u32 %r0, %ctaid.x;
	mov.u32 %r1, %ntid.x;
	mov.u32 %r2, %tid.x;
	mad.lo.s32 %r3, %r0, %r1, %r2;
	cvt.s64.s32 %rd0, %r3;
	shl.b64 %rd1, %rd0, 2;
	shl.b64 %rd2, %rd0, 3;
`

func one(x int) Dim { return Dim{x, 1, 1} }

// configs are different orders of threads.
var configs = []Config{
	{Order: Forward},
	{Order: Reverse},
	{Order: Shuffled, Seed: 1},
	{Order: Forward, WarpSize: 1},
	{Order: Shuffled, Seed: 2, WarpSize: 1},
	{Order: Shuffled, Seed: 3, WarpSize: 5},
}

// requireFault runs a kernel that is wrong, in every order.
func requireFault(t *testing.T, k *Kernel, launch func(*Machine) error, line int, reason string) {
	t.Helper()
	for _, c := range configs {
		var fault *Fault
		err := launch(&Machine{Memory: NewMemory(), Config: c})
		require.ErrorAs(t, err, &fault, "%+v", c)
		require.Contains(t, err.Error(), reason, "%+v", c)
		require.Equal(t, line, fault.Line, "%v", err)
		require.Equal(t, k.Name(), fault.Kernel)
	}
}

// quoteAlternatives makes a regular expression of texts separated by |.
func quoteAlternatives(texts string) string {
	parts := strings.Split(texts, "|")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.Join(parts, "|")
}
