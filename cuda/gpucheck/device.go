//go:build cuda

package main

import (
	"fmt"

	"gorgonia.org/cu"
)

// describe returns the name and properties of the GPU that Gorgonia uses, the first.
func describe() (string, error) {
	d, err := cu.GetDevice(0)
	if err != nil {
		return "", fmt.Errorf("describing the GPU: %w", err)
	}
	name, err := d.Name()
	if err != nil {
		return "", fmt.Errorf("describing the GPU: %w", err)
	}
	major, minor, err := d.ComputeCapability()
	if err != nil {
		return "", fmt.Errorf("describing the GPU: %w", err)
	}
	sms, err := d.Attribute(cu.MultiprocessorCount)
	if err != nil {
		return "", fmt.Errorf("describing the GPU: %w", err)
	}
	v := cu.Version()
	return fmt.Sprintf("%s, compute capability %d.%d, %d multiprocessors, driver for CUDA %d.%d", name, major, minor, sms, v/1000, v%1000/10), nil
}
