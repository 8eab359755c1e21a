package cu

import "fmt"

// Device is a number of a GPU, of which the bench has one, or CPU.
type Device int

// The numbers that are no GPU.
const (
	CPU       Device = -1
	BadDevice Device = -2
)

func (d Device) String() string {
	switch {
	case d == CPU:
		return "CPU"
	case d < 0:
		return "Invalid Device"
	}
	return fmt.Sprintf("GPU(%d)", int(d))
}

// IsGPU says whether the device is a GPU.
func (d Device) IsGPU() bool { return d >= 0 }

// Version is that of CUDA which the driver has: of the bench, none.
func Version() int { return 0 }

// NumDevices returns the number of GPUs.
func NumDevices() (int, error) { return 1, nil }

// GetDevice returns the i-th GPU.
func GetDevice(i int) (Device, error) {
	if i != 0 {
		return BadDevice, fail(InvalidDevice, "device %d of 1", i)
	}
	return Device(i), nil
}

// Name returns the name of the device.
func (d Device) Name() (string, error) { return "PTX interpreter", nil }

// ComputeCapability returns the least that the project's kernels are compiled for.
func (d Device) ComputeCapability() (major, minor int, err error) { return 5, 0, nil }

// DeviceAttribute is a property of a device.
type DeviceAttribute int

// The properties that Gorgonia asks for, by their numbers in the driver.
const (
	MaxThreadsPerBlock  DeviceAttribute = 1
	MaxBlockDimX        DeviceAttribute = 2
	MaxBlockDimY        DeviceAttribute = 3
	MaxBlockDimZ        DeviceAttribute = 4
	MaxGridDimX         DeviceAttribute = 5
	MaxGridDimY         DeviceAttribute = 6
	MaxGridDimZ         DeviceAttribute = 7
	WarpSize            DeviceAttribute = 10
	MultiprocessorCount DeviceAttribute = 16
)

var attributes = map[DeviceAttribute]int{
	MaxThreadsPerBlock: 1024, MaxBlockDimX: 1024, MaxBlockDimY: 1024, MaxBlockDimZ: 64,
	MaxGridDimX: 1<<31 - 1, MaxGridDimY: 1<<16 - 1, MaxGridDimZ: 1<<16 - 1, WarpSize: 32, MultiprocessorCount: 5,
}

// Attribute returns a property.
func (d Device) Attribute(a DeviceAttribute) (int, error) {
	v, ok := attributes[a]
	if !ok {
		return 0, fail(InvalidValue, "the bench has no attribute %d", a)
	}
	return v, nil
}

// Attributes returns several properties.
func (d Device) Attributes(as ...DeviceAttribute) ([]int, error) {
	values := make([]int, len(as))
	for i, a := range as {
		v, err := d.Attribute(a)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}
