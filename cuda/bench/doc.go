// Package bench is the control panel of the bench on which code for CUDA runs without
// a GPU, and is for the tests of this project only. The stand-in for gorgonia.org/cu
// (folder fakecu) takes its settings from here and writes here what it did. Tests use
// it, and do without where Active is false, as on a real GPU.
//
// It is not internal because the stand-in, a module of another name, reaches the PTX
// interpreter through it (machine.go).
package bench
