package data

import (
	"fmt"
	"math"
	"slices"
)

// Set is a number of examples in memory: the inputs X and targets Y of one example
// after another, all of one shape.
type Set struct {
	// X and Y hold the examples' numbers, each example's in row-major order.
	X, Y []float32
	// XShape and YShape are the shapes of one example. Empty means one number. Images
	// have the shape (channels, height, width).
	XShape, YShape []int
	// Classes are the names of the classes, if Y holds indices of classes (as numbers
	// 0, 1, …), and nil if Y holds real numbers.
	Classes []string
	// Inputs are the names of the numbers of X, or nil.
	Inputs []string
	// Name says in errors and tables which set it is.
	Name string
}

// Size returns the number of numbers in a shape, 1 for the empty one.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Len returns the number of examples.
func (s *Set) Len() int {
	if n := Size(s.XShape); n > 0 {
		return len(s.X) / n
	}
	return 0
}

// Example returns the inputs and targets of example i, which share the set's memory.
// An i that is not in [0, Len) gives nil.
func (s *Set) Example(i int) (x, y []float32) {
	if i < 0 || i >= s.Len() {
		return nil, nil
	}
	nx, ny := Size(s.XShape), Size(s.YShape)
	return s.X[i*nx : (i+1)*nx : (i+1)*nx], s.Y[i*ny : (i+1)*ny : (i+1)*ny]
}

// Check reports what is wrong with the set: shapes that do not fit the numbers, a
// number that is not finite, or a label that is no index of a class. The error names
// the example, from 0.
func (s *Set) Check() error {
	if s == nil {
		return fmt.Errorf("data: the set is nil")
	}
	if err := s.checkShapes(); err != nil {
		return s.wrap(err)
	}
	if err := finite("input", s.X, Size(s.XShape)); err != nil {
		return s.wrap(err)
	}
	if err := finite("target", s.Y, Size(s.YShape)); err != nil {
		return s.wrap(err)
	}
	if s.Classes == nil {
		return nil
	}
	for i, y := range s.Y {
		if y != float32(int(y)) || y < 0 || int(y) >= len(s.Classes) {
			return s.wrap(fmt.Errorf("label %v of example %d, want an index of the %d classes", y, i/Size(s.YShape), len(s.Classes)))
		}
	}
	return nil
}

func (s *Set) checkShapes() error {
	for _, shape := range [][]int{s.XShape, s.YShape} {
		if err := checkShape(shape); err != nil {
			return err
		}
	}
	nx, ny := Size(s.XShape), Size(s.YShape)
	if len(s.X)%nx != 0 {
		return fmt.Errorf("%d numbers of inputs, no multiple of an example's %d of shape %v", len(s.X), nx, s.XShape)
	}
	if n := len(s.X) / nx; len(s.Y) != n*ny {
		return fmt.Errorf("%d numbers of targets, want %d of shape %v for each of %d examples", len(s.Y), ny, s.YShape, n)
	}
	if len(s.X) == 0 {
		return fmt.Errorf("no examples")
	}
	if s.Inputs != nil && len(s.Inputs) != nx {
		return fmt.Errorf("%d names of inputs for %d numbers", len(s.Inputs), nx)
	}
	if s.Classes != nil && len(s.Classes) == 0 {
		return fmt.Errorf("an empty list of classes, want nil for real targets")
	}
	return nil
}

// maxSize bounds the numbers of one example, so that products of absurd dimensions do
// not overflow.
const maxSize = 1 << 28

// checkShape reports a shape with a dimension below 1, or of absurd size.
func checkShape(shape []int) error {
	n := 1
	for _, d := range shape {
		if d < 1 {
			return fmt.Errorf("shape %v, want positive dimensions", shape)
		}
		if d > maxSize/n {
			return fmt.Errorf("shape %v has more than %d numbers", shape, maxSize)
		}
		n *= d
	}
	return nil
}

// finite reports the first number that is NaN or infinite, of examples of size numbers.
func finite(what string, v []float32, size int) error {
	for i, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("%s %d of example %d is %v", what, i%size, i/size, x)
		}
	}
	return nil
}

// wrap puts the package and the set's name before an error.
func (s *Set) wrap(err error) error {
	if s.Name == "" {
		return fmt.Errorf("data: %w", err)
	}
	return fmt.Errorf("data: %s: %w", s.Name, err)
}

// Labels returns Y as indices of classes, or nil if the set has no classes.
func (s *Set) Labels() []int {
	if s.Classes == nil {
		return nil
	}
	labels := make([]int, len(s.Y))
	for i, y := range s.Y {
		labels[i] = int(y)
	}
	return labels
}

// Counts returns how many numbers of Y are of each class, or nil if the set has no
// classes.
func (s *Set) Counts() []int {
	if s.Classes == nil {
		return nil
	}
	counts := make([]int, len(s.Classes))
	for _, y := range s.Y {
		if i := int(y); i >= 0 && i < len(counts) {
			counts[i]++
		}
	}
	return counts
}

// Subset returns a copy of the examples with the given indices, in their order; an
// index may be there several times. One that is not in [0, Len), and an empty list,
// are errors.
func (s *Set) Subset(idx []int) (*Set, error) {
	if len(idx) == 0 {
		return nil, s.wrap(fmt.Errorf("Subset of no examples"))
	}
	sub := s.like()
	sub.X = make([]float32, 0, len(idx)*Size(s.XShape))
	sub.Y = make([]float32, 0, len(idx)*Size(s.YShape))
	for _, i := range idx {
		if i < 0 || i >= s.Len() {
			return nil, s.wrap(fmt.Errorf("Subset: index %d, want one in [0, %d)", i, s.Len()))
		}
		x, y := s.Example(i)
		sub.X, sub.Y = append(sub.X, x...), append(sub.Y, y...)
	}
	return sub, nil
}

// Clone returns a copy that shares no memory with s.
func (s *Set) Clone() *Set {
	c := s.like()
	c.X, c.Y = slices.Clone(s.X), slices.Clone(s.Y)
	return c
}

// like returns a set that has all of s but its examples.
func (s *Set) like() *Set {
	return &Set{
		XShape: slices.Clone(s.XShape), YShape: slices.Clone(s.YShape),
		Classes: slices.Clone(s.Classes), Inputs: slices.Clone(s.Inputs), Name: s.Name,
	}
}
