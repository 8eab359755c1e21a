package ptx

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/internal/table"
)

// The tests of this file run the last blocks of grids for tensors of more than 2³¹
// elements, of which only what these blocks need is in memory: an index that is computed
// in 32 bits leads elsewhere, which is an error.

// far is memory of large arrays, of which there are windows.
type far struct {
	*ptxsim.Memory
	arrays uint64
}

// array returns the address of a new array of up to 2⁴⁰ bytes.
func (m *far) array() uint64 {
	m.arrays++
	return m.arrays << 44
}

// window puts x into the array at an address, from an element on.
func window[T real](t testing.TB, m *far, array uint64, from int, x []T) {
	t.Helper()
	size := int(unsafe.Sizeof(*new(T)))
	data := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), size*len(x))
	require.NoError(t, m.Map(array+uint64(size*from), append([]byte(nil), data...)))
}

// room is a window for n results.
func room[T real](t testing.TB, m *far, array uint64, from, n int) {
	t.Helper()
	size := int(unsafe.Sizeof(*new(T)))
	data := make([]byte, size*n)
	ptxsim.FillPoison(data)
	require.NoError(t, m.Map(array+uint64(size*from), data))
}

func read[T real](t testing.TB, m *far, array uint64, from, n int) []T {
	t.Helper()
	return download[T](t, m.Memory, array+uint64(int(unsafe.Sizeof(*new(T)))*from), n)
}

// launch runs the last of some blocks.
func (m *far) launch(t testing.TB, module, name string, blocks, threads, shared int, args ...uint64) {
	t.Helper()
	machine := ptxsim.Machine{Memory: m.Memory, Config: ptxsim.Config{First: blocks - 1, Count: 1}}
	_, err := machine.Launch(kernel(t, module, name), ptxsim.Dim{X: blocks, Y: 1, Z: 1}, ptxsim.Dim{X: threads, Y: 1, Z: 1}, shared, args...)
	require.NoError(t, err, name)
}

func TestLargeElementwise(t *testing.T) {
	const n, threads = 1<<32 + 300, 1024
	const blocks, from = (n + threads - 1) / threads, n / threads * threads
	for _, module := range []string{"elemunaryop", "elembinop"} {
		for _, m := range Modules() {
			if m.Name != module {
				continue
			}
			for _, name := range m.Functions {
				if module == "elembinop" && (len(name) < 7 || name[len(name)-7:len(name)-4] != "_vv") {
					continue // the other forms have the same index
				}
				t.Run(name, func(t *testing.T) {
					if name[len(name)-4:] == "_f32" {
						largeElementwise[float32](t, module, name, n, blocks, threads, from)
					} else {
						largeElementwise[float64](t, module, name, n, blocks, threads, from)
					}
				})
			}
		}
	}
}

func largeElementwise[T real](t *testing.T, module, name string, n, blocks, threads, from int) {
	x := make([]T, n-from)
	for i := range x {
		x[i] = 0.25
	}
	m := &far{Memory: ptxsim.NewMemory()}
	args := []uint64{}
	for range kernel(t, module, name).Params() - 1 {
		args = append(args, m.array())
		window(t, m, args[len(args)-1], from, x)
	}
	m.launch(t, module, name, blocks, threads, 0, append(args, uint64(n))...)
}

// largeGroups groups of 512 elements are 2³² elements.
const largeGroups, largeLength = 1 << 23, 512

