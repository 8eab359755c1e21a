package ptxsim

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemory(t *testing.T) {
	m := NewMemory()
	a, b := m.Alloc(100), Upload(m, []int32{-1, 5})
	require.Zero(t, a%256)
	require.GreaterOrEqual(t, b, a+100+256)
	data, err := m.Bytes(a, 100)
	require.NoError(t, err)
	require.Equal(t, Poison, binary.LittleEndian.Uint32(data[96:]))
	ints, err := Download[int32](m, b, 2)
	require.NoError(t, err)
	require.Equal(t, []int32{-1, 5}, ints)
	for _, bad := range []struct {
		at   uint64
		size int
	}{{a, 101}, {a - 1, 1}, {a + 100, 1}, {0, 1}, {a, -1}} {
		_, err = m.Bytes(bad.at, bad.size)
		require.ErrorContains(t, err, "not in one allocation", "%+v", bad)
	}
	none, err := m.Bytes(0, 0)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = Download[float64](m, b, 2)
	require.Error(t, err)

	require.NoError(t, m.Map(16, make([]byte, 16)))
	require.ErrorContains(t, m.Map(31, make([]byte, 4)), "0x1f overlap")
	require.ErrorContains(t, m.Map(8, make([]byte, 9)), "overlap")
	require.ErrorContains(t, m.Map(math.MaxUint64-3, make([]byte, 8)), "overlap")
	require.NoError(t, m.Map(32, make([]byte, 4)))
	require.NoError(t, m.Free(16))
	require.ErrorContains(t, m.Free(16), "0x10 is not the start")
	require.ErrorContains(t, m.Free(33), "not the start")
	_, err = m.Bytes(16, 1)
	require.Error(t, err)
}

func TestUploadDownload(t *testing.T) {
	m := NewMemory()
	requireRoundTrip(t, m, []float32{1, -2})
	requireRoundTrip(t, m, []float64{math.Pi, math.Inf(-1)})
	requireRoundTrip(t, m, []int32{math.MinInt32})
	requireRoundTrip(t, m, []uint32{math.MaxUint32})
	requireRoundTrip(t, m, []int64{math.MinInt64, 3})
	requireRoundTrip(t, m, []uint64{math.MaxUint64})
	requireRoundTrip(t, m, []float32{})
}

func requireRoundTrip[T Number](t *testing.T, m *Memory, x []T) {
	t.Helper()
	got, err := Download[T](m, Upload(m, x), len(x))
	require.NoError(t, err)
	require.Equal(t, x, got)
}

// TestPoison: the poison is NaN in both types.
func TestPoison(t *testing.T) {
	x := math.Float32frombits(Poison)
	require.NotEqual(t, x, x)
	require.True(t, math.IsNaN(math.Float64frombits(poison64)))
}
