package ptxsim

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDivergence runs Collatz's iteration, in which each thread takes another path
// and another number of steps.
func TestDivergence(t *testing.T) {
	k := compile(t, 1, index+`
	ld.param.u64 %rd3, [p0];
	add.s64 %rd4, %rd3, %rd1;
	add.s32 %r4, %r3, 1;
	mov.u32 %r5, 0;
$loop:
	.pragma "nounroll";
	setp.eq.s32 %p1, %r4, 1;
	@%p1 bra $done;
	and.b32 %r6, %r4, 1;
	setp.eq.s32 %p2, %r6, 0;
	@%p2 bra $even;
	mad.lo.s32 %r4, %r4, 3, 1;
	bra.uni $next;
$even:
	shr.u32 %r4, %r4, 1;
$next:
	add.s32 %r5, %r5, 1;
	bra.uni $loop;
$done:
	st.global.u32 [%rd4], %r5;
	ret;`)
	const n = 3 * 96
	want := make([]uint32, n)
	for i := range want {
		for x := i + 1; x != 1; want[i]++ {
			if x%2 == 0 {
				x /= 2
			} else {
				x = 3*x + 1
			}
		}
	}
	for _, c := range configs {
		m := NewMemory()
		out := m.Alloc(4 * n)
		stats, err := (&Machine{Memory: m, Config: c}).Launch(k, one(3), one(96), 0, out)
		require.NoError(t, err, "%+v", c)
		got, err := Download[uint32](m, out, n)
		require.NoError(t, err)
		require.Equal(t, want, got, "%+v", c)
		require.Greater(t, stats.Steps, int64(n))
	}
}

// reduction sums blockDim.x floats of p1 for each block into p0 by a tree in shared
// memory. The barriers are given, to leave some out.
func reduction(inTree, afterLoad string) string {
	return `
	.shared .align 4 .b8 partial[512];` + index + `
	ld.param.u64 %rd3, [p0];
	ld.param.u64 %rd4, [p1];
	add.s64 %rd5, %rd4, %rd1;
	ld.global.nc.f32 %f0, [%rd5];
	mul.wide.s32 %rd6, %r2, 4;
	mov.u64 %rd7, partial;
	add.s64 %rd8, %rd7, %rd6;
	st.shared.f32 [%rd8], %f0;
	` + afterLoad + `
	shr.u32 %r5, %r1, 1;
$loop:
	setp.ge.s32 %p1, %r2, %r5;
	@%p1 bra $skip;
	mul.wide.s32 %rd9, %r5, 4;
	add.s64 %rd10, %rd8, %rd9;
	ld.shared.f32 %f1, [%rd8];
	ld.shared.f32 %f2, [%rd10];
	add.rn.f32 %f3, %f1, %f2;
	st.shared.f32 [%rd8], %f3;
$skip:
	` + inTree + `
	shr.u32 %r5, %r5, 1;
	setp.gt.s32 %p2, %r5, 0;
	@%p2 bra $loop;
	setp.ne.s32 %p3, %r2, 0;
	@%p3 bra $end;
	ld.shared.f32 %f4, [partial];
	mul.wide.s32 %rd11, %r0, 4;
	add.s64 %rd12, %rd3, %rd11;
	st.global.f32 [%rd12], %f4;
$end:
	ret;`
}

func launchReduction(m *Machine, k *Kernel) ([]float32, error) {
	x := make([]float32, 4*128)
	for i := range x {
		x[i] = float32(i)
	}
	out := m.Memory.Alloc(4 * 4)
	if _, err := m.Launch(k, one(4), one(128), 0, out, Upload(m.Memory, x)); err != nil {
		return nil, err
	}
	return Download[float32](m.Memory, out, 4)
}

