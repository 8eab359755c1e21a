package ditacop

import (
	"fmt"

	"gorgonia.org/tensor"
)

// layout says how the elements of a tensor, in row-major order, belong to the
// groups: outer × channels × inner blocks of memory, where channels/groups
// neighbouring channels share a θ.
type layout struct {
	outer, channels, inner int
	groups                 int
}

// newLayout returns the layout of a tensor of the given shape with groups along
// axis, or one θ for all elements where axis is −1.
func newLayout(shape tensor.Shape, axis, groups int) (layout, error) {
	if axis < 0 {
		return layout{outer: 1, channels: 1, inner: shape.TotalSize(), groups: 1}, nil
	}
	if axis >= len(shape) {
		return layout{}, fmt.Errorf("axis = %d, but x has shape %v", axis, shape)
	}
	l := layout{outer: 1, channels: shape[axis], inner: 1, groups: groups}
	for _, n := range shape[:axis] {
		l.outer *= n
	}
	for _, n := range shape[axis+1:] {
		l.inner *= n
	}
	if l.channels%l.groups != 0 {
		return layout{}, fmt.Errorf("groups = %d does not divide the %d channels along axis %d of shape %v", l.groups, l.channels, axis, shape)
	}
	return l, nil
}

// each calls f for every run of elements [from,to) that share a θ, in order.
func (l layout) each(f func(group, from, to int)) {
	run := l.channels / l.groups * l.inner
	from := 0
	for range l.outer {
		for g := range l.groups {
			f(g, from, from+run)
			from += run
		}
	}
}
