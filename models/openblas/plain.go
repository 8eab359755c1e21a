//go:build !openblas

package openblas

// Name returns what multiplies matrices: "gonum", or with the build tag openblas
// "openblas".
func Name() string { return "gonum" }
