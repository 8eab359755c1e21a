package ditacop

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
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
const parallelFrom = 1 << 14

// eachGroup calls f for every group, on up to GOMAXPROCS goroutines where there are
// many elements.
func (l layout) eachGroup(f func(group int)) {
	workers := 1
	if l.outer*l.channels*l.inner >= parallelFrom {
		workers = runtime.GOMAXPROCS(0)
	}
	parallel.Each(l.groups, workers, f)
}

const (
	// gatherBelow is the length of runs below which a group's are evaluated together.
	gatherBelow = 256

	// gathered is how many elements are, at most: less than long slices, which tables
	// evaluate in another way.
	gathered = 1 << 12
)

// runs are elements of a group, side by side.
type runs[T values.Float] struct{ y, x, g [gathered]T }

var runs32, runs64 = sync.Pool{New: func() any { return new(runs[float32]) }}, sync.Pool{New: func() any { return new(runs[float64]) }}

// runsOf returns the pool of buffers.
func runsOf[T values.Float]() *sync.Pool {
	if _, ok := any(T(0)).(float32); ok {
		return &runs32
	}
	return &runs64
}

// eachRun calls f for the elements of a group in dst, x and, unless it is nil, g: run by
// run, or where runs are short for many that it copies.
func eachRun[T values.Float](l layout, group int, dst, x, g []T, f func(dst, x, g []T)) {
	from, to := l.run(group, 0)
	length := to - from
	if l.outer == 1 || length == 0 || length >= gatherBelow {
		for k := range l.outer {
			from, to := l.run(group, k)
			if g == nil {
				f(dst[from:to], x[from:to], nil)
			} else {
				f(dst[from:to], x[from:to], g[from:to])
			}
		}
		return
	}
	pool := runsOf[T]()
	b := pool.Get().(*runs[T])
	stride := l.groups * length
	for k, many := 0, gathered/length; k < l.outer; k += many {
		n := min(many, l.outer-k)
		at := from + k*stride
		in, up := b.x[:n*length], []T(nil)
		copyRuns(in, x[at:], length, stride)
		if g != nil {
			up = b.g[:n*length]
			copyRuns(up, g[at:], length, stride)
		}
		out := b.y[:n*length]
		f(out, in, up)
		if length == 1 {
			for i, y := range out {
				dst[at+i*stride] = y
			}
			continue
		}
		for r := range n {
			copy(dst[at+r*stride:], out[r*length:(r+1)*length])
		}
	}
	pool.Put(b)
}

// copyRuns fills to with runs of a length that lie a stride apart.
func copyRuns[T values.Float](to, from []T, length, stride int) {
	if length == 1 {
		for i := range to {
			to[i] = from[i*stride]
		}
		return
	}
	for r := 0; r*length < len(to); r++ {
		copy(to[r*length:(r+1)*length], from[r*stride:])
	}
}