func TestReduction(t *testing.T) {
	k := compile(t, 2, reduction("bar.sync 0;", "barrier.sync 0;"))
	require.Equal(t, 512, k.Shared())
	for _, c := range configs {
		got, err := launchReduction(&Machine{Memory: NewMemory(), Config: c}, k)
		require.NoError(t, err, "%+v", c)
		require.Equal(t, []float32{8128, 24512, 40896, 57280}, got, "%+v", c)
	}
}

func TestMissingBarrier(t *testing.T) {
	for _, bodies := range [][2]string{{"", "bar.sync 0;"}, {"bar.sync 0;", ""}} {
		k := compile(t, 2, reduction(bodies[0], bodies[1]))
		for _, c := range configs {
			_, err := launchReduction(&Machine{Memory: NewMemory(), Config: c}, k)
			var fault *Fault
			require.ErrorAs(t, err, &fault)
			if fault.Reason[:5] != "race:" { // in some orders the other thread has not written yet
				require.Contains(t, fault.Reason, "nothing was written to", "%+v", c)
			}
		}
	}
}

func TestSharedRaces(t *testing.T) {
	const declare = ".shared .align 8 .b8 s[64]; mov.u32 %r1, %tid.x; mov.u32 %r2, 7; mul.wide.s32 %rd1, %r1, 4; mov.u64 %rd2, s; add.s64 %rd3, %rd2, %rd1;\n"
	for _, c := range []struct {
		body   string
		line   int
		reason string
	}{
		{declare + "st.shared.u32 [s], %r1;\nret;", 1, "race: writes what was written since the last barrier, at offset 0, by thread ("},
		{declare + "st.shared.u32 [%rd3], %r1;\nbar.sync 0;\nld.shared.u32 %r3, [s];\nst.shared.u32 [s], %r3;\nret;", 0, "race: writes what|race: reads what"},
		{declare + "st.shared.u32 [%rd3], %r1;\nld.shared.u32 %r3, [s+8];\nret;", 2, "shared memory that nothing|race: reads what was written"},
		{declare + "st.shared.u32 [%rd3+48], %r1;\nret;", 1, "of 64 bytes of shared memory"},
		{declare + "ld.shared.u32 %r3, [s+20];\nret;", 1, "reads shared memory that nothing was written to, at offset 20"},
		{declare + "st.shared.u32 [s+2], %r1;\nret;", 1, "accesses 4 bytes at 0x2, which is not a multiple"},
	} {
		k := compile(t, 0, c.body)
		for _, config := range configs {
			_, err := (&Machine{Memory: NewMemory(), Config: config}).Launch(k, one(1), one(8), 0)
			var fault *Fault
			require.ErrorAs(t, err, &fault, "%s", c.body)
			if c.line > 0 { // 0: it depends on the order
				require.Equal(t, bodyLine+c.line, fault.Line, "%v", err)
			}
			require.Regexp(t, quoteAlternatives(c.reason), err.Error())
		}
	}
}

// TestSharedAcrossBlocks: a block must not see what the one before left.
func TestSharedAcrossBlocks(t *testing.T) {
	k := compile(t, 0, `.shared .align 4 .b8 s[4];
	mov.u32 %r0, %ctaid.x;
	setp.eq.s32 %p1, %r0, 1;
	@%p1 bra $read;
	st.shared.u32 [s], %r0;
	ret;
$read:
	ld.shared.u32 %r1, [s];
	ret;`)
	_, err := (&Machine{Memory: NewMemory()}).Launch(k, one(2), one(1), 0)
	require.ErrorContains(t, err, "block (1,0,0), thread (0,0,0): PTX line 14: ld.shared.u32 %r1, [s]: reads shared memory that nothing was written to")
}

