//go:build cuda

package cuda

import (
	"fmt"

	"gorgonia.org/cu"
)

// Describe returns the name and properties of the GPU that Gorgonia uses, the first.
func Describe() (string, error) {
	d, err := cu.GetDevice(0)
	if err != nil {
		return "", fmt.Errorf("cuda: Describe: %w", err)
	}
	name, err := d.Name()
	if err != nil {
		return "", fmt.Errorf("cuda: Describe: %w", err)
	}
	major, minor, err := d.ComputeCapability()
	if err != nil {
		return "", fmt.Errorf("cuda: Describe: %w", err)
	}
	sms, err := d.Attribute(cu.MultiprocessorCount)
	if err != nil {
		return "", fmt.Errorf("cuda: Describe: %w", err)
	}
	v := cu.Version()
	return fmt.Sprintf("%s, compute capability %d.%d, %d multiprocessors, driver for CUDA %d.%d", name, major, minor, sms, v/1000, v%1000/10), nil
}
