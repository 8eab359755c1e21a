package data

import (
	"fmt"
	"math"
	"slices"
)

// Scaling maps the numbers v of a column to (v − Shift)/Scale.
type Scaling struct{ Shift, Scale float64 }

// Scaler scales the inputs and targets of sets. It is fitted to the training set and
// applied to all.
//
// A column is a number of the example, or all numbers of a channel of an image, whose
// shape is (channels, height, width).
type Scaler struct {
	// X and Y have a Scaling per column. Y is nil for targets that are left as they
	// are: indices of classes.
	X, Y []Scaling
	// XShape and YShape are the shapes that the scaler fits.
	XShape, YShape []int
}

// FitScaler returns the scaler that gives the columns of X, and those of real targets,
// the mean 0 and the standard deviation 1. A column that is constant is shifted to 0.
func FitScaler(s *Set) (*Scaler, error) { return fit(s, standard) }

// FitRange returns the scaler that maps the least and the greatest number of each
// column of X to −1 and 1, as suits coordinates, and standardises real targets as
// FitScaler does.
func FitRange(s *Set) (*Scaler, error) { return fit(s, span) }

func fit(s *Set, inputs func(column) Scaling) (*Scaler, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	like := s.like()
	f := &Scaler{XShape: like.XShape, YShape: like.YShape}
	for _, c := range columns(s.X, s.XShape) {
		f.X = append(f.X, inputs(c))
	}
	if s.Classes == nil {
		for _, c := range columns(s.Y, s.YShape) {
			f.Y = append(f.Y, standard(c))
		}
	}
	return f, nil
}

// Apply returns a copy of the set that is scaled. Its shapes must be those that the
// scaler was fitted to, and targets of classes are left alone.
func (f *Scaler) Apply(s *Set) (*Set, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if !same(s.XShape, f.XShape) || !same(s.YShape, f.YShape) || (s.Classes == nil) != (f.Y != nil) {
		return nil, s.wrap(fmt.Errorf("Apply: inputs %v and targets %v (%d classes) do not fit the scaler of %v and %v", s.XShape, s.YShape, len(s.Classes), f.XShape, f.YShape))
	}
	c := s.Clone()
	for i, col := range columns(c.X, c.XShape) {
		col.each(f.X[i].forward)
	}
	for i, col := range columns(c.Y, c.YShape) {
		if f.Y != nil {
			col.each(f.Y[i].forward)
		}
	}
	return c, nil
}

// InvertY scales targets, or what a network predicts for them, back in place. The
// length must be that of whole examples. Targets of classes stay.
func (f *Scaler) InvertY(y []float32) error {
	if len(y)%Size(f.YShape) != 0 {
		return fmt.Errorf("data: InvertY: %d numbers, no multiple of %d of shape %v", len(y), Size(f.YShape), f.YShape)
	}
	if f.Y == nil {
		return nil
	}
	for i, col := range columns(y, f.YShape) {
		col.each(f.Y[i].inverse)
	}
	return nil
}

func (k Scaling) forward(v *float32) { *v = float32((float64(*v) - k.Shift) / k.Scale) }
func (k Scaling) inverse(v *float32) { *v = float32(float64(*v)*k.Scale + k.Shift) }

// column is the numbers v[first+i·stride … +run] of all examples i.
type column struct {
	v                  []float32
	first, run, stride int
}

// columns returns the columns of the numbers of examples of a shape.
func columns(v []float32, shape []int) []column {
	size, run := Size(shape), 1
	if len(shape) == 3 {
		run = shape[1] * shape[2]
	}
	cs := make([]column, size/run)
	for i := range cs {
		cs[i] = column{v, i * run, run, size}
	}
	return cs
}

// each calls f for all numbers of the column.
func (c column) each(f func(v *float32)) {
	for i := c.first; i < len(c.v); i += c.stride {
		for j := i; j < i+c.run; j++ {
			f(&c.v[j])
		}
	}
}

// standard is (v − mean)/sd, in two passes.
func standard(c column) Scaling {
	var sum, n float64
	c.each(func(v *float32) { sum += float64(*v); n++ })
	mean, squares := sum/n, 0.0
	c.each(func(v *float32) { squares += (float64(*v) - mean) * (float64(*v) - mean) })
	sd := math.Sqrt(squares / n)
	// A constant column has an sd of about the rounding of its mean.
	if sd <= 1e-12*math.Abs(mean) || sd == 0 {
		sd = 1
	}
	return Scaling{mean, sd}
}

// span is the map of [least, greatest] to [−1, 1].
func span(c column) Scaling {
	low, high := math.Inf(1), math.Inf(-1)
	c.each(func(v *float32) { low, high = min(low, float64(*v)), max(high, float64(*v)) })
	if low == high {
		return Scaling{low, 1}
	}
	return Scaling{(low + high) / 2, (high - low) / 2}
}

// same reports whether two shapes are equal; one number has the shapes () and (1).
func same(a, b []int) bool {
	if Size(a) == 1 && Size(b) == 1 {
		return true
	}
	return slices.Equal(a, b)
}
