package kernel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// usePath makes a path the one in use until the test ends.
func usePath(t *testing.T, p *path) {
	before := inUse()
	t.Cleanup(func() { chosen.Store(before) })
	chosen.Store(p)
}

// TestPaths: every path has all that it needs, and a name of its own.
func TestPaths(t *testing.T) {
	require.Same(t, portable, paths[0])
	require.Zero(t, portable.whole(100))
	names := map[string]bool{portable.name: true}
	for _, p := range paths[1:] {
		require.NotContains(t, names, p.name)
		names[p.name] = true
		require.Positive(t, p.lanes)
		require.Zero(t, p.lanes&(p.lanes-1))
		require.Equal(t, 96, p.whole(96+p.lanes-1), "lanes divide 32")
		require.True(t, p.forward != nil && p.backwardX != nil && p.moments != nil && p.lines != nil &&
			p.slopes != nil && p.quads != nil && p.pour != nil, "%s lacks a kernel", p.name)
		if k := p.forms; k != nil {
			require.Positive(t, k.lanes)
			require.Zero(t, k.lanes&(k.lanes-1))
			require.True(t, k.find != nil && k.forward != nil && k.backwardX != nil && k.sums != nil, "%s lacks a kernel on forms", p.name)
		}
		if k := p.forms32; k != nil {
			require.Positive(t, k.lanes)
			require.Zero(t, k.lanes&(k.lanes-1))
			require.True(t, k.forward != nil && k.backwardX != nil && k.sums != nil, "%s lacks a kernel on forms of float32 numbers", p.name)
		}
	}
}

// TestStart: a name that is not followed is visible, in one line that says all.
func TestStart(t *testing.T) {
	best, names := portable, []string{}
	for _, p := range paths {
		if p.supported() {
			best, names = p, append(names, p.name)
		}
	}
	for _, name := range []string{"bogus", "AVX2", "avx2 ", "no such path"} {
		var log strings.Builder
		require.Same(t, best, start(name, &log))
		for _, want := range []string{"DITAC_KERNELS=", name, "using " + best.name, strings.Join(names, " ")} {
			require.Contains(t, log.String(), want)
		}
		require.Equal(t, 1, strings.Count(log.String(), "\n"))
	}
	for _, p := range paths {
		var log strings.Builder
		got := start(p.name, &log)
		require.Equal(t, p.supported(), got == p)
		require.Equal(t, !p.supported(), log.Len() > 0, "%v: %q", p.name, log.String())
	}
	var log strings.Builder
	require.Same(t, best, start("", &log))
	require.Zero(t, log.Len())
}

// TestStartUnsupported: a path that the processor lacks is neither used nor offered.
func TestStartUnsupported(t *testing.T) {
	best := start("", &strings.Builder{})
	defer func(before []*path) { paths = before }(paths)
	paths = append(paths[:len(paths):len(paths)], &path{name: "lacking", supported: func() bool { return false }})
	require.Same(t, best, start("", &strings.Builder{}))
	var log strings.Builder
	require.Same(t, best, start("lacking", &log))
	require.Contains(t, log.String(), `"lacking"`)
	require.Equal(t, 1, strings.Count(log.String(), "lacking"))
}