// TestLargeDiTAC: the last of very many groups.
func TestLargeDiTAC(t *testing.T) {
	const last = largeGroups - 1
	tabs := tablesOf(t, curve.DiTAC, 10, 1, 1)
	tables := pack(t, tabs)
	layout, _ := tabs[0].Layout()
	x, up := elementsFor(layout, largeLength, 1), make([]float32, largeLength)
	for i := range x {
		up[i] = 1
		if x[i] != x[i] {
			x[i] = 0.5
		}
	}
	wantY, wantDx := reference(tabs[0], x, up)
	stride := tables.Stride
	for _, outer := range []int{1, 128} {
		length := largeLength / outer
		m := &far{Memory: ptxsim.NewMemory()}
		heads, starts, pieces, xs, gs, ys, ds := m.array(), m.array(), m.array(), m.array(), m.array(), m.array(), m.array()
		window(t, m, heads, 8*last, tables.Data[:8])
		window(t, m, starts, stride*last, tables.Data[8:8+stride])
		window(t, m, pieces, 8*stride*last, tables.Data[8+stride:])
		where := func(run int) int { return (run*largeGroups + last) * length }
		for run := range outer {
			window(t, m, xs, where(run), x[run*length:][:length])
			window(t, m, gs, where(run), up[run*length:][:length])
			room[float32](t, m, ys, where(run), length)
			room[float32](t, m, ds, where(run), length)
		}
		args := func(before ...uint64) []uint64 {
			return append(before, heads, starts, pieces, uint64(stride), uint64(length), uint64(outer), largeGroups)
		}
		_, shared := tables.Elementwise("forward")
		for _, long := range []string{"", "_long"} {
			m.launch(t, "ditac", "forward"+long+"_f32", largeGroups, Tile, shared, args(ys, xs, 0)...)
			m.launch(t, "ditac", "backward_x"+long+"_f32", largeGroups, Tile, shared, args(ds, xs, gs)...)
			for run := range outer {
				in := x[run*length:][:length]
				requireBits(t, wantY[run*length:][:length], read[float32](t, m, ys, where(run), length), in, "forward"+long)
				requireBits(t, wantDx[run*length:][:length], read[float32](t, m, ds, where(run), length), in, "backward_x"+long)
			}
		}
		sums, result := m.array(), m.array()
		count := 6 * tables.Slots
		room[float64](t, m, sums, count*last, count)
		plan := divide(largeLength, largeGroups, tables.Slots, 6, stride*startSize)
		require.Equal(t, 1, plan.Parts)
		m.launch(t, "ditac", "moments_f32", plan.Blocks, Tile, plan.Shared,
			append(args(sums, xs, gs), uint64(plan.Parts), uint64(plan.PartLength), uint64(tables.Slots))...)
		all := count * largeGroups
		blocks := (all + Tile - 1) / Tile
		first := (blocks - 1) * Tile
		room[float64](t, m, result, first, all-first)
		m.launch(t, "ditac", "reduce_moments", blocks, Tile, 0, result, sums, uint64(count), 1, largeGroups)
		require.Equal(t, read[float64](t, m, sums, first, all-first), read[float64](t, m, result, first, all-first))
	}
}

func TestLargeExact(t *testing.T) {
	const last, part = largeGroups - 1, table.PartSize
	tabs := tablesOf(t, curve.DiTAC, 10, 1, 1)
	layout, ok := tabs[0].Exact().Layout()
	require.True(t, ok)
	exact := PackExact([]*table.ExactLayout{layout})
	x, up := make([]float64, largeLength), make([]float64, largeLength)
	for i := range x {
		x[i], up[i] = float64(i)/64-4, 1
	}
	m := &far{Memory: ptxsim.NewMemory()}
	heads, starts, parts, xs, gs, ys, sums := m.array(), m.array(), m.array(), m.array(), m.array(), m.array(), m.array()
	stride := exact.Stride
	window(t, m, heads, 2*last, exact.Data[:2])
	window(t, m, starts, stride*last, exact.Data[2:2+stride])
	window(t, m, parts, part*stride*last, exact.Data[2+stride:])
	window(t, m, xs, largeLength*last, x)
	window(t, m, gs, largeLength*last, up)
	room[float64](t, m, ys, largeLength*last, largeLength)
	count := table.SumsSize * exact.Slots
	room[float64](t, m, sums, count*last, count)
	args := func(before ...uint64) []uint64 {
		return append(before, upload(m.Memory, Normals(), 0), heads, starts, parts, uint64(stride), largeLength, 1, largeGroups)
	}
	m.launch(t, "exact", "forward_exact_f64", largeGroups, Tile, exact.Shared(), args(ys, xs, 0)...)
	for i, y := range read[float64](t, m, ys, largeLength*last, largeLength) {
		require.InDelta(t, tabs[0].Exact().Value(x[i]), y, 1e-12)
	}
	m.launch(t, "exact", "backward_x_exact_f64", largeGroups, Tile, exact.Shared(), args(ys, xs, gs)...)
	plan := divide(largeLength, largeGroups, exact.Slots, table.SumsSize, exact.Shared())
	m.launch(t, "exact", "moments_exact_f64", plan.Blocks, Tile, plan.Shared,
		append(args(sums, xs, gs), uint64(plan.Parts), uint64(plan.PartLength), uint64(exact.Slots))...)
	require.Len(t, read[float64](t, m, sums, count*last, count), count)
}
