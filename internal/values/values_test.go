package values

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "go4.org/unsafe/assume-no-moving-gc" // lets Gorgonia start
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"
)

// layout is a value of a certain memory layout and its numbers in row-major order.
type layout struct {
	name   string
	value  func(dt tensor.Dtype) gorgonia.Value
	want   []float64
	direct bool
}

// counting returns a tensor of the numbers 0, 1, … in memory order.
func counting(dt tensor.Dtype, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(tensor.Range(dt, 0, tensor.Shape(shape).TotalSize())))
}

// columnMajor returns counting's tensor in column-major order. AsFortran takes the
// numbers in row-major order.
func columnMajor(dt tensor.Dtype, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.AsFortran(tensor.Range(dt, 0, tensor.Shape(shape).TotalSize())))
}

func transposed(t *tensor.Dense, axes ...int) *tensor.Dense {
	if err := t.T(axes...); err != nil {
		panic(err)
	}
	return t
}

func sliced(t *tensor.Dense, s ...tensor.Slice) *tensor.Dense {
	v, err := t.Slice(s...)
	if err != nil {
		panic(err)
	}
	return v.(*tensor.Dense)
}

var layouts = []layout{
	{"scalar", func(dt tensor.Dtype) gorgonia.Value {
		if dt == tensor.Float32 {
			return gorgonia.NewF32(3)
		}
		return gorgonia.NewF64(3)
	}, []float64{3}, true},
	{"rank 0", func(dt tensor.Dtype) gorgonia.Value {
		if dt == tensor.Float32 {
			return tensor.New(tensor.FromScalar(float32(3)))
		}
		return tensor.New(tensor.FromScalar(3.))
	}, []float64{3}, true},
	{"vector", func(dt tensor.Dtype) gorgonia.Value { return counting(dt, 4) }, []float64{0, 1, 2, 3}, true},
	{"one element", func(dt tensor.Dtype) gorgonia.Value { return counting(dt, 1) }, []float64{0}, true},
	{"matrix", func(dt tensor.Dtype) gorgonia.Value { return counting(dt, 2, 2) }, []float64{0, 1, 2, 3}, true},
	{"rank 4", func(dt tensor.Dtype) gorgonia.Value { return counting(dt, 1, 2, 1, 2) }, []float64{0, 1, 2, 3}, true},
	{"transposed", func(dt tensor.Dtype) gorgonia.Value { return transposed(counting(dt, 2, 3)) }, []float64{0, 3, 1, 4, 2, 5}, false},
	{"permuted", func(dt tensor.Dtype) gorgonia.Value { return transposed(counting(dt, 2, 1, 3), 2, 0, 1) }, []float64{0, 3, 1, 4, 2, 5}, false},
	{"transposed column", func(dt tensor.Dtype) gorgonia.Value { return transposed(counting(dt, 3, 1)) }, []float64{0, 1, 2}, true},
	{"rows", func(dt tensor.Dtype) gorgonia.Value { return sliced(counting(dt, 3, 2), tensor.S(1, 3)) }, []float64{2, 3, 4, 5}, true},
	{"column", func(dt tensor.Dtype) gorgonia.Value { return sliced(counting(dt, 3, 2), nil, tensor.S(1)) }, []float64{1, 3, 5}, false},
	{"block", func(dt tensor.Dtype) gorgonia.Value {
		return sliced(counting(dt, 3, 4), tensor.S(1, 3), tensor.S(1, 3))
	}, []float64{5, 6, 9, 10}, false},
	{"element", func(dt tensor.Dtype) gorgonia.Value { return sliced(counting(dt, 3, 2), tensor.S(2), tensor.S(1)) }, []float64{5}, true},
	{"steps", func(dt tensor.Dtype) gorgonia.Value { return sliced(counting(dt, 6), tensor.S(0, 6, 2)) }, []float64{0, 2, 4}, false},
	{"rows of a transposed", func(dt tensor.Dtype) gorgonia.Value {
		return sliced(transposed(counting(dt, 2, 3)), tensor.S(1, 3))
	}, []float64{1, 4, 2, 5}, false},
	{"column-major", func(dt tensor.Dtype) gorgonia.Value { return columnMajor(dt, 2, 3) }, []float64{0, 1, 2, 3, 4, 5}, false},
	{"column-major vector", func(dt tensor.Dtype) gorgonia.Value { return columnMajor(dt, 3) }, []float64{0, 1, 2}, true},
	{"column-major column", func(dt tensor.Dtype) gorgonia.Value { return columnMajor(dt, 3, 1) }, []float64{0, 1, 2}, true},
	{"column-major row", func(dt tensor.Dtype) gorgonia.Value { return columnMajor(dt, 1, 3) }, []float64{0, 1, 2}, true},
	{"column-major 1×1", func(dt tensor.Dtype) gorgonia.Value { return columnMajor(dt, 1, 1) }, []float64{0}, true},
	{"transposed column-major", func(dt tensor.Dtype) gorgonia.Value {
		return transposed(columnMajor(dt, 2, 3))
	}, []float64{0, 3, 1, 4, 2, 5}, true},
}

