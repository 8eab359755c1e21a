//go:build cuda

package gpu

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/ptx"
	"github.com/ditac-go/ditac/internal/shape"
	"gorgonia.org/tensor"
)

// A Form is the curves of an activation but for θ, and how they lie on a device.
type Form struct {
	ptx.Curves
	name   string
	shape  []float64
	none   any // no θ, as many as there are
	report func(group int, f Fault, theta []float64) error
}

// A Fault is what is wrong with a θ.
type Fault int32

// The faults.
const (
	NotFinite Fault = 1 + iota // a component, a velocity, or a slope between velocities
	TooSteep                   // the velocity field: see ptx.Steepest32
)

var forms atomic.Int64

// NewForm returns the form of the curves of a shape for groups of elements of a dtype that have
// a θ each. report makes an error of what is wrong with a θ, which is known when the run that
// saw it is over.
func NewForm(of *shape.Curve, groups int, dt tensor.Dtype, report func(group int, f Fault, theta []float64) error) *Form {
	f := &Form{Curves: ptx.Curves{Groups: groups, Cells: of.Grid.Cells, Dim: of.Dim(), Double: dt == tensor.Float64},
		name: fmt.Sprintf("curves %d", forms.Add(1)), report: report}
	f.shape = ptx.Shape(of, f.Double)
	f.none = nans[float32](groups * f.Dim)
	if f.Double {
		f.none = nans[float64](groups * f.Dim)
	}
	return f
}

func nans[T float32 | float64](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(math.NaN())
	}
	return x
}

// Curves are those of a form on the device of a session. What they take of its memory is its
// machine's, as long as that lives.
type Curves struct {
	*Form
	s *cuda.Session

	shape, normals      cuda.Arg
	seen, faults        cuda.Arg
	fields, parts, ways cuda.Arg
}

// Open returns the curves on the session's device.
func (f *Form) Open(s *cuda.Session) (*Curves, error) {
	c := &Curves{Form: f, s: s}
	normals, values := "normals32", any(ptx.Normals32())
	if f.Double {
		normals, values = "normals", ptx.Normals()
	}
	fields, parts, ways := f.Sizes()
	var errs [5]error
	c.normals, errs[0] = s.Resident(normals, 1, values)
	c.shape, errs[1] = s.Resident("shape of "+f.name, 1, f.shape)
	c.seen, errs[2] = s.Resident("θ of "+f.name, 1, f.none)
	c.fields, errs[3] = s.Scratch(f.name, fields+parts+ways)
	fieldsAt := c.fields // the report must not hold the session, whose machine holds it
	c.faults, errs[4] = s.Watch(f.name, f.Groups, func(s *cuda.Session, faults []int32) error { return f.fault(s, fieldsAt, faults) })
	c.parts = c.fields + cuda.Arg(fields)
	c.ways = c.parts + cuda.Arg(parts)
	return c, errors.Join(errs[:]...)
}

// fault reports the first fault of all groups, whose fields lie at an address.
func (f *Form) fault(s *cuda.Session, fields cuda.Arg, faults []int32) error {
	for group, fault := range faults {
		if fault == 0 {
			continue
		}
		theta := make([]float64, f.Dim)
		if err := s.Download(theta, fields+cuda.Arg(f.Theta(group))); err != nil {
			return err
		}
		return f.report(group, Fault(fault), theta)
	}
	return nil
}

// Make makes the curves of θ, groups × parameters, unless they are there.
func (c *Curves) Make(theta tensor.Memory) error {
	return c.s.Launch(c.Form.Make(), c.Groups, ptx.Tile, 0, cuda.Pointer(theta), c.seen, c.fields, c.parts, c.ways, c.faults, c.shape,
		cuda.Int(c.Cells), cuda.Int(c.Dim), cuda.Int(c.Stride()))
}

// Elements says how the elements of a tensor lie that belong to the groups: outer × groups ×
// length.
type Elements struct{ Outer, Length int }

// check reports more elements than the kernels can count.
func (e Elements) check(groups int) error {
	if n := e.Outer * e.Length; n > math.MaxInt32/2 || n < 0 {
		return fmt.Errorf("gpu: %d elements for each of %d groups, want at most %d", n, groups, math.MaxInt32/2)
	}
	return nil
}

// Forward sets dst to y(x).
func (c *Curves) Forward(e Elements, dst, x tensor.Memory) error {
	return c.elementwise("forward", e, cuda.Pointer(dst), cuda.Pointer(x), 0)
}

// BackwardX sets dst to g·y′(x).
func (c *Curves) BackwardX(e Elements, dst, x, g tensor.Memory) error {
	return c.elementwise("backward_x", e, cuda.Pointer(dst), cuda.Pointer(x), cuda.Pointer(g))
}

func (c *Curves) elementwise(pass string, e Elements, dst, x, g cuda.Arg) error {
	if err := e.check(c.Groups); err != nil {
		return err
	}
	kernel, shared, blocks := c.Form.Elementwise(pass, e.Outer*e.Length)
	return c.s.Launch(kernel, blocks, ptx.Tile, shared, dst, x, g, c.parts, c.normals, c.shape,
		cuda.Int(c.Stride()), cuda.Int(e.Length), cuda.Int(e.Outer), cuda.Int(c.Groups))
}

// BackwardTheta sets dtheta to Σ g·∂y/∂θ of each group.
func (c *Curves) BackwardTheta(e Elements, dtheta, x, g tensor.Memory) error {
	if err := e.check(c.Groups); err != nil {
		return err
	}
	m := c.Moments(e.Outer * e.Length)
	sums, err := c.s.Scratch("sums", 8*m.Sums)
	if err != nil {
		return err
	}
	if err := c.s.Launch(m.Kernel, m.Blocks, ptx.Tile, m.Shared, sums, cuda.Pointer(x), cuda.Pointer(g), c.parts, c.ways, c.normals, c.shape,
		cuda.Int(c.Stride()), cuda.Int(e.Length), cuda.Int(e.Outer), cuda.Int(c.Groups),
		cuda.Int(m.Shares), cuda.Int(m.ShareLength), cuda.Int(m.Slots), cuda.Int(m.Owners)); err != nil {
		return err
	}
	if m.ReduceBlocks > 0 {
		result, err := c.s.Scratch("sums of all shares", 8*m.Result)
		if err != nil {
			return err
		}
		if err := c.s.Launch("ditac.reduce_moments", m.ReduceBlocks, ptx.Tile, 0, result, sums, cuda.Int(m.Count), cuda.Int(m.Shares), cuda.Int(c.Groups)); err != nil {
			return err
		}
		sums = result
	}
	return c.s.Launch(c.Close(), c.Groups, ptx.Tile, 0, cuda.Pointer(dtheta), sums, c.fields, c.shape, cuda.Int(c.Cells), cuda.Int(c.Dim))
}
