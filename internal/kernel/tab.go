package kernel

import "math"

// Tab is a curve y(x) of float32 numbers. For lo ≤ x < hi it is given by pieces;
// outside, y = LoSlope·x and y = HiSlope·x + HiOffset.
type Tab struct {
	Scale  float32 // bins per unit of x, a power of two
	First  int32   // number of the first bin, which starts at First/Scale = Lo
	Lo, Hi float32

	// A slope that is NaN leaves its side to the caller: see Forward.
	LoSlope, HiSlope, HiOffset float32
	// LoMin is −Inf, or −MaxFloat32 where LoSlope is 0: y(−Inf) is then −0.
	LoMin float32

	// Outside, Moments reports elements x < OddBelow, x ≥ OddAbove and NaN.
	OddBelow, OddAbove float32

	Bins   []Bin
	Pieces []Piece
}

// Bin is one interval of the coarse grid: the places where the second, third and fourth of
// the pieces in it begin (+Inf where there is none), and the index of the first.
type Bin struct {
	Kink  [MaxKinks]float32
	Piece uint32
}

// MaxKinks is the largest number of breakpoints in a bin.
const MaxKinks = 3

// Piece is the polynomial of a piece: τ = (x − center)·perUnit, which runs from −½ to
// ½, and y = Σ c_k·τ^k for k from 0 to 5, with the center at 6 and perUnit at 7. One
// whose c_k are NaN is left to the caller: see Forward.
type Piece [8]float32

// NaNPiece is a piece that is left to the caller.
var NaNPiece = Piece{nan, nan, nan, nan, nan, nan, 0, 0}

var nan = float32(math.NaN())

// SetTails sets the tails of the curve, and whether elements there are odd to
// Moments; NaN and +Inf always are.
func (t *Tab) SetTails(loSlope, hiSlope, hiOffset float32, oddBelow, oddAbove bool) {
	t.OddBelow, t.OddAbove = float32(math.Inf(-1)), float32(math.Inf(1))
	if oddBelow {
		t.OddBelow = t.Lo
	}
	if oddAbove {
		t.OddAbove = t.Hi
	}
	t.LoSlope, t.HiSlope, t.HiOffset = loSlope, hiSlope, hiOffset
	t.LoMin = float32(math.Inf(-1))
	if loSlope == 0 {
		t.LoMin = -math.MaxFloat32
	}
}

// inside reports whether x has a piece.
func (t *Tab) inside(x float32) bool { return x >= t.Lo && x < t.Hi }

// Locate returns the index of x's piece; Lo ≤ x < Hi. The breakpoints are counted
// without branches, which could not be predicted.
func (t *Tab) Locate(x float32) uint32 {
	return t.Bins[int32(math.Floor(float64(x*t.Scale)))-t.First].piece(x)
}

// piece returns the index of x's piece, x being in the bin.
func (b *Bin) piece(x float32) uint32 {
	return b.Piece + btou(x >= b.Kink[0]) + btou(x >= b.Kink[1]) + btou(x >= b.Kink[2])
}

func btou(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// Value returns y(x).
func (p *Piece) Value(x float32) float32 { return p.value(p.Tau(x)) }

// Slope returns y′(x).
func (p *Piece) Slope(x float32) float32 { return p.slope(p.Tau(x)) }

// Tau returns τ.
func (p *Piece) Tau(x float32) float32 { return (x - p[6]) * p[7] }

// The conversions in the following forbid fused multiply-adds, so that all
// machines and the assembly give the same bits. The order of the operations
// shortens the chain of dependent ones.

// value returns y.
func (p *Piece) value(t float32) float32 {
	t2 := t * t
	y := p[4] + float32(p[5]*t)
	y = (p[2] + float32(p[3]*t)) + float32(y*t2)
	return (p[0] + float32(p[1]*t)) + float32(y*t2)
}

// slope returns dy/dx.
func (p *Piece) slope(t float32) float32 {
	t2 := t * t
	d := (float32(3*p[3]) + float32(float32(4*p[4])*t)) + float32(float32(5*p[5])*t2)
	d = (p[1] + float32(float32(2*p[2])*t)) + float32(d*t2)
	return d * p[7]
}