func TestDynamicShared(t *testing.T) {
	src := ".extern .shared .align 8 .b8 open[];\n" + ptx(1, `.shared .align 4 .b8 fixed[4];
	ld.param.u64 %rd1, [p0];
	mov.f64 %fd1, 0d4000000000000000;
	st.shared.f64 [open+8], %fd1;
	ld.shared.f64 %fd2, [open+8];
	st.global.f64 [%rd1], %fd2;
	ret;`)
	module, err := Parse(src)
	require.NoError(t, err)
	k, err := module.Kernel("k")
	require.NoError(t, err)
	m := &Machine{Memory: NewMemory()}
	out := m.Memory.Alloc(8)
	_, err = m.Launch(k, one(1), one(1), 16, out)
	require.NoError(t, err)
	got, err := Download[float64](m.Memory, out, 1)
	require.NoError(t, err)
	require.Equal(t, []float64{2}, got)
	_, err = m.Launch(k, one(1), one(1), 8, out)
	require.ErrorContains(t, err, "accesses 8 bytes at offset 16 of 16")
	_, err = m.Launch(k, one(1), one(1), 1<<16, out)
	require.ErrorContains(t, err, "65536 bytes of shared memory")
}

func TestBarrierNotReached(t *testing.T) {
	leaves := compile(t, 0, `mov.u32 %r1, %tid.x;
	setp.eq.s32 %p1, %r1, 37;
	@%p1 ret;
	bar.sync 0;
	ret;`)
	requireFault(t, leaves, func(m *Machine) error {
		_, err := m.Launch(leaves, one(1), one(64), 0)
		return err
	}, bodyLine+3, "thread (37,0,0): PTX line 10: bar.sync 0: the thread has left, others wait at the barrier")

	apart := compile(t, 0, `mov.u32 %r1, %tid.x;
	setp.eq.s32 %p1, %r1, 5;
	@%p1 bra $other;
	bar.sync 0;
	ret;
$other:
	bar.sync 0;
	ret;`)
	for _, c := range configs {
		_, err := (&Machine{Memory: NewMemory(), Config: c}).Launch(apart, one(1), one(64), 0)
		require.ErrorContains(t, err, "others at the barrier of PTX line", "%+v", c)
	}

	guarded := compile(t, 0, `mov.u32 %r1, %tid.x;
	setp.eq.s32 %p1, %r1, 5;
	@%p1 bar.sync 0;
	ret;`)
	_, err := (&Machine{Memory: NewMemory()}).Launch(guarded, one(1), one(8), 0)
	require.ErrorContains(t, err, "some threads of the warp skip the barrier")
}

// store puts the address of the thread's 4 bytes behind p0 into %rd4.
const store = index + "ld.param.u64 %rd3, [p0];\nadd.s64 %rd4, %rd3, %rd1;\n"

func TestGlobalFaults(t *testing.T) {
	line := bodyLine + 10 // the first after store
	for _, c := range []struct{ body, reason string }{
		{"st.global.u32 [%rd4], %r3;\nret;", "thread (8,0,0): PTX line 17: st.global.u32 [%rd4], %r3: writes 4 bytes at 0x100000020, which are not in one allocation"},
		{"st.global.u64 [%rd4], %rd1;\nret;", "not in one allocation|not a multiple"},
		{"ld.global.u32 %r4, [%rd4];\nret;", "nothing was written to|not in one allocation"},
		{"ld.global.f64 %fd1, [%rd3];\nret;", "reads memory at 0x100000000 that nothing was written to"},
		{"ld.global.u32 %r4, [%rd3+2];\nret;", "reads 4 bytes at 0x100000002, which is not a multiple"},
		{"ld.global.v4.u32 {%r4, %r5, %r6, %r7}, [%rd3+8];\nret;", "reads 16 bytes at 0x100000008, which is not a multiple"},
		{"ld.global.u32 %r4, [%rd3+-4];\nret;", "reads 4 bytes at 0xfffffffc, which are not"},
		{"$l: bra.uni $l;\nret;", "an endless loop?"},
	} {
		k := compile(t, 1, store+c.body)
		for _, config := range configs {
			config.MaxSteps = 10000
			m := &Machine{Memory: NewMemory(), Config: config}
			_, err := m.Launch(k, one(1), one(9), 0, m.Memory.Alloc(32))
			var fault *Fault
			require.ErrorAs(t, err, &fault, c.body)
			require.Equal(t, line, fault.Line, "%v", err)
			require.Regexp(t, quoteAlternatives(c.reason), err.Error())
		}
	}
}

