package ptx

import (
	"math"

	"github.com/ditac-go/ditac/internal/table"
)

// Tables are the tables of an activation's groups as the kernels of the module ditac
// take them: heads, starts and pieces of all groups one behind the other (see
// ditac.cu).
type Tables struct {
	Groups int
	Stride int // starts, and pieces, of each group: a power of two
	Slots  int // moments of each group: one more than the longest table has pieces
	Data   []float32
}

// Sizes in bytes.
const (
	headSize  = 8 * 4
	pieceSize = 8 * 4
	startSize = 4

	// momentsShared and exactMomentsShared are what moments_f32 and moments_exact_f64 have
	// of shared memory beside the starts: a piece, τ and gradient, or a part and its terms,
	// for each thread.
	momentsShared      = Tile * 3 * 4
	exactMomentsShared = Tile * (4 + 8*table.SumsSize)

	// MaxShared is how much shared memory a block has on every GPU.
	MaxShared = 48 << 10
)

// Tile is the number of threads of a block that the kernels want.
const Tile = 256

// Pack returns the tables of some layouts, one for each group.
func Pack(layouts []table.Layout) Tables {
	t := Tables{Groups: len(layouts), Stride: 1}
	for _, l := range layouts {
		t.Slots = max(t.Slots, len(l.Starts)+1)
		for t.Stride < len(l.Starts) {
			t.Stride *= 2
		}
	}
	t.Data = make([]float32, t.Groups*(headSize+t.Stride*(startSize+pieceSize))/4)
	for g, l := range layouts {
		moves := float32(0)
		if l.HiMoves {
			moves = 1
		}
		copy(t.Data[8*g:], []float32{l.Lo, l.Hi, l.LoSlope, l.LoMin, l.HiSlope, l.HiOffset, float32(len(l.Starts)), moves})
		starts := t.Data[t.starts()/4+g*t.Stride:][:t.Stride]
		for k := copy(starts, l.Starts); k < len(starts); k++ {
			starts[k] = float32(math.Inf(1))
		}
		copy(t.Data[t.pieces()/4+8*g*t.Stride:], l.Pieces)
	}
	return t
}

// starts and pieces are where these lie in Data, in bytes.
func (t *Tables) starts() int { return t.Groups * headSize }
func (t *Tables) pieces() int { return t.starts() + t.Groups*t.Stride*startSize }

// Addresses returns where heads, starts and pieces lie if Data lies at an address.
func (t *Tables) Addresses(data uint64) (heads, starts, pieces uint64) {
	return data, data + uint64(t.starts()), data + uint64(t.pieces())
}

// Elementwise returns the kernel of the module ditac for a pass, "forward" or
// "backward_x", and the bytes of shared memory that it wants.
func (t *Tables) Elementwise(pass string) (kernel string, shared int) {
	if all := t.Stride * (startSize + pieceSize); all <= MaxShared {
		return pass + "_f32", all
	}
	return pass + "_long_f32", t.Stride * startSize
}

// Fits says whether a block has enough shared memory on every GPU for all kernels: the
// starts of the pieces, beside what moments_f32 notes of each element of a tile.
func (t *Tables) Fits() bool { return t.Stride*startSize+momentsShared <= MaxShared }

// Blocks returns how many blocks a pass takes for n elements of each group: enough for
// four elements to each thread, few enough for the table's way into shared memory to be
// short beside the elements'.
func (t *Tables) Blocks(n int) int {
	const most = 1 << 10
	return t.Groups * min(max((n+4*Tile-1)/(4*Tile), 1), max(most/t.Groups, 1))
}

// Moments is how the kernels of the gradient to θ divide their work.
type Moments struct {
	Blocks     int
	Parts      int // of each group's elements
	PartLength int // elements, a multiple of Tile
	Shared     int // bytes of shared memory
	Count      int // numbers for each group
	Sums       int // and that are written for all parts, float64
	Result     int // and that reduce_moments leaves
}

// Moments divides n elements of each group.
func (t *Tables) Moments(n int) Moments { return divide(n, t.Groups, t.Slots, 6, t.Stride*startSize) }

// divide divides n elements of each group, whose slots have terms numbers each.
func divide(n, groups, slots, terms, shared int) Moments {
	const shortest, most = 16 * Tile, 512
	parts := min(max((n+shortest-1)/shortest, 1), max(most/groups, 1))
	length := ((n+parts-1)/parts + Tile - 1) / Tile * Tile
	windows := (slots + Tile - 1) / Tile
	m := Moments{Blocks: groups * parts * windows, Parts: parts, PartLength: max(length, Tile), Shared: shared, Count: terms * slots}
	m.Result = groups * m.Count
	m.Sums = parts * m.Result
	return m
}
