//go:build cuda

package gpu

import (
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"gorgonia.org/tensor"
)

// Mask is that of a dropout with probability P, which drops numbers below Limit of 2³²; see
// models.Dropout. ID tells it from others.
type Mask struct {
	ID    int64
	Seed  uint64
	P     float64
	Limit uint64
}

// key is the memory of what the mask of the last pass is made from.
func (m Mask) key(s *cuda.Session) (cuda.Arg, error) {
	return s.Scratch(fmt.Sprintf("dropout %d", m.ID), 8)
}

// Next makes the mask of the next pass: next becomes count, of passes, and one more, 0 at
// most.
func (m Mask) Next(s *cuda.Session, dt tensor.Dtype, next, count tensor.Memory, most int) error {
	key, err := m.key(s)
	if err != nil {
		return err
	}
	return launch(s, "dropout.next", dt, 1, key, cuda.Pointer(next), cuda.Pointer(count), cuda.Arg(m.Seed), number(float64(most)))
}

// Apply sets dst to n numbers x, or to 0 where the mask of the last pass drops them.
func (m Mask) Apply(s *cuda.Session, dt tensor.Dtype, dst, x tensor.Memory, n int) error {
	key, err := m.key(s)
	if err != nil {
		return err
	}
	return launch(s, "dropout.mask", dt, n, cuda.Pointer(dst), cuda.Pointer(x), key, number(1/(1-m.P)), cuda.Arg(m.Limit), cuda.Int(n))
}
