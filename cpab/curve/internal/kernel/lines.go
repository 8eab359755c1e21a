package kernel

import "math"

// Lines are a curve of straight lines on a fine grid, as wide as the Tab that it
// replaces: of its fields, the range and the tails are used, and Scale and First,
// which are those of the lines.
type Lines struct {
	Tab
	Line []Line
}

// Line is y at the start of a cell of the grid and how much it grows to its end; NaN
// if it is left to the caller.
type Line [2]float32

// Forward is Tab.Forward.
func (l *Lines) Forward(dst, x []float32) (odd bool) {
	dst = dst[:len(x)]
	n := len(x) &^ (lanes - 1)
	if !useAVX2 || n == 0 {
		return l.forwardGeneric(dst, x)
	}
	odd = linesAVX2(&dst[0], &x[0], n, &l.Scale, &l.Line[0][0]) != 0
	return l.forwardGeneric(dst[n:], x[n:]) || odd
}

// forwardGeneric is Forward's specification.
func (l *Lines) forwardGeneric(dst, x []float32) (odd bool) {
	for i, v := range x {
		y := float32(0)
		switch {
		case l.inside(v):
			u := v * l.Scale
			floor := math.Floor(float64(u))
			p := &l.Line[int32(floor)-l.First]
			y = p[0] + float32(p[1]*(u-float32(floor)))
		default:
			y = l.tail(v)
		}
		odd = odd || y != y
		dst[i] = y
	}
	return odd
}
