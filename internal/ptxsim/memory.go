package ptxsim

import (
	"encoding/binary"
	"fmt"
	"math"
	"sort"
)

// Poison is the word that fresh device memory is filled with: NaN, read as float32
// and, twice, as float64, with a payload that no arithmetic produces. A kernel that
// reads it from global memory has read what nothing was written to.
const Poison uint32 = 0x7ff4dead

const poison64 = uint64(Poison)<<32 | uint64(Poison)

// Memory is the global memory of a device: allocations at addresses, and nothing
// between them. It is not safe for concurrent use.
type Memory struct {
	blocks []*block // by address
	next   uint64
	clock  uint32 // the last barrier interval of the last launch; see history
}

type block struct {
	base    uint64
	data    []byte
	history *history // of the launch's accesses; never nil
}

// allocation addresses: apart from zero, aligned as CUDA aligns them, and with room
// between any two.
const (
	firstAddress = 1 << 32
	alignment    = 256
)

// NewMemory returns a memory without allocations.
func NewMemory() *Memory { return &Memory{next: firstAddress} }

// Alloc makes an allocation of the given number of bytes at an address of its own.
func (m *Memory) Alloc(size int) uint64 {
	base := m.next
	data := make([]byte, size)
	FillPoison(data)
	if err := m.Map(base, data); err != nil {
		panic(err) // addresses below next are all that was handed out
	}
	m.next += (uint64(size) + 2*alignment) / alignment * alignment
	return base
}

// FillPoison fills memory with the Poison.
func FillPoison(data []byte) {
	var word [4]byte
	binary.LittleEndian.PutUint32(word[:], Poison)
	for n := copy(data, word[:]); n < len(data) && n > 0; n *= 2 {
		copy(data[n:], data[:n])
	}
}

// Map makes data the memory at an address. It is for memory whose address is given,
// as that of the host's.
func (m *Memory) Map(address uint64, data []byte) error {
	i := m.after(address)
	end := address + uint64(len(data))
	if end < address || i < len(m.blocks) && m.blocks[i].base < end || i > 0 && m.blocks[i-1].end() > address {
		return fmt.Errorf("ptxsim: Memory.Map: %d bytes at 0x%x overlap with an allocation", len(data), address)
	}
	m.blocks = append(m.blocks, nil)
	copy(m.blocks[i+1:], m.blocks[i:])
	m.blocks[i] = &block{address, data, newHistory(len(data))}
	return nil
}

// Free ends an allocation or mapping.
func (m *Memory) Free(address uint64) error {
	i := m.after(address) - 1
	if i < 0 || m.blocks[i].base != address {
		return fmt.Errorf("ptxsim: Memory.Free: 0x%x is not the start of an allocation", address)
	}
	m.blocks[i].data = nil // for those who have cached it
	m.blocks = append(m.blocks[:i], m.blocks[i+1:]...)
	return nil
}

// Bytes returns the memory of size bytes at an address, which must be in one
// allocation. Writing to it writes to the memory.
func (m *Memory) Bytes(address uint64, size int) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	b := m.find(address)
	if b == nil || size < 0 || !b.holds(address, size) {
		return nil, fmt.Errorf("ptxsim: Memory.Bytes: %d bytes at 0x%x are not in one allocation", size, address)
	}
	offset := address - b.base
	return b.data[offset : offset+uint64(size)], nil
}

// after is the index of the first block behind an address.
func (m *Memory) after(address uint64) int {
	return sort.Search(len(m.blocks), func(i int) bool { return m.blocks[i].base > address })
}

// find gives the block that holds an address, or nil.
func (m *Memory) find(address uint64) *block {
	i := m.after(address) - 1
	if i < 0 || address >= m.blocks[i].end() {
		return nil
	}
	return m.blocks[i]
}

func (b *block) end() uint64 { return b.base + uint64(len(b.data)) }

// holds says whether size bytes at an address are in the block.
func (b *block) holds(address uint64, size int) bool {
	offset := address - b.base
	return offset < uint64(len(b.data)) && uint64(len(b.data))-offset >= uint64(size)
}

// Number is what a kernel's tensors and tables are made of.
type Number interface {
	float32 | float64 | int32 | int64 | uint32 | uint64
}

// Upload allocates memory for values, copies them there, and returns its address.
func Upload[T Number](m *Memory, values []T) uint64 {
	size := binary.Size(*new(T))
	address := m.Alloc(size * len(values))
	data, _ := m.Bytes(address, size*len(values))
	for i, v := range values {
		put(data[i*size:], v)
	}
	return address
}

// Download returns n values from an address.
func Download[T Number](m *Memory, address uint64, n int) ([]T, error) {
	size := binary.Size(*new(T))
	data, err := m.Bytes(address, size*n)
	if err != nil {
		return nil, err
	}
	values := make([]T, n)
	for i := range values {
		values[i] = get[T](data[i*size:])
	}
	return values, nil
}

func put[T Number](data []byte, v T) {
	switch x := any(v).(type) {
	case float32:
		binary.LittleEndian.PutUint32(data, math.Float32bits(x))
	case float64:
		binary.LittleEndian.PutUint64(data, math.Float64bits(x))
	case int32:
		binary.LittleEndian.PutUint32(data, uint32(x))
	case uint32:
		binary.LittleEndian.PutUint32(data, x)
	case int64:
		binary.LittleEndian.PutUint64(data, uint64(x))
	case uint64:
		binary.LittleEndian.PutUint64(data, x)
	}
}

func get[T Number](data []byte) T {
	var v T
	switch p := any(&v).(type) {
	case *float32:
		*p = math.Float32frombits(binary.LittleEndian.Uint32(data))
	case *float64:
		*p = math.Float64frombits(binary.LittleEndian.Uint64(data))
	case *int32:
		*p = int32(binary.LittleEndian.Uint32(data))
	case *uint32:
		*p = binary.LittleEndian.Uint32(data)
	case *int64:
		*p = int64(binary.LittleEndian.Uint64(data))
	case *uint64:
		*p = binary.LittleEndian.Uint64(data)
	}
	return v
}
