package ptxsim

import "fmt"

// Dim is a number of blocks or threads, or the place of one, in three dimensions.
type Dim struct{ X, Y, Z int }

func (d Dim) String() string { return fmt.Sprintf("(%d,%d,%d)", d.X, d.Y, d.Z) }

func (d Dim) size() int { return d.X * d.Y * d.Z }

// at is the place of the i-th of the d.
func (d Dim) at(i int) Dim { return Dim{i % d.X, i / d.X % d.Y, i / d.X / d.Y} }

// along is the component on an axis.
func (d Dim) along(axis string) uint64 {
	switch axis {
	case "x":
		return uint64(d.X)
	case "y":
		return uint64(d.Y)
	}
	return uint64(d.Z)
}

// A Fault is an error of a kernel: what a thread did wrong, and where.
type Fault struct {
	Kernel string
	// Line is the line of the instruction in the PTX, and Instruction its text.
	Line        int
	Instruction string
	// Block and Thread are the place of the thread.
	Block, Thread Dim
	// Reason says what is wrong with the instruction.
	Reason string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("kernel %s: block %v, thread %v: PTX line %d: %s: %s",
		f.Kernel, f.Block, f.Thread, f.Line, f.Instruction, f.Reason)
}
