package tensorboard

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bytes"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"gorgonia.org/gorgonia"
)

// fields are those of a message, by number, as google.golang.org/protobuf reads them.
type fields map[protowire.Number][]any

func parse(t *testing.T, b []byte) fields {
	f := fields{}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		require.Positive(t, n)
		b = b[n:]
		var x any
		switch kind {
		case protowire.VarintType:
			x, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			x = math.Float32frombits(v)
		case protowire.Fixed64Type:
			var v uint64
			v, n = protowire.ConsumeFixed64(b)
			x = math.Float64frombits(v)
		case protowire.BytesType:
			x, n = protowire.ConsumeBytes(b)
		}
		require.Positive(t, n)
		b = b[n:]
		f[number] = append(f[number], x)
	}
	return f
}

// read returns the events of the one file of a folder, whose checksums it checks by their
// definition: rotated right by 15 bits, plus a constant.
func read(t *testing.T, dir string) []fields {
	paths, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	require.NoError(t, err)
	require.Len(t, paths, 1)
	b, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	sum := func(b []byte) uint32 {
		crc := uint64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		return uint32((crc>>15 | crc<<17&0xffffffff) + 0xa282ead8)
	}
	var events []fields
	for len(b) > 0 {
		n := binary.LittleEndian.Uint64(b)
		require.Equal(t, sum(b[:8]), binary.LittleEndian.Uint32(b[8:]))
		data := b[12 : 12+n]
		require.Equal(t, sum(data), binary.LittleEndian.Uint32(b[12+n:]))
		events = append(events, parse(t, data))
		b = b[16+n:]
	}
	require.Equal(t, "brain.Event:2", string(events[0][3][0].([]byte)))
	return events[1:]
}

// value returns the tag and the value of an event's summary.
func value(t *testing.T, event fields) (string, fields) {
	f := parse(t, parse(t, event[5][0].([]byte))[1][0].([]byte))
	return string(f[1][0].([]byte)), f
}

// TestMasked: the checksum of "123456789" is 0xe3069283 in every table of CRC-32C.
func TestMasked(t *testing.T) {
	crc := uint32(0xe3069283)
	require.Equal(t, (crc>>15|crc<<17)+0xa282ead8, masked([]byte("123456789")))
}

// TestWriter reads back what was written.
func TestWriter(t *testing.T) {
	dir := t.TempDir()
	w, err := NewWriter(dir)
	require.NoError(t, err)
	require.NoError(t, w.Scalar("a", 7, 1.5))
	require.NoError(t, w.Histogram("h", 8, []float32{1, 3, 2, 3, float32(math.NaN())}))
	require.NoError(t, w.Histogram("none", 8, []float32{float32(math.Inf(1))}))
	require.NoError(t, w.Histogram("same", 8, []float32{2, 2}))
	require.NoError(t, w.Image("i", 9, image.NewNRGBA(image.Rect(0, 0, 3, 2))))
	require.ErrorContains(t, w.Scalar("", 1, 1), `tag is ""`)
	require.ErrorContains(t, w.Scalar("a", -1, 1), "step -1")
	require.ErrorContains(t, w.Image("i", 1, nil), "nil")
	require.NoError(t, w.Close())
	require.NoError(t, w.Close())
	require.ErrorContains(t, w.Scalar("a", 1, 1), "closed")

	events := read(t, dir)
	require.Len(t, events, 4)
	tag, v := value(t, events[0])
	require.Equal(t, "a", tag)
	require.Equal(t, uint64(7), events[0][2][0])
	require.Equal(t, float32(1.5), v[2][0])
	_, v = value(t, events[1])
	h := parse(t, v[5][0].([]byte))
	require.Equal(t, []any{1., 3., 4., 9., 23.}, []any{h[1][0], h[2][0], h[3][0], h[4][0], h[5][0]}) // by hand
	limits, counts := h[6][0].([]byte), h[7][0].([]byte)
	require.Len(t, limits, 8*buckets)
	at := func(b []byte, i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])) }
	require.Equal(t, []float64{1, 1, 2}, []float64{at(counts, 0), at(counts, buckets/2), at(counts, buckets-1)})
	require.Equal(t, 3., at(limits, buckets-1))
	_, v = value(t, events[3])
	i := parse(t, v[4][0].([]byte))
	require.Equal(t, []any{uint64(2), uint64(3)}, []any{i[1][0], i[2][0]})
	_, err = png.Decode(bytes.NewReader(i[4][0].([]byte)))
	require.NoError(t, err)
}

// TestLog: the file of a training has what its result has.
func TestLog(t *testing.T) {
	dir := t.TempDir()
	s := &data.Set{XShape: []int{1}, YShape: []int{1}}
	for i := range 32 {
		x := float64(i)/16 - 1
		s.X, s.Y = append(s.X, float32(x)), append(s.Y, float32(x*x))
	}
	r, err := train.Fit(context.Background(), train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 8, 1}, Activation: models.DiTAC(), Seed: 1})
		},
		Loss: models.MSE, Train: s, Valid: s, Batch: 16, Steps: 10, EvalEvery: 5,
		Metrics: []train.Metric{train.R2()}, Observers: []train.Observer{Log(dir)},
	})
	require.NoError(t, err)
	seen := map[string][]float32{}
	for _, e := range read(t, dir) {
		tag, v := value(t, e)
		var x float32
		if len(v[2]) > 0 {
			x = v[2][0].(float32)
		}
		seen[tag] = append(seen[tag], x)
	}
	require.Equal(t, []float32{float32(r.History[0].ValidLoss), float32(r.History[1].ValidLoss)}, seen["valid_loss"])
	require.Equal(t, float32(r.Best.Metrics[0]), slices.Max(seen["metrics/r2"]))
	for _, name := range []string{"loss", "mlp.0.activation/theta", "mlp.0.activation/gradient", "mlp.0.activation/in_domain", "mlp.0.activation/inputs"} {
		require.NotEmpty(t, seen[name], name)
	}
}

// TestResumed: a training that goes on at step 30 begins with a SessionLog of status START, 1,
// at that step, by which TensorBoard voids what older files have after it.
func TestResumed(t *testing.T) {
	dir := t.TempDir()
	o := Log(dir)
	require.NoError(t, o.Observe(train.Event{Kind: train.Started, Step: 30, Resumed: true}))
	require.NoError(t, o.Observe(train.Event{Kind: train.Stepped, Step: 31, Loss: 0.5}))
	require.NoError(t, o.Observe(train.Event{Kind: train.Ended, Step: 31}))
	events := read(t, dir)
	require.Len(t, events, 2)
	require.Equal(t, uint64(30), events[0][2][0])
	require.Equal(t, fields{1: {uint64(1)}}, parse(t, events[0][7][0].([]byte)))
	tag, v := value(t, events[1])
	require.Equal(t, "loss", tag)
	require.Equal(t, float32(0.5), v[2][0])
}
