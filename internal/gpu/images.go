//go:build cuda

package gpu

import (
	"github.com/ditac-go/ditac/cuda"
	"gorgonia.org/tensor"
)

// Upsample sets dst to lines of width numbers made larger by a factor along both axes.
func Upsample(s *cuda.Session, dt tensor.Dtype, dst, x tensor.Memory, lines, width, factor int) error {
	return launch(s, "images.upsample", dt, lines*factor*width*factor, cuda.Pointer(dst), cuda.Pointer(x), cuda.Int(lines), cuda.Int(width), cuda.Int(factor))
}

// UpsampleGradient sets dst, lines of width numbers, to the gradient; g is that to the result.
func UpsampleGradient(s *cuda.Session, dt tensor.Dtype, dst, g tensor.Memory, lines, width, factor int) error {
	return launch(s, "images.upsample_dx", dt, lines*width, cuda.Pointer(dst), cuda.Pointer(g), cuda.Int(lines), cuda.Int(width), cuda.Int(factor))
}

// Join puts, for each image, m numbers of a and n of b behind each other.
func Join(s *cuda.Session, dt tensor.Dtype, dst, a, b tensor.Memory, images, m, n int) error {
	return launch(s, "images.join", dt, images*(m+n), cuda.Pointer(dst), cuda.Pointer(a), cuda.Pointer(b), cuda.Int(images), cuda.Int(m), cuda.Int(n))
}

// Take sets dst to n numbers, from a place on, of the whole numbers of each image.
func Take(s *cuda.Session, dt tensor.Dtype, dst, x tensor.Memory, images, n, whole, from int) error {
	return launch(s, "images.take", dt, images*n, cuda.Pointer(dst), cuda.Pointer(x), cuda.Int(images), cuda.Int(n), cuda.Int(whole), cuda.Int(from))
}
