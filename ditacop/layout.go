package ditacop

import (
	"fmt"
	"runtime"

	"github.com/ditac-go/ditac/internal/parallel"
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
// axis, or one θ for all elements where axis is sharedAxis.
func newLayout(shape tensor.Shape, axis, groups int) (layout, error) {
	if axis == sharedAxis {
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
	if l.channels == 0 {
		return layout{}, fmt.Errorf("no channels along axis %d of shape %v", axis, shape)
	}
	if l.channels%l.groups != 0 {
		return layout{}, fmt.Errorf("groups = %d does not divide the %d channels along axis %d of shape %v", l.groups, l.channels, axis, shape)
	}
	return l, nil
}

// run returns the k-th, of outer, run of neighbouring elements of a group.
func (l layout) run(group, k int) (from, to int) {
	length := l.channels / l.groups * l.inner
	from = (k*l.groups + group) * length
	return from, from + length
}

// parallelFrom is the number of elements from which groups are worked on at the
// same time.
const parallelFrom = 1 << 16

// eachGroup calls f for every group, on up to GOMAXPROCS goroutines where there are
// many elements.
func (l layout) eachGroup(f func(group int)) {
	workers := 1
	if l.outer*l.channels*l.inner >= parallelFrom {
		workers = runtime.GOMAXPROCS(0)
	}
	parallel.Each(l.groups, workers, f)
}
