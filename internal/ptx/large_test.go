package ptx

import (
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/ptxsim"
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
	t.Run("float32", testLarge[float32])
	t.Run("float64", testLarge[float64])
}

func testLarge[T real](t *testing.T) {
	const last, cells = largeGroups - 1, 10
	var w worst
	exact := exactOf(t, curve.DiTAC, cells, 1, 1)
	x, up := elementsFor[T](exact[0], largeLength, 1), make([]T, largeLength)
	for i := range x {
		up[i] = 1
		if x[i] != x[i] || math.IsInf(float64(x[i]), 0) {
			x[i] = 0.5
		}
	}
	c := Curves{Groups: largeGroups, Cells: cells, Dim: exact[0].Dim(), Double: suffix[T]() == "_f64"}
	one := c
	one.Groups = 1
	for _, outer := range []int{1, 128} {
		length := largeLength / outer
		m := &far{Memory: ptxsim.NewMemory()}
		shape, normals := upload(m.Memory, Shape(exact[0].Curve, c.Double), 0), upload(m.Memory, numbers[T](Normals()), 0)
		// Of the last group each array has what one group has.
		array := func(bytes int) uint64 {
			at := m.array()
			require.Zero(t, bytes%4)
			room[float32](t, m, at, bytes/4*last, bytes/4)
			return at
		}
		_, parts, ways := one.Sizes()
		fieldsAt, partsAt, waysAt, faults := array(8*c.field()), array(parts), array(ways), array(4)
		theta, seen := m.array(), m.array()
		window(t, m, theta, c.Dim*last, numbers[T](thetas[exact[0]]))
		window(t, m, seen, c.Dim*last, make([]T, c.Dim))
		m.launch(t, "curves", "make"+suffix[T](), largeGroups, Tile, 0, theta, seen, fieldsAt, partsAt, waysAt, faults, shape, cells, uint64(c.Dim), uint64(c.Stride()))

		xs, gs, ys, ds := m.array(), m.array(), m.array(), m.array()
		where := func(run int) int { return (run*largeGroups + last) * length }
		for run := range outer {
			window(t, m, xs, where(run), x[run*length:][:length])
			window(t, m, gs, where(run), up[run*length:][:length])
			room[T](t, m, ys, where(run), length)
			room[T](t, m, ds, where(run), length)
		}
		args := func(before ...uint64) []uint64 {
			return append(before, normals, shape, uint64(c.Stride()), uint64(length), uint64(outer), largeGroups)
		}
		_, shared, _ := c.Elementwise("forward", largeLength)
		for _, long := range []string{"", "_long"} {
			m.launch(t, "ditac", "forward"+long+suffix[T](), largeGroups, Tile, shared, args(ys, xs, 0, partsAt)...)
			m.launch(t, "ditac", "backward_x"+long+suffix[T](), largeGroups, Tile, shared, args(ds, xs, gs, partsAt)...)
			for run := range outer {
				of := func(at uint64) []T { return read[T](t, m, at, where(run), length) }
				requireJets(t, exact[0], x[run*length:][:length], up[run*length:][:length], of(ys), of(ds), &w)
			}
		}
		plan := c.divide(largeLength, 1)
		sums, dtheta := array(8*plan.Count), array(c.number()*c.Dim)
		for _, long := range []string{"", "_long"} {
			m.launch(t, "ditac", "moments"+long+suffix[T](), plan.Blocks, Tile, plan.Shared,
				append(args(sums, xs, gs, partsAt, waysAt), uint64(plan.Shares), uint64(plan.ShareLength), uint64(plan.Slots), uint64(plan.Owners))...)
		}
		result := m.array()
		blocks := (plan.Result + 31) / 32
		first := (blocks - 1) * 32
		room[float64](t, m, result, first, plan.Result-first)
		m.launch(t, "ditac", "reduce_moments", blocks, Tile, 0, result, sums, uint64(plan.Count), 1, largeGroups)
		require.Equal(t, read[float64](t, m, sums, first, plan.Result-first), read[float64](t, m, result, first, plan.Result-first))
		m.launch(t, "curves", "close"+suffix[T](), largeGroups, Tile, 0, dtheta, sums, fieldsAt, shape, cells, uint64(c.Dim))
		requireGradient(t, exact[0], x, up, read[T](t, m, dtheta, c.Dim*last, c.Dim), &w, "outer %d", outer)
	}
}
