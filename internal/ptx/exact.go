package ptx

import (
	"math"

	"github.com/ditac-go/ditac/internal/table"
)

// Exact are the curves of an activation's groups as the kernels of the module exact take
// them, in float64: heads, starts and parts of all groups one behind the other (see
// exact.cu).
type Exact struct {
	Groups int
	Stride int // starts, and parts, of each group: a power of two
	Slots  int // sums of each group: one more than the longest curve has parts
	Data   []float64
}

// PackExact returns the curves of some layouts, one for each group.
func PackExact(layouts []*table.ExactLayout) Exact {
	t := Exact{Groups: len(layouts), Stride: 1}
	for _, l := range layouts {
		t.Slots = max(t.Slots, len(l.Starts)+1)
		for t.Stride < len(l.Starts) {
			t.Stride *= 2
		}
	}
	t.Data = make([]float64, t.Groups*(2+t.Stride*(1+table.PartSize)))
	for g, l := range layouts {
		copy(t.Data[2*g:], []float64{l.CellWidth, float64(len(l.Starts))})
		starts := t.Data[2*t.Groups+g*t.Stride:][:t.Stride]
		for k := copy(starts, l.Starts); k < len(starts); k++ {
			starts[k] = math.NaN() // no number is at or right of it
		}
		copy(t.Data[t.Groups*(2+t.Stride)+table.PartSize*g*t.Stride:], l.Parts)
	}
	return t
}

// Addresses returns where heads, starts and parts lie if Data lies at an address.
func (t *Exact) Addresses(data uint64) (heads, starts, parts uint64) {
	return data, data + uint64(16*t.Groups), data + uint64(8*t.Groups*(2+t.Stride))
}

// Shared is how many bytes of shared memory the kernels want.
func (t *Exact) Shared() int { return 8 * t.Stride }

// Fits says whether a block has enough shared memory on every GPU for all kernels.
func (t *Exact) Fits() bool { return t.Shared()+exactMomentsShared <= MaxShared }

// Blocks returns how many blocks a pass takes for n elements of each group.
func (t *Exact) Blocks(n int) int {
	const most = 1 << 11
	return t.Groups * min(max((n+Tile-1)/Tile, 1), max(most/t.Groups, 1))
}

// Moments divides n elements of each group for the gradient to θ.
func (t *Exact) Moments(n int) Moments {
	return divide(n, t.Groups, t.Slots, table.SumsSize, t.Shared())
}

// Normals are Φ and Φ′ at the nodes k/64 − 8, which the kernels want.
func Normals() []float64 {
	const reach, nodes = 8, 64
	var t []float64
	for k := range 2*reach*nodes + 1 {
		x := float64(k)/nodes - reach
		t = append(t, math.Erfc(-x/math.Sqrt2)/2, math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
	}
	return t
}
