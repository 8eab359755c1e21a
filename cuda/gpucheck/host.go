//go:build !cuda

package main

// sections are what a build without the GPU has: the times of the CPU.
var sections []section

func init() { sections = []section{{"steps", (*report).steps}} }
