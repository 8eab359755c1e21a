//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// best returns the path that this processor is to use. Those with AVX-512 of before Ice
// Lake, which lack its VBMI2, clock down for it.
func best() Path {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512VBMI2:
		return AVX512
	case AVX2.supported():
		return AVX2
	}
	return Portable
}

// supported reports whether this processor has a path.
func (p Path) supported() bool {
	switch p {
	case AVX512:
		return cpu.X86.HasAVX512F
	case AVX2:
		return cpu.X86.HasAVX2 && cpu.X86.HasFMA // all that have the one have the other
	}
	return true
}
