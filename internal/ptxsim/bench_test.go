package ptxsim

import "testing"

// BenchmarkLaunch runs a typical loop body of a kernel: index arithmetic, a load, a
// polynomial, a store. It reports instructions of a thread per second.
func BenchmarkLaunch(b *testing.B) {
	k := compile(b, 2, index+`
	ld.param.u64 %rd3, [p0];
	ld.param.u64 %rd4, [p1];
	setp.ge.s64 %p1, %rd0, %rd4;
	@%p1 bra $end;
	add.s64 %rd5, %rd3, %rd1;
	ld.global.f32 %f1, [%rd5];
	mov.f32 %f2, 0f3F000000;
	fma.rn.f32 %f3, %f1, %f2, %f2;
	fma.rn.f32 %f3, %f3, %f1, %f2;
	fma.rn.f32 %f3, %f3, %f1, %f2;
	mul.rn.f32 %f3, %f3, %f1;
	add.rn.f32 %f3, %f3, %f1;
	st.global.f32 [%rd5], %f3;
$end:
	ret;`)
	const n = 1 << 17
	m := &Machine{Memory: NewMemory()}
	x := Upload(m.Memory, make([]float32, n))
	var steps int64
	for b.Loop() {
		stats, err := m.Launch(k, one(n/256), one(256), 0, x, n)
		if err != nil {
			b.Fatal(err)
		}
		steps += stats.Steps
	}
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds()/1e6, "Minstr/s")
}