func TestLayouts(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			testLayout[float32](t, tensor.Float32, l)
			testLayout[float64](t, tensor.Float64, l)
		})
	}
}

func testLayout[T Float](t *testing.T, dt tensor.Dtype, l layout) {
	t.Helper()
	want := Convert[T](l.want)
	v := l.value(dt)

	got, err := Elements[T](v)
	require.NoError(t, err)
	require.Equal(t, want, got, "Elements")
	f, err := Float64s(v)
	require.NoError(t, err)
	require.Equal(t, l.want, f, "Float64s")
	f[0] = -1 // a copy
	direct, ok := Direct[T](v)
	require.Equal(t, l.direct, ok, "Direct")
	if ok {
		require.Equal(t, want, direct)
		direct[0] = 42
		got, err = Elements[T](v)
		require.NoError(t, err)
		require.Equal(t, T(42), got[0], "Direct is not the value's memory")
		direct[0] = want[0]
	}

	add := make([]T, len(want))
	sum := make([]T, len(want))
	for i := range add {
		add[i] = T(10*i + 1)
		sum[i] = want[i] + add[i]
	}
	require.NoError(t, Accumulate(v, add))
	got, err = Elements[T](v)
	require.NoError(t, err)
	require.Equal(t, sum, got, "Accumulate")
	require.NoError(t, Store(v, add))
	got, err = Elements[T](v)
	require.NoError(t, err)
	require.Equal(t, add, got, "Store")

	require.ErrorContains(t, Store(v, append(add, 1)), "numbers for a value of shape")
	require.ErrorContains(t, Accumulate(v, add[1:]), "numbers for a value of shape")
	got, err = Elements[T](v)
	require.NoError(t, err)
	require.Equal(t, add, got, "a refused write changed the value")
}

// TestViewsWriteThrough: a write to a view changes the viewed tensor there and
// nowhere else.
func TestViewsWriteThrough(t *testing.T) {
	base := counting(tensor.Float64, 3, 4)
	require.NoError(t, Store(sliced(base, tensor.S(1, 3), tensor.S(1, 3)), []float64{-1, -2, -3, -4}))
	require.Equal(t, []float64{0, 1, 2, 3, 4, -1, -2, 7, 8, -3, -4, 11}, base.Data())
	require.NoError(t, Accumulate(sliced(base, tensor.S(0), tensor.S(3)), []float64{0.5}))
	require.Equal(t, 3.5, base.Data().([]float64)[3])
}

// TestElementsMatchesAt compares random layouts with the tensor's own indexing.
func TestElementsMatchesAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// At least 2 along each axis: package tensor drops axes of length 1 from slices
		// and strides.
		shape := rapid.SliceOfN(rapid.IntRange(2, 4), 2, 4).Draw(t, "shape")
		v := counting(tensor.Float64, shape...)
		if rapid.Bool().Draw(t, "column-major") {
			v = columnMajor(tensor.Float64, shape...)
		}
		if rapid.Bool().Draw(t, "transposed") {
			axes := make([]int, len(shape))
			for i := range axes {
				axes[i] = i
			}
			require.NoError(t, v.T(rapid.Permutation(axes).Draw(t, "axes")...))
		}
		slices := make([]tensor.Slice, len(shape))
		sub := v.Shape().Clone()
		for k, n := range v.Shape() {
			if n > 2 && rapid.Bool().Draw(t, "slice") {
				from := rapid.IntRange(0, n-2).Draw(t, "from")
				slices[k] = tensor.S(from, from+2)
				sub[k] = 2
			}
		}
		v = sliced(v, slices...)
		require.Equal(t, []int(sub), []int(v.Shape()))
		got, err := Elements[float64](v)
		require.NoError(t, err)
		at := make([]int, len(sub))
		for i, e := range got {
			for k, rest := len(sub)-1, i; k >= 0; k-- {
				at[k], rest = rest%sub[k], rest/sub[k]
			}
			want, err := v.At(at...)
			require.NoError(t, err)
			require.Equal(t, want, e, "at %v", at)
		}
	})
}

