//go:build !amd64 || noasm

package kernel

var path = Portable

func (p Path) supported() bool { return p == Portable }
