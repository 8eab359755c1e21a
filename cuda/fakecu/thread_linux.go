package cu

import "syscall"

// thread identifies the calling thread of the operating system.
func thread() int { return syscall.Gettid() }