func TestWrongType(t *testing.T) {
	ints := tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{1, 2}))
	f32 := counting(tensor.Float32, 2)
	for _, c := range []struct {
		name string
		v    gorgonia.Value
		want string
	}{
		{"nil", nil, "no value"},
		{"scalar", gorgonia.NewF32(1), "dtype float32 does not hold float64"},
		{"tensor", f32, "dtype float32 does not hold float64"},
		{"transposed", transposed(counting(tensor.Float32, 2, 3)), "dtype float32 does not hold float64"},
		{"ints", ints, "dtype int does not hold float64"},
		{"int", gorgonia.NewI(1), "dtype int does not hold float64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Elements[float64](c.v)
			require.ErrorContains(t, err, c.want)
			_, ok := Direct[float64](c.v)
			require.False(t, ok)
			require.ErrorContains(t, Store(c.v, []float64{1, 2}), c.want)
			require.ErrorContains(t, Accumulate(c.v, []float64{1, 2}), c.want)
		})
	}
	_, err := Float64s(nil)
	require.ErrorContains(t, err, "no value")
	_, err = Float64s(ints)
	require.ErrorContains(t, err, "int")
}

func TestNew(t *testing.T) {
	require.Equal(t, gorgonia.NewF32(0), New(tensor.Float32, tensor.ScalarShape()))
	require.Equal(t, gorgonia.NewF64(0), New(tensor.Float64, tensor.ScalarShape()))
	shape := tensor.Shape{2, 3}
	v := New(tensor.Float32, shape)
	shape[0] = 7
	require.Equal(t, tensor.Shape{2, 3}, v.Shape())
	require.Equal(t, make([]float32, 6), v.Data())
}

func TestDense(t *testing.T) {
	x := []float64{1, math.Pi}
	d64, d32 := Dense(tensor.Float64, tensor.Shape{2, 1}, x), Dense(tensor.Float32, tensor.Shape{2, 1}, x)
	x[0] = -1
	assert.Equal(t, []float64{1, math.Pi}, d64.Data())
	assert.Equal(t, []float32{1, math.Pi}, d32.Data())
	assert.Equal(t, tensor.Shape{2, 1}, d32.Shape())
}

// TestAddGradient adds to the gradients that a LispMachine holds.
func TestAddGradient(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		g := gorgonia.NewGraph()
		x := gorgonia.NewVector(g, dt, gorgonia.WithShape(3), gorgonia.WithName("x"), gorgonia.WithValue(counting(dt, 3)))
		gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(x))))
		vm := gorgonia.NewLispMachine(g)
		require.NoError(t, vm.RunAll())
		require.NoError(t, AddGradient(x, Dense(dt, tensor.Shape{3}, []float64{0.5, 0.25, 0})))
		grad, err := x.Grad()
		require.NoError(t, err)
		got, err := Float64s(grad)
		require.NoError(t, err)
		require.Equal(t, []float64{0.5, 2.25, 4}, got) // 2x and what was added
		require.ErrorContains(t, AddGradient(x, Dense(dt, tensor.Shape{2}, []float64{1, 2})), "gradient: 2 numbers for a value of shape (3)")
		require.ErrorContains(t, AddGradient(x, tensor.New(tensor.WithShape(3), tensor.WithBacking([]int{1, 2, 3}))), "int")
		require.NoError(t, vm.Close())
	}
	x := gorgonia.NewVector(gorgonia.NewGraph(), tensor.Float64, gorgonia.WithShape(3), gorgonia.WithName("x"))
	require.Error(t, AddGradient(x, counting(tensor.Float64, 3)), "the node has no gradient to add to")
}

func TestDtypes(t *testing.T) {
	for dt, name := range map[tensor.Dtype]string{tensor.Float32: "float32", tensor.Float64: "float64", tensor.Int: "int", {}: "none"} {
		require.Equal(t, name, DtypeName(dt))
		require.Equal(t, name == "float32" || name == "float64", IsFloat(dt))
	}
}
