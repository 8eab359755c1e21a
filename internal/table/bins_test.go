package table

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/internal/shape/shapetest"
)

// TestBins: the kernels do not check bounds, so every element between Lo and Hi must
// have a bin, and every bin pieces that exist.
func TestBins(t *testing.T) {
	scales := []float64{0, 0.1, 0.5, 1, 2, 4, 8}
	for id := range uint64(7000) {
		rng := rand.New(rand.NewPCG(id, 2))
		v := shapetest.Variants()[id%uint64(len(shapetest.Variants()))]
		scale := scales[id/uint64(len(shapetest.Variants()))%uint64(len(scales))]
		cells := 2 + rng.IntN(29)
		c := shapetest.Default(t, v, cells)
		tab, err := newTable(c, shapetest.PriorTheta(t, c, id, scale), DefaultTolerance)
		if err != nil {
			t.Fatal(err)
		}
		k := &tab.tab
		for i, b := range k.Bins {
			last := b.Piece
			for _, kink := range b.Kink {
				if !math.IsInf(float64(kink), 1) {
					last++
				}
			}
			if int(last) >= len(k.Pieces) {
				t.Errorf("θ %d: %v, %d cells, prior ×%v: bin %d has piece %d of %d", id, v, cells, scale, i, last, len(k.Pieces))
			}
		}
		lo := int32(math.Floor(float64(k.Lo*k.Scale))) - k.First
		hi := int32(math.Floor(float64(math.Nextafter32(k.Hi, -9e9)*k.Scale))) - k.First
		if lo != 0 || int(hi) != len(k.Bins)-1 {
			t.Errorf("θ %d: %v, %d cells, prior ×%v: bins %d to %d of %d", id, v, cells, scale, lo, hi, len(k.Bins))
		}
	}
}
