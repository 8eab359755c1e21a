package kernel

// Path is one of the implementations of the kernels. All give the same bits.
type Path int

const (
	Portable Path = iota // Go, on any machine
	AVX2
	AVX512
)

var pathNames = [...]string{"portable", "avx2", "avx512"}

// String implements fmt.Stringer.
func (p Path) String() string { return pathNames[p] }

// InUse returns the path in use.
func InUse() Path { return path }
