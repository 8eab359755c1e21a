//go:build cuda

package cuda

import (
	"fmt"
	"sync"
	"unsafe"
	"weak"

	"gorgonia.org/cu"
	engine "gorgonia.org/gorgonia/cuda"
)

// scratch holds the memory that Session.Scratch has given out. The machines' arenas,
// which Gorgonia sizes for its own values, may be too small for it. It is freed with
// the context of its engine; the entry is dropped when the engine is gone.
var scratch = struct {
	sync.Mutex
	buffers map[scratchKey]buffer
}{buffers: map[scratchKey]buffer{}}

type scratchKey struct {
	engine weak.Pointer[engine.Engine]
	name   string
}

type buffer struct {
	at      cu.DevicePtr
	size    int
	version uint64 // of the content; see Resident
}

// Scratch returns memory of at least size bytes on the device, which stays the same
// for a name until more is asked for, and is the machine's own. Its first content is
// undefined.
func (s *Session) Scratch(name string, size int) (Arg, error) {
	if size < 1 {
		return 0, fmt.Errorf("cuda: Session.Scratch: %q: size is %d bytes, want at least 1", name, size)
	}
	scratch.Lock()
	defer scratch.Unlock()
	key := scratchKey{weak.Make(s.engine), name}
	b, ok := scratch.buffers[key]
	if ok && b.size >= size {
		return Arg(b.at), nil
	}
	if ok {
		if err := cu.MemFree(b.at); err != nil {
			return 0, fmt.Errorf("cuda: Session.Scratch: %q: freeing %d bytes: %w", name, b.size, err)
		}
		delete(scratch.buffers, key)
	} else {
		for k := range scratch.buffers {
			if k.engine.Value() == nil {
				delete(scratch.buffers, k)
			}
		}
	}
	at, err := cu.MemAlloc(int64(size))
	if err != nil {
		return 0, fmt.Errorf("cuda: Session.Scratch: %q: allocating %d bytes: %w", name, size, err)
	}
	scratch.buffers[key] = buffer{at: at, size: size}
	return Arg(at), nil
}

// Upload copies x, a []float32 or []float64, to the device.
func (s *Session) Upload(to Arg, x any) error {
	from, size, err := array(x)
	if err != nil {
		return fmt.Errorf("cuda: Session.Upload: %w", err)
	}
	if size == 0 {
		return nil
	}
	if err := cu.MemcpyHtoD(cu.DevicePtr(to), from, size); err != nil {
		return fmt.Errorf("cuda: Session.Upload: %d bytes to 0x%x: %w", size, uint64(to), err)
	}
	return nil
}

// Download fills x, a []float32 or []float64, from the device.
func (s *Session) Download(x any, from Arg) error {
	to, size, err := array(x)
	if err != nil {
		return fmt.Errorf("cuda: Session.Download: %w", err)
	}
	if size == 0 {
		return nil
	}
	if err := cu.MemcpyDtoH(to, cu.DevicePtr(from), size); err != nil {
		return fmt.Errorf("cuda: Session.Download: %d bytes from 0x%x: %w", size, uint64(from), err)
	}
	return nil
}

// Resident returns scratch memory that holds x, a []float32 or []float64, which is
// copied there only if the name's content has another version. Versions are not 0.
func (s *Session) Resident(name string, version uint64, x any) (Arg, error) {
	_, size, err := array(x)
	if err != nil {
		return 0, fmt.Errorf("cuda: Session.Resident: %q: %w", name, err)
	}
	at, err := s.Scratch(name, int(size))
	if err != nil {
		return 0, err
	}
	key := scratchKey{weak.Make(s.engine), name}
	scratch.Lock()
	b := scratch.buffers[key]
	scratch.Unlock()
	if b.version == version {
		return at, nil
	}
	if err := s.Upload(at, x); err != nil {
		return 0, err
	}
	b.version = version
	scratch.Lock()
	scratch.buffers[key] = b
	scratch.Unlock()
	return at, nil
}

// array returns where the numbers of x lie and their bytes.
func array(x any) (at unsafe.Pointer, size int64, err error) {
	switch x := x.(type) {
	case []float32:
		return unsafe.Pointer(unsafe.SliceData(x)), 4 * int64(len(x)), nil
	case []float64:
		return unsafe.Pointer(unsafe.SliceData(x)), 8 * int64(len(x)), nil
	}
	return nil, 0, fmt.Errorf("x is a %T, want []float32 or []float64", x)
}
