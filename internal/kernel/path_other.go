//go:build !amd64 || noasm

package kernel

func best() Path { return Portable }

func (p Path) supported() bool { return p == Portable }
