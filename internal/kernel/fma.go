package kernel

import (
	"runtime"

	"golang.org/x/sys/cpu"
)

// FusesMultiplyAdd reports whether this processor multiplies and adds with one rounding.
// The closed forms are made of that; where it has to be emulated they take longer than
// walking does.
func FusesMultiplyAdd() bool {
	switch runtime.GOARCH {
	case "amd64":
		return cpu.X86.HasFMA
	case "arm64", "loong64", "ppc64", "ppc64le", "riscv64", "s390x":
		return true
	}
	return false
}

// HasForms reports whether the implementation in use has kernels on forms.
func HasForms() bool { return inUse().forms != nil }
