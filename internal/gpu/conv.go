//go:build cuda

package gpu

import (
	"math"

	"github.com/ditac-go/ditac/cuda"
	"gorgonia.org/cu"
	"gorgonia.org/tensor"
)

// Convolution is the sizes of one: of the images x, of the filters and of the result.
type Convolution struct {
	Batch, Channels, Height, Width int
	Filters, Rows, Cols            int
	OutHeight, OutWidth            int
	Stride, Pad                    int
}

// mostColumns is the memory that images' columns may take together, if an image does not
// need more by itself.
var mostColumns = 64 << 20

// SetMostColumns sets the bytes of columns that are made together, for tests, and returns
// what they were.
func SetMostColumns(bytes int) (before int) {
	before, mostColumns = mostColumns, bytes
	return before
}

// places are those of a filter in an image, taps what it sees at each.
func (c Convolution) places() int { return c.OutHeight * c.OutWidth }
func (c Convolution) taps() int   { return c.Channels * c.Rows * c.Cols }

// images is the number of images whose columns are made together.
func (c Convolution) images(dt tensor.Dtype) int {
	each := c.taps() * c.places() * int(dt.Size())
	return min(c.Batch, max(1, mostColumns/each))
}

// Fits says whether the kernels can count the places, in 32 bits.
func (c Convolution) Fits(dt tensor.Dtype) bool {
	return max(c.Height*c.Width, c.Height+2*c.Pad, c.Width+2*c.Pad, c.taps(), c.images(dt)*c.places(), c.Filters) <= math.MaxInt32
}

// Forward sets y to the convolution of x with the filter; bias may be nil.
func (c Convolution) Forward(s *cuda.Session, dt tensor.Dtype, y, x, filter, bias tensor.Memory) error {
	return c.each(s, dt, func(p part) error {
		if err := p.columns(p.of(x, c.Channels*c.Height*c.Width)); err != nil {
			return err
		}
		if err := s.MatMul(dt, false, false, c.Filters, p.n, c.taps(), filter, p.col, p.z); err != nil {
			return err
		}
		var b cuda.Arg
		if bias != nil {
			b = cuda.Pointer(bias)
		}
		to := p.of(y, c.Filters*c.places())
		return p.launch("by_image", p.n*c.Filters, cuda.Pointer(to), cuda.Pointer(p.z), b, cuda.Int(p.images), cuda.Int(c.Filters), cuda.Int(c.places()))
	})
}

// GradientX sets dx to the gradient to x; g is that to the result.
func (c Convolution) GradientX(s *cuda.Session, dt tensor.Dtype, dx, filter, g tensor.Memory) error {
	return c.each(s, dt, func(p part) error {
		if err := p.byFilter(p.of(g, c.Filters*c.places())); err != nil {
			return err
		}
		if err := s.MatMul(dt, true, false, c.taps(), p.n, c.Filters, filter, p.z, p.col); err != nil {
			return err
		}
		pixels := c.Channels * c.Height * c.Width
		args := append([]cuda.Arg{cuda.Pointer(p.of(dx, pixels)), cuda.Pointer(p.col)}, p.sizes()...)
		return p.launch("add_columns", p.images*pixels, args...)
	})
}

// GradientFilter sets df to the gradient to the filter; g is that to the result.
func (c Convolution) GradientFilter(s *cuda.Session, dt tensor.Dtype, df, x, g tensor.Memory) error {
	size, count := c.Filters*c.taps(), (c.Batch+c.images(dt)-1)/c.images(dt)
	sums := df
	if count > 1 {
		at, err := s.Scratch("filter gradients", count*size*int(dt.Size()))
		if err != nil {
			return err
		}
		sums = cu.DevicePtr(at)
	}
	err := c.each(s, dt, func(p part) error {
		if err := p.columns(p.of(x, c.Channels*c.Height*c.Width)); err != nil {
			return err
		}
		if err := p.byFilter(p.of(g, c.Filters*c.places())); err != nil {
			return err
		}
		return s.MatMul(dt, false, true, c.Filters, c.taps(), p.n, p.z, p.col, behind(dt, sums, p.index*size))
	})
	if err != nil || count == 1 {
		return err
	}
	return launch(s, "conv.add_parts", dt, size, cuda.Pointer(df), cuda.Pointer(sums), cuda.Int(count), cuda.Int(size))
}

// part is some images of a batch, and the memory for their products: col for taps × n
// numbers, z for filters × n, with n the places in all of them.
type part struct {
	Convolution
	s             *cuda.Session
	dt            tensor.Dtype
	index, images int
	first, n      int
	col, z        cu.DevicePtr
}

// each does something for a batch's images, part by part.
func (c Convolution) each(s *cuda.Session, dt tensor.Dtype, do func(part) error) error {
	images := c.images(dt)
	size := images * c.places() * int(dt.Size())
	col, err := s.Scratch("convolution columns", c.taps()*size)
	if err != nil {
		return err
	}
	z, err := s.Scratch("convolution by filters", c.Filters*size)
	if err != nil {
		return err
	}
	for k := 0; k*images < c.Batch; k++ {
		n := min(images, c.Batch-k*images)
		if err := do(part{c, s, dt, k, n, k * images, n * c.places(), cu.DevicePtr(col), cu.DevicePtr(z)}); err != nil {
			return err
		}
	}
	return nil
}

// of is the memory of the part's images in a tensor that has size numbers of each.
func (p part) of(m tensor.Memory, size int) cu.DevicePtr { return behind(p.dt, m, p.first*size) }

func (p part) launch(name string, n int, args ...cuda.Arg) error {
	return launch(p.s, "conv."+name, p.dt, n, args...)
}

// columns sets col to what the filters' taps see of the part's images.
func (p part) columns(x cu.DevicePtr) error {
	return p.launch("columns", p.Channels*p.n, append([]cuda.Arg{cuda.Pointer(p.col), cuda.Pointer(x)}, p.sizes()...)...)
}

// byFilter sets z to the gradients g of the part's images, filter by filter.
func (p part) byFilter(g cu.DevicePtr) error {
	return p.launch("by_filter", p.Filters*p.n, cuda.Pointer(p.z), cuda.Pointer(g), cuda.Int(p.images), cuda.Int(p.Filters), cuda.Int(p.places()))
}

// sizes are the sizes as the kernels take them.
func (p part) sizes() []cuda.Arg {
	var args []cuda.Arg
	for _, n := range []int{p.images, p.Channels, p.Height, p.Width, p.Rows, p.Cols, p.OutHeight, p.OutWidth, p.Stride, p.Pad} {
		args = append(args, cuda.Int(n))
	}
	return args
}

// behind is the memory behind n numbers.
func behind(dt tensor.Dtype, m tensor.Memory, n int) cu.DevicePtr {
	return cu.DevicePtr(m.Uintptr() + uintptr(n)*dt.Size())
}
