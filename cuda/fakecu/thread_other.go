//go:build !linux

package cu

// thread cannot tell threads apart here, so that a missing LockOSThread is not found.
func thread() int { return 0 }
