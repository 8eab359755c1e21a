package cu

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/ditac-go/ditac/cuda/bench"
)

// totalMemory is the device's.
const totalMemory = 8 << 30

// DevicePtr is an address on the device. It is an address in Go's memory as well, as
// managed memory is one of both on a GPU.
type DevicePtr uintptr

func (p DevicePtr) String() string { return fmt.Sprintf("0x%x", uintptr(p)) }

// Uintptr returns the address.
func (p DevicePtr) Uintptr() uintptr { return uintptr(p) }

// IsCUDAMemory returns true.
func (p DevicePtr) IsCUDAMemory() bool { return true }

// MemSize returns the size of the allocation that starts at the address.
func (p DevicePtr) MemSize() uintptr {
	driver.Lock()
	defer driver.Unlock()
	if c, err := current(); err == nil {
		return uintptr(c.sizes[p])
	}
	return 0
}

// MemAttachFlags are flags of managed memory.
type MemAttachFlags byte

// AttachGlobal makes managed memory accessible to all streams.
const AttachGlobal MemAttachFlags = 1

// MemInfo returns the free and the whole memory of the device in bytes.
func MemInfo() (free, total int64, err error) {
	driver.Lock()
	defer driver.Unlock()
	_, err = current()
	return totalMemory - driver.used, totalMemory, err
}

// MemAlloc allocates memory in the current context.
func MemAlloc(size int64) (p DevicePtr, err error) {
	err = inCurrent(func(c *context) error {
		p, err = c.alloc(size)
		return err
	})
	return p, err
}

func (c *context) alloc(size int64) (DevicePtr, error) {
	switch {
	case size <= 0:
		return 0, fail(InvalidValue, "allocation of %d bytes", size)
	case size > totalMemory-driver.used:
		return 0, fail(OutOfMemory, "allocation of %d bytes, %d are free", size, totalMemory-driver.used)
	}
	const align = 256
	room := make([]byte, size+align)
	start := -int(uintptr(unsafe.Pointer(&room[0]))) & (align - 1)
	data := room[start : start+int(size) : start+int(size)]
	bench.FillPoison(data)
	p := DevicePtr(unsafe.Pointer(&data[0]))
	if err := c.memory.Map(uint64(p), data); err != nil {
		return 0, fail(InvalidValue, "%v", err)
	}
	c.sizes[p] = size
	driver.used += size
	driver.report()
	return p, nil
}

// MemAllocManaged allocates memory that the CPU can access, as it can all here.
func MemAllocManaged(size int64, _ MemAttachFlags) (DevicePtr, error) { return MemAlloc(size) }

// MemFree frees an allocation of the current context.
func MemFree(p DevicePtr) error {
	driver.Lock()
	defer driver.Unlock()
	c, err := current()
	if err != nil {
		return err
	}
	if err := c.wait(); err != nil {
		return err
	}
	if err := c.memory.Free(uint64(p)); err != nil {
		return fail(InvalidValue, "%v is no allocation of context %d", p, c.number)
	}
	driver.used -= c.sizes[p]
	delete(c.sizes, p)
	driver.report()
	return nil
}

// device gives the memory at an address of the context.
func (c *context) device(p DevicePtr, size int64) ([]byte, error) {
	b, err := c.memory.Bytes(uint64(p), int(size))
	if err != nil {
		return nil, fail(InvalidValue, "%d bytes at %v are not in one allocation of context %d", size, p, c.number)
	}
	return b, nil
}

func host(p unsafe.Pointer, size int64) []byte { return unsafe.Slice((*byte)(p), size) }

func (c *context) copyDevice(dst, src DevicePtr, size int64) error {
	if err := c.flush(); err != nil {
		return err
	}
	d, err := c.device(dst, size)
	if err != nil {
		return err
	}
	s, err := c.device(src, size)
	if err != nil {
		return err
	}
	copy(d, s)
	return nil
}

func (c *context) copyFromHost(dst DevicePtr, src unsafe.Pointer, size int64) error {
	if err := c.flush(); err != nil {
		return err
	}
	d, err := c.device(dst, size)
	if err != nil {
		return err
	}
	copy(d, host(src, size))
	bench.Note(bench.Traffic{Waits: 1, Uploads: []int64{size}})
	return nil
}

func (c *context) copyToHost(dst unsafe.Pointer, src DevicePtr, size int64) error {
	if err := c.flush(); err != nil {
		return err
	}
	s, err := c.device(src, size)
	if err != nil {
		return err
	}
	copy(host(dst, size), s)
	bench.Note(bench.Traffic{Waits: 1, Downloads: []int64{size}})
	return nil
}

// inCurrent does something with the current context.
func inCurrent(do func(*context) error) error {
	driver.Lock()
	defer driver.Unlock()
	c, err := current()
	if err != nil {
		return err
	}
	return do(c)
}

// Memcpy copies on the device.
func Memcpy(dst, src DevicePtr, size int64) error {
	return inCurrent(func(c *context) error { return c.copyDevice(dst, src, size) })
}

// MemcpyHtoD copies from the host to the device.
func MemcpyHtoD(dst DevicePtr, src unsafe.Pointer, size int64) error {
	return inCurrent(func(c *context) error { return c.copyFromHost(dst, src, size) })
}

// MemcpyDtoH copies from the device to the host.
func MemcpyDtoH(dst unsafe.Pointer, src DevicePtr, size int64) error {
	return inCurrent(func(c *context) error { return c.copyToHost(dst, src, size) })
}

// MemsetD32 sets n words on the device.
func MemsetD32(dst DevicePtr, word uint32, n int64) error {
	return inCurrent(func(c *context) error {
		if err := c.flush(); err != nil {
			return err
		}
		d, err := c.device(dst, 4*n)
		if err != nil {
			return err
		}
		for i := range n {
			binary.LittleEndian.PutUint32(d[4*i:], word)
		}
		return nil
	})
}

// CheckInput says whether the size bytes at p are on the device, of whatever
// context, and were written to. It is not in the original; package cublas uses it.
func CheckInput(p unsafe.Pointer, size int64) error {
	data, err := deviceMemory(p, size)
	if err != nil {
		return err
	}
	for i := 0; i+4 <= len(data); i += 4 {
		if binary.LittleEndian.Uint32(data[i:]) == bench.Poison {
			return fail(IllegalAddress, "reads memory at 0x%x that nothing was written to", uintptr(p)+uintptr(i))
		}
	}
	return nil
}

// CheckOutput says whether the size bytes at p are on the device. It is not in the
// original.
func CheckOutput(p unsafe.Pointer, size int64) error {
	_, err := deviceMemory(p, size)
	return err
}

func deviceMemory(p unsafe.Pointer, size int64) (data []byte, err error) {
	err = inCurrent(func(c *context) error {
		if err := c.flush(); err != nil {
			return err
		}
		data, err = c.device(DevicePtr(uintptr(p)), size)
		return err
	})
	return data, err
}

// Release says that the owner of a larger allocation gives size bytes of it back, for
// another use: they are poisoned, in order with all calls that are queued. It is not in
// the original; Gorgonia's arena calls it in the build that bench.sh makes.
func (c *BatchedContext) Release(p DevicePtr, size int64) {
	c.afterQueued(func(ctx *context) error {
		ctx.queue = append(ctx.queue, func() error {
			d, err := ctx.device(p, size)
			if err == nil {
				bench.FillPoison(d)
			}
			return err
		})
		return nil
	})
}
