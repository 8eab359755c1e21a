package ptx

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/internal/table"
)

// TestWavefronts counts how often a warp's loads from shared memory are served for one element
// of each thread: as often as the bank that holds most of the different words has to be read,
// of 32 banks, for each load. Those of Φ's nodes come from as many lines of the cache.
func TestWavefronts(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 0))
	for _, c := range []struct {
		cells int
		most  float64
	}{{10, 12}, {60, 21}} {
		e := curveAt(t, curve.DiTAC, func(int) float64 { return r.NormFloat64() }, c.cells, cpab.WithBasis(cpab.BasisHat))
		g := newGPU[float32](t, []*table.Exact{e}, 1, 1, ptxsim.Config{})
		stride := g.curves.Stride()
		tree := download[float32](t, g.memory, g.parts, partsHead+stride)[partsHead:]
		search, numbers, lines := 0, 0, 0
		const warps = 2000
		for range warps {
			var x [32]float32
			var at [32]int
			for i := range x {
				x[i], at[i] = float32(r.NormFloat64()), 1
			}
			for at[0] < stride {
				search += served(at, partsHead)
				for i := range x {
					at[i] *= 2
					if tree[at[i]/2] <= x[i] {
						at[i]++
					}
				}
			}
			nodes := map[int]bool{}
			for _, x := range x {
				nodes[int((x+8)*64+0.5)/16] = true
			}
			lines += len(nodes)
			for number := 1; number < partNumbers; number++ {
				numbers += served(at, partsHead+number*stride-stride)
			}
		}
		t.Logf("%d cells: %.1f for the search, %.1f for the numbers; %.1f lines of nodes", c.cells, float64(search)/warps, float64(numbers)/warps, float64(lines)/warps)
		require.LessOrEqual(t, float64(search+numbers)/warps, c.most)
	}
}

// served returns how often banks are read for words at some places behind an offset.
func served(at [32]int, offset int) (most int) {
	banks := map[int]map[int]bool{}
	for _, word := range at {
		word += offset
		if banks[word%32] == nil {
			banks[word%32] = map[int]bool{}
		}
		banks[word%32][word] = true
		most = max(most, len(banks[word%32]))
	}
	return most
}

// TestInstructions counts the instructions of the kernels on elements, for each of these: of a
// warp, 32 threads' being one.
func TestInstructions(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 0))
	e := curveAt(t, curve.DiTAC, func(int) float64 { return r.NormFloat64() }, 60, cpab.WithBasis(cpab.BasisHat))
	count := func(n int) (all [3]float64) {
		x, up := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], up[i] = float32(r.NormFloat64()), 1
		}
		g := newGPU[float32](t, []*table.Exact{e}, 1, n, ptxsim.Config{})
		for k, pass := range []string{"forward", "backward_x"} {
			name, shared, _ := g.curves.Elementwise(pass, n)
			stats := g.launch(name, 1, shared, g.memory.Alloc(4*n), upload(g.memory, x, 0), upload(g.memory, up, 0), g.parts, g.normals, g.shape,
				uint64(g.curves.Stride()), uint64(n), 1, 1)
			all[k] = float64(stats.Steps)
		}
		m := g.curves.divide(n, 1)
		stats := g.launch(m.Kernel, m.Blocks, m.Shared, g.memory.Alloc(8*m.Sums), upload(g.memory, x, 0), upload(g.memory, up, 0), g.parts, g.ways, g.normals, g.shape,
			uint64(g.curves.Stride()), uint64(n), 1, 1, uint64(m.Shares), uint64(m.ShareLength), uint64(m.Slots), uint64(m.Owners))
		all[2] = float64(stats.Steps)
		return all
	}
	const n = 4 * Tile * 4
	few, many := count(n), count(2*n)
	for k, most := range []float64{8, 9, 60} {
		each := (many[k] - few[k]) / n / 32
		t.Logf("%s: %.2f", [...]string{"forward", "backward_x", "moments"}[k], each)
		require.Less(t, each, most)
	}
}