func TestVectorsAndNarrowTypes(t *testing.T) {
	k := compile(t, 2, `
	ld.param.u64 %rd1, [p0];
	ld.param.u64 %rd2, [p1];
	ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd1];
	st.global.v2.f32 [%rd2], {%f3, %f2};
	ld.global.u8 %rs1, [%rd1+3];
	cvt.u32.u16 %r1, %rs1;
	st.global.u32 [%rd2+8], %r1;
	ld.global.s16 %r2, [%rd1+14];
	st.global.u32 [%rd2+12], %r2;
	st.global.u8 [%rd2+16], %rs1;
	st.global.u16 [%rd2+18], %rs1;
	ret;`)
	m := &Machine{Memory: NewMemory()}
	in, out := Upload(m.Memory, []float32{1, 2, 3, -4}), Upload(m.Memory, make([]uint32, 5))
	_, err := m.Launch(k, one(1), one(1), 0, in, out)
	require.NoError(t, err)
	got, err := Download[uint32](m.Memory, out, 5)
	require.NoError(t, err)
	require.Equal(t, []uint32{math.Float32bits(-4), math.Float32bits(3), 0x3f, 0xffffc080, 0x003f003f}, got)
}

func TestConstants(t *testing.T) {
	module, err := Parse(".const .align 8 .b8 bytes[3] = {1, 2};\n.const .align 8 .u64 words[2] = {7, 0x10};\n" + ptx(1, index+`
	ld.param.u64 %rd3, [p0];
	mov.u64 %rd4, words;
	add.s64 %rd5, %rd4, %rd2;
	ld.const.u64 %rd6, [%rd5];
	ld.const.u8 %r4, [bytes+1];
	cvt.u64.u32 %rd7, %r4;
	add.s64 %rd8, %rd6, %rd7;
	add.s64 %rd9, %rd3, %rd2;
	st.global.u64 [%rd9], %rd8;
	ret;`))
	require.NoError(t, err)
	k, err := module.Kernel("k")
	require.NoError(t, err)
	m := &Machine{Memory: NewMemory()}
	out := m.Memory.Alloc(24)
	_, err = m.Launch(k, one(1), one(2), 0, out)
	require.NoError(t, err)
	got, err := Download[uint64](m.Memory, out, 2)
	require.NoError(t, err)
	require.Equal(t, []uint64{9, 18}, got)
	_, err = m.Launch(k, one(1), one(3), 0, out)
	require.ErrorContains(t, err, "thread (2,0,0)")
	require.ErrorContains(t, err, "not in one allocation")
}

func TestSpecialRegisters(t *testing.T) {
	k := compile(t, 1, `
	mov.u32 %r0, %tid.x; mov.u32 %r1, %tid.y; mov.u32 %r2, %tid.z;
	mov.u32 %r3, %ntid.x; mov.u32 %r4, %ntid.y; mov.u32 %r5, %ntid.z;
	mov.u32 %r6, %ctaid.x; mov.u32 %r7, %ctaid.y; mov.u32 %r8, %ctaid.z;
	mov.u32 %r9, %nctaid.x; mov.u32 %r10, %nctaid.y; mov.u32 %r11, %nctaid.z;
	mad.lo.s32 %r12, %r8, %r10, %r7; mad.lo.s32 %r12, %r12, %r9, %r6;
	mad.lo.s32 %r12, %r12, %r5, %r2; mad.lo.s32 %r12, %r12, %r4, %r1; mad.lo.s32 %r12, %r12, %r3, %r0;
	ld.param.u64 %rd1, [p0];
	mul.wide.u32 %rd2, %r12, 4;
	add.s64 %rd3, %rd1, %rd2;
	st.global.u32 [%rd3], %r12;
	ret;`)
	for _, c := range configs {
		m := &Machine{Memory: NewMemory(), Config: c}
		blocks, threads := Dim{3, 2, 2}, Dim{5, 3, 4}
		n := blocks.size() * threads.size()
		out := m.Memory.Alloc(4 * n)
		_, err := m.Launch(k, blocks, threads, 0, out)
		require.NoError(t, err)
		got, err := Download[uint32](m.Memory, out, n)
		require.NoError(t, err)
		for i, v := range got {
			require.Equal(t, uint32(i), v)
		}
	}
}

