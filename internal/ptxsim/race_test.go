package ptxsim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// neighbour puts the address of the thread's word in p0 into %rd4, of that next to it,
// modulo 8, into %rd5.
const neighbour = index + `
	ld.param.u64 %rd3, [p0];
	add.s64 %rd4, %rd3, %rd1;
	add.s32 %r4, %r3, 1;
	and.b32 %r4, %r4, 7;
	mul.wide.s32 %rd6, %r4, 4;
	add.s64 %rd5, %rd3, %rd6;
`

// TestGlobalRaces: threads that share a word need a barrier between, and blocks must not
// share one that any of them writes.
func TestGlobalRaces(t *testing.T) {
	for _, c := range []struct {
		name, body string
		blocks     int
		reason     string // none: right
	}{
		{"own word", "ld.global.u32 %r5, [%rd4];\nst.global.u32 [%rd4], %r5;\nld.global.u32 %r5, [%rd4];\nst.global.u32 [%rd4], %r5;\nret;", 2, ""},
		{"all read", "ld.global.u32 %r5, [%rd3];\nld.global.u32 %r6, [%rd5];\nret;", 2, ""},
		{"written and read", "st.global.u32 [%rd4], %r3;\nld.global.u32 %r5, [%rd5];\nret;", 1, "race: "},
		{"read and written", "ld.global.u32 %r5, [%rd5];\nst.global.u32 [%rd4], %r3;\nret;", 1, "race: "},
		{"a barrier between", "st.global.u32 [%rd4], %r3;\nbar.sync 0;\nld.global.u32 %r5, [%rd5];\nret;", 1, ""},
		{"no barrier between blocks", "st.global.u32 [%rd4], %r3;\nbar.sync 0;\nld.global.u32 %r5, [%rd5];\nret;", 2, "race: "},
		{"one word", "st.global.u32 [%rd3], %r3;\nret;", 1, raceWrite},
		{"one word, a block each", "setp.ne.s32 %p1, %r2, 0;\n@%p1 bra $e;\nst.global.u32 [%rd3], %r3;\n$e:\nret;", 2, raceWrite},
		{"read by all blocks, written by one", "ld.global.u32 %r5, [%rd3];\nsetp.ne.s32 %p1, %r3, 0;\n@%p1 bra $e;\nst.global.u32 [%rd3], %r3;\n$e:\nret;", 2, "race: "},
		{"read by another block before", "ld.global.u32 %r5, [%rd3];\nbar.sync 0;\nsetp.ne.s32 %p1, %r3, 4;\n@%p1 bra $e;\nst.global.u32 [%rd3], %r3;\n$e:\nret;", 2, "race: "},
		{"pairs of words", "shr.u32 %r5, %r3, 1;\nmul.wide.u32 %rd7, %r5, 8;\nadd.s64 %rd7, %rd3, %rd7;\nst.global.u64 [%rd7], %rd0;\nret;", 1, raceWrite},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := compile(t, 1, neighbour+c.body)
			for _, config := range configs {
				m := &Machine{Memory: NewMemory(), Config: config}
				words := Upload(m.Memory, make([]uint32, 8))
				for range 2 { // what an earlier launch did is no race
					_, err := m.Launch(k, one(c.blocks), one(8/c.blocks), 0, words)
					if c.reason == "" {
						require.NoError(t, err, "%+v", config)
						continue
					}
					require.ErrorContains(t, err, c.reason, "%+v", config)
				}
			}
		})
	}
}

// TestRaceClock: after very many barriers histories begin anew.
func TestRaceClock(t *testing.T) {
	k := compile(t, 1, neighbour+"st.global.u32 [%rd4], %r3;\nret;")
	m := &Machine{Memory: NewMemory()}
	words := Upload(m.Memory, make([]uint32, 8))
	for range 3 {
		m.Memory.clock = 1<<31 + 5
		_, err := m.Launch(k, one(1), one(8), 0, words)
		require.NoError(t, err)
		require.Equal(t, uint32(1), m.Memory.clock)
	}
}
