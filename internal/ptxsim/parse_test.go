package ptxsim

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	m, err := Parse(ptx(1, "ret;"))
	require.NoError(t, err)
	require.Equal(t, "4.2", m.Version)
	require.Equal(t, "sm_50", m.Target)
	require.Equal(t, []string{"k"}, m.Kernels())
	k, err := m.Kernel("k")
	require.NoError(t, err)
	require.Equal(t, "k", k.Name())
	require.Equal(t, 1, k.Params())
	_, err = m.Kernel("other")
	require.ErrorContains(t, err, `no kernel "other"`)
}

// TestRefused has statements that a kernel must not have, each with its error, which
// must name the line.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ body, reason string }{
		{"add.f32 %f1, %f2, %f3; ret;", "may contract"},
		{"mul.f64 %fd1, %fd2, %fd3; ret;", "may contract"},
		{"ex2.approx.f32 %f1, %f2; ret;", "not defined to the bit"},
		{"div.full.f32 %f1, %f2, %f3; ret;", "not defined to the bit"},
		{"add.rn.ftz.f32 %f1, %f2, %f3; ret;", "flush subnormal"},
		{"atom.global.add.f32 %f1, [%rd1], %f2; ret;", "order of atomic operations"},
		{"shfl.sync.idx.b32 %r1, %r2, 0, 31, -1; ret;", `instruction "shfl.sync.idx.b32" is not supported`},
		{"add.s32 %r1, %r2; ret;", "got 2 operands, want 3"},
		{"add.s32 %r1, %rd2, %r3; ret;", "register %rd2 is of type b64, the instruction of type s32"},
		{"add.s32 %rd1, %r2, %r3; ret;", "register %rd1 is of type b64"},
		{"add.s32 %r1, %r99, %r3; ret;", `unknown name "%r99"`},
		{"add.s32 5, %r2, %r3; ret;", "is not a register"},
		{"add.rn.f32 %f1, %f2, 5; ret;", "a constant is not of type f32"},
		{"add.rn.f32 %f1, %f2, 0d3FF0000000000000; ret;", "a constant is not of type f32"},
		{"add.s32 %r1, %r2, 0f3F800000; ret;", "a constant is not of type s32"},
		{"mov.u32 %r1, %laneid; ret;", `unknown name "%laneid"`},
		{"mov.u32 %r1, %tid.w; ret;", `unknown name "%tid.w"`},
		{"mov.u64 %rd1, %tid.x; ret;", "is of type u32"},
		{"bra $nowhere; ret;", `no instruction has the label "$nowhere"`},
		{"@%r1 bra $l; $l: ret;", "%r1 is not a predicate"},
		{"bar.sync 1; ret;", "only barrier 0"},
		{"bar.sync 0, 64; ret;", "only barrier 0"},
		{"ld.f32 %f1, [%rd1]; ret;", "generic addresses"},
		{"ld.local.f32 %f1, [%rd1]; ret;", `state space "local"`},
		{"ld.global.volatile.f32 %f1, [%rd1]; ret;", `modifier "volatile"`},
		{"ld.global.f32 %f1, [%r1]; ret;", "is not an address"},
		{"ld.global.f32 %f1, %rd1; ret;", "is not an address"},
		{"ld.global.f32 %f1, [16]; ret;", "not a register or variable"},
		{"ld.global.v2.f32 {%f1, %f2, %f3}, [%rd1]; ret;", "3 registers"},
		{"ld.shared.u8 %r1, [%rd1]; ret;", "less than 4 bytes"},
		{"ld.param.u64 %rd1, [nothing]; ret;", `no parameter "nothing"`},
		{"ld.param.u64 %rd1, [p0+8]; ret;", `parameter "p0" is of type u64`},
		{"st.const.f32 [%rd1], %f1; ret;", "cannot be written"},
		{"cvta.to.shared.u64 %rd1, %rd2; ret;", "generic addresses"},
		{"setp.lt.b32 %p1, %r1, %r2; ret;", "is not supported"},
		{"call f; ret;", `instruction "call" is not supported`},
		{".local .align 4 .b8 depot[16]; ret;", "local memory is not supported"},
		{"{ ret; }", "nested blocks"},
		{".loc 1 2 3; ret;", `".loc" is not supported`},
		{"bra $l $l; ret;", "want \";\""},
		{"add.s32 %r1, [[%r2]], 1; ret;", "the address is not a name or number"},
		{"$l: $l: ret;", "label $l is there twice"},
		{"add.s32 %r1, %r2, ?; ret;", "unexpected character"},
		{"ld.global.f32 %f1, [%rd1+x]; ret;", `"x" is not a number`},
	} {
		_, err := Parse(ptx(1, c.body))
		require.ErrorContains(t, err, c.reason, c.body)
		require.ErrorContains(t, err, fmt.Sprintf("PTX line %d", bodyLine), c.body)
	}
}

func TestRefusedModules(t *testing.T) {
	for _, c := range []struct{ src, reason string }{
		{".version 4.2\n.address_size 32\n", "line 2: addresses of 32 bits"},
		{".tex .u32 x;", `".tex" is not supported outside`},
		{".visible .func f() { ret; }", "functions are not supported"},
		{".global .f32 x;", "global variables are not supported"},
		{".entry k(.param .align 4 .b8 p[8]) { ret; }", "not numbers"},
		{".entry k() .cluster { ret; }", `".cluster" is not supported`},
		{".entry k() { .reg .b32 %r<2>;", "has no end"},
		{".entry k() { ret; } .entry k() { ret; }", "there twice"},
		{".entry k() { .reg .b32 %r<2>; mov.u32 %r1, %r0; }", "runs past its end"},
		{".entry k() { }", "runs past its end"},
		{"/* no end", "comment without end"},
		{".const .b8 c[2] = {1, 2, 3};", "3 bytes of initial values for 2 bytes"},
		{".shared .b8 s[];", "has no size"},
		{".entry k", `"" is not supported before`},
	} {
		_, err := Parse(c.src)
		require.ErrorContains(t, err, c.reason, c.src)
	}
}

// TestAllErrors wants all faults of a text named, not the first only.
func TestAllErrors(t *testing.T) {
	_, err := Parse(ptx(0, "call a;\ncall b;\nret;"))
	require.ErrorContains(t, err, "PTX line 7: call a")
	require.ErrorContains(t, err, "PTX line 8: call b")
}
