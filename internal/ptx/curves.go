package ptx

// Curves says how the curves of an activation lie in a GPU's memory, one for each θ, or group
// of elements, and how the kernels of the modules curves and ditac divide their work.
type Curves struct {
	Groups int
	Cells  int
	Dim    int  // parameters of a θ
	Double bool // elements are float64, else float32
}

// Tile is the number of threads of a block that the kernels want.
const Tile = 256

const (
	// partsHead and partNumbers are the numbers that a curve, and each of its parts, takes:
	// see parts.cuh. A part's Way has wayNumbers.
	partsHead, partNumbers, wayNumbers = 4, 6, 12

	// fieldHead are the numbers of a field before its θ.
	fieldHead = 2

	// terms are the sums of a part.
	terms = 6

	// MaxShared is how much shared memory a block has on every GPU, of which
	// momentsShared is what kernels have beside the tree of a curve.
	MaxShared     = 48 << 10
	momentsShared = Tile * (4 + 8*terms + 8)
)

// suffix ends the names of kernels.
func (c *Curves) suffix() string {
	if c.Double {
		return "_f64"
	}
	return "_f32"
}

// number is the size of a number of the elements' type in bytes.
func (c *Curves) number() int {
	if c.Double {
		return 8
	}
	return 4
}

// segments is the number of intervals that a flow is smooth on, empty ones among them.
func (c *Curves) segments() int { return 2*c.Cells + 3 }

// Stride is the number of parts of each curve: a power of two.
func (c *Curves) Stride() int {
	stride := 1
	for stride < c.segments() {
		stride *= 2
	}
	return stride
}

// slots are the sums of each group, terms numbers each: one for every segment, and one for the
// elements that are lost.
func (c *Curves) slots() int { return c.segments() + 1 }

// parts is the number of numbers of a curve's parts.
func (c *Curves) parts() int { return partsHead + partNumbers*c.Stride() }

// Sizes returns how many bytes the fields, parts and ways of all curves take, each a multiple
// of 16.
func (c *Curves) Sizes() (fields, parts, ways int) {
	fields = 8 * (c.Groups*c.field() + c.Groups*c.field()%2)
	return fields, c.number() * c.Groups * c.parts(), c.number() * c.Groups * wayNumbers * c.Stride()
}

// field is the number of numbers of a curve's field: see field.cuh.
func (c *Curves) field() int { return fieldHead + c.Dim + 2*(c.Cells+1) + 4*c.Cells + 4*c.segments() }

// Theta returns where the θ of a group lies in the fields, float64, in bytes.
func (c *Curves) Theta(group int) int { return 8 * (group*c.field() + fieldHead) }

// Make returns the kernel that makes the curves, one block each.
func (c *Curves) Make() (kernel string) { return "curves.make" + c.suffix() }

// Close returns the kernel that ends the gradient to θ, one block for each curve.
func (c *Curves) Close() (kernel string) { return "curves.close" + c.suffix() }

// Elementwise returns the kernel for a pass, "forward" or "backward_x", the bytes of shared
// memory that it wants, and how many blocks it takes for n elements of each group: enough for
// a vector to each thread, few enough for the parts' way into shared memory to be short beside
// the elements'.
func (c *Curves) Elementwise(pass string, n int) (kernel string, shared, blocks int) {
	const most = 1 << 10
	each := Tile * 16 / c.number()
	blocks = c.Groups * min(max((n+each-1)/each, 1), max(most/c.Groups, 1))
	if shared = c.number() * c.parts(); shared > MaxShared {
		return "ditac." + pass + "_long" + c.suffix(), 0, blocks
	}
	return "ditac." + pass + c.suffix(), shared, blocks
}

// Moments is how the kernels of the gradient to θ divide their work.
type Moments struct {
	Kernel      string
	Blocks      int
	Shared      int // bytes of shared memory
	Shares      int // of each group's elements
	ShareLength int // elements, a multiple of Tile
	Slots       int
	Owners      int // parts for a block
	Count       int // numbers for each group
	Sums        int // and that are written for all shares, float64
	Result      int // and that reduce_moments leaves

	ReduceBlocks int // of reduce_moments; 0: there is one share
}

// Moments divides n elements of each group.
func (c *Curves) Moments(n int) Moments {
	const shortest, most = 16 * Tile, 512
	return c.divide(n, min(max((n+shortest-1)/shortest, 1), max(most/c.Groups, 1)))
}

// divide divides n elements of each group into shares.
func (c *Curves) divide(n, shares int) Moments {
	length := ((n+shares-1)/shares + Tile - 1) / Tile * Tile
	m := Moments{Kernel: "ditac.moments" + c.suffix(), Shared: c.number() * c.Stride(), Shares: shares, ShareLength: max(length, Tile),
		Slots: c.slots(), Owners: 32, Count: terms * c.slots()}
	for m.Owners < m.Slots && m.Owners < Tile {
		m.Owners *= 2
	}
	if m.Shared+momentsShared > MaxShared {
		m.Kernel, m.Shared = "ditac.moments_long"+c.suffix(), 0
	}
	m.Blocks = c.Groups * shares * ((m.Slots + m.Owners - 1) / m.Owners)
	m.Result = c.Groups * m.Count
	m.Sums = shares * m.Result
	if shares > 1 {
		const columns = 32
		m.ReduceBlocks = (m.Result + columns - 1) / columns
	}
	return m
}