// TestOrder has all threads write to one place, which the second one must not.
func TestOrder(t *testing.T) {
	k := compile(t, 1, index+"ld.param.u64 %rd3, [p0];\nst.global.u64 [%rd3], %rd0;\nret;")
	second := func(c Config) int {
		m := &Machine{Memory: NewMemory(), Config: c}
		_, err := m.Launch(k, one(4), one(50), 0, m.Memory.Alloc(8))
		var fault *Fault
		require.ErrorAs(t, err, &fault)
		require.Contains(t, fault.Reason, raceWrite)
		return 50*fault.Block.X + fault.Thread.X
	}
	require.Equal(t, 1, second(Config{Order: Forward}))
	require.Equal(t, 198, second(Config{Order: Reverse}))
	require.Equal(t, 198, second(Config{Order: Reverse, WarpSize: 1}))
	require.Equal(t, 101, second(Config{Order: Forward, First: 2, Count: 1}))
	seen := map[int]bool{}
	for seed := range uint64(20) {
		c := Config{Order: Shuffled, Seed: seed}
		seen[second(c)] = true
		require.Equal(t, second(c), second(c), "the order depends on more than the seed")
	}
	require.Greater(t, len(seen), 10)
}

func TestLaunchErrors(t *testing.T) {
	k := compile(t, 1, "ret;")
	bounded, err := Parse(".entry k() .maxntid 64, 1, 1 .minnctapersm 2 { ret; }")
	require.NoError(t, err)
	small, err := bounded.Kernel("k")
	require.NoError(t, err)
	for _, c := range []struct {
		kernel          *Kernel
		blocks, threads Dim
		shared          int
		config          Config
		args            []uint64
		reason          string
	}{
		{k, one(0), one(1), 0, Config{}, []uint64{1}, "launched with (0,1,1) blocks"},
		{k, Dim{1, 1 << 16, 1}, one(1), 0, Config{}, []uint64{1}, "(1,65536,1) blocks"},
		{k, one(1), one(0), 0, Config{}, []uint64{1}, "(0,1,1) threads"},
		{k, one(1), Dim{32, 33, 1}, 0, Config{}, []uint64{1}, "(32,33,1) threads"},
		{k, one(1), Dim{1, 1, 65}, 0, Config{}, []uint64{1}, "(1,1,65) threads"},
		{k, one(1), one(1), 4, Config{}, []uint64{1}, "has no array of open size"},
		{k, one(1), one(1), -1, Config{}, []uint64{1}, "-1 bytes of shared memory"},
		{k, one(1), one(1), 0, Config{}, nil, "launched with 0 arguments, has 1 parameters"},
		{k, one(3), one(1), 0, Config{First: 3}, []uint64{1}, "Config.First and Count are 3 and 0 of 3 blocks"},
		{k, one(3), one(1), 0, Config{First: 2, Count: 2}, []uint64{1}, "Config.First and Count are 2 and 2 of 3 blocks"},
		{k, one(1), one(1), 0, Config{WarpSize: 33}, []uint64{1}, "Config.WarpSize is 33"},
		{small, one(1), one(65), 0, Config{}, nil, "was compiled for at most 64"},
	} {
		_, err := (&Machine{Memory: NewMemory(), Config: c.config}).Launch(c.kernel, c.blocks, c.threads, c.shared, c.args...)
		require.ErrorContains(t, err, c.reason)
		require.ErrorContains(t, err, "kernel k")
	}
}
