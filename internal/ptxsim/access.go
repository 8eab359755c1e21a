package ptxsim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// access is a load or store, as its statement says.
type access struct {
	space     space
	typ       scalar
	base      int    // slot of the address
	offset    uint64 // added to it
	registers []int  // slots of the values, one after the other in memory
}

var spaces = map[string]space{"global": globalSpace, "shared": sharedSpace, "const": constSpace, "param": paramSpace}

// access reads a load or store: its modifiers, the operand with the address, and the
// one with the values.
func (d *decoder) access(s statement, address, values operand, isStore bool) (access, error) {
	a := access{}
	modifiers := s.opcode[1:]
	if len(modifiers) < 2 {
		return a, errors.New("generic addresses are not supported: the state space or type is missing")
	}
	var ok bool
	if a.space, ok = spaces[modifiers[0]]; !ok {
		return a, fmt.Errorf("state space %q is not supported", modifiers[0])
	}
	if a.typ, ok = scalars[modifiers[len(modifiers)-1]]; !ok || a.typ.class == pred {
		return a, fmt.Errorf("%q is not a type that memory has", modifiers[len(modifiers)-1])
	}
	if a.space == sharedSpace && a.typ.bytes() < wordBytes {
		return a, errors.New("accesses of less than 4 bytes to shared memory are not supported")
	}
	modifiers = modifiers[1 : len(modifiers)-1]
	if len(modifiers) > 0 && modifiers[0] == "nc" && a.space == globalSpace && !isStore {
		modifiers = modifiers[1:] // through a cache that does not see writes of this kernel
	}
	members := []operand{values}
	if values.kind == vectorOperand {
		members = values.members
		if len(modifiers) == 0 || modifiers[0] != fmt.Sprintf("v%d", len(members)) {
			return a, fmt.Errorf("%d registers for modifiers %q", len(members), modifiers)
		}
		modifiers = modifiers[1:]
	}
	if len(modifiers) > 0 {
		return a, fmt.Errorf("modifier %q is not supported", modifiers[0])
	}
	for _, m := range members {
		var slot int
		var err error
		if isStore {
			slot, err = d.source(m, a.typ, true)
		} else {
			slot, err = d.result(m, a.typ, true)
		}
		if err != nil {
			return a, err
		}
		a.registers = append(a.registers, slot)
	}
	if address.kind != addressOperand {
		return a, errors.New("an operand is not an address")
	}
	a.offset = uint64(address.offset)
	if a.space == paramSpace {
		return a, nil
	}
	return a, d.base(&a, address)
}

// base gives the register or variable of an address.
func (d *decoder) base(a *access, address operand) error {
	r, isRegister := d.slots[address.name]
	v, isSymbol := d.symbols[address.name]
	switch {
	case isSymbol && v.space == a.space:
		a.base = d.number(v.offset)
	case !isRegister:
		return fmt.Errorf("the address %q is not a register or variable of the state space", address.name)
	case r.typ.bits == 64 || r.typ.bits == 32 && a.space != globalSpace && a.offset>>63 == 0:
		a.base = r.index
	default:
		return fmt.Errorf("register %s of type %v is not an address", address.name, r.typ)
	}
	return nil
}

func (d *decoder) load(s statement) (exec, error) {
	if err := operands(s, 2); err != nil {
		return nil, err
	}
	a, err := d.access(s, s.operands[1], s.operands[0], false)
	if err != nil {
		return nil, err
	}
	switch a.space {
	case paramSpace:
		return d.loadParam(a, s.operands[1].name)
	case sharedSpace:
		return a.loadShared(), nil
	case constSpace:
		return a.loadConst(d.k), nil
	}
	a.remember(d.k)
	if len(a.registers) == 1 && a.typ.bits == 32 {
		return a.loadGlobal32(d.k.memories - 1), nil
	}
	return a.loadGlobal(d.k.memories - 1), nil
}

func (d *decoder) store(s statement) (exec, error) {
	if err := operands(s, 2); err != nil {
		return nil, err
	}
	a, err := d.access(s, s.operands[0], s.operands[1], true)
	if err != nil {
		return nil, err
	}
	switch a.space {
	case globalSpace:
		a.remember(d.k)
		if len(a.registers) == 1 && a.typ.bits == 32 {
			return a.storeGlobal32(d.k.memories - 1), nil
		}
		return a.storeGlobal(d.k.memories - 1), nil
	case sharedSpace:
		return a.storeShared(), nil
	}
	return nil, errors.New("the state space cannot be written to")
}

// remember reserves a place in warp.recent, where the instruction remembers the
// allocation that it accessed last.
func (a *access) remember(k *Kernel) { k.memories++ }

// loadParam copies a parameter, of which every launch gives 8 bytes.
func (d *decoder) loadParam(a access, name string) (exec, error) {
	i := slices.IndexFunc(d.k.params, func(p param) bool { return p.name == name })
	if i < 0 {
		return nil, fmt.Errorf("the kernel has no parameter %q", name)
	}
	if a.offset != 0 || len(a.registers) != 1 || a.typ.bytes() > d.k.params[i].typ.bytes() {
		return nil, fmt.Errorf("parameter %q is of type %v", name, d.k.params[i].typ)
	}
	slot := d.newSlot()
	widen := a.typ.widen()
	d.k.uniform[slot] = func(args []uint64) uint64 { return widen(args[i]) }
	return op{f1: func(v uint64) uint64 { return v }}.exec(a.registers[0], []int{slot}), nil
}

// widen is how a loaded value gets into a register: signed types are extended, to 32
// bits at least.
func (t scalar) widen() fn1 {
	mask := t.mask()
	if t.class == signed && t.bits < 32 {
		return func(v uint64) uint64 { return uint64(uint32(t.extend(v))) }
	}
	return func(v uint64) uint64 { return v & mask }
}

const (
	outside    = "%s %d bytes at 0x%x, which are not in one allocation"
	misaligned = "%s %d bytes at 0x%x, which is not a multiple of that"
	unwritten  = "reads memory at 0x%x that nothing was written to"
	raceAt     = "%s, without a barrier between, at 0x%x"
)

// global gives the memory of size bytes at an address; nil means that the warp was
// stopped. It tries the block that the instruction accessed last.
func (w *warp) global(memory int, lane uint8, verb string, address uint64, size int) []byte {
	if address%uint64(size) != 0 {
		w.fail(lane, misaligned, verb, size, address)
		return nil
	}
	b := w.recent[memory]
	if b == nil || !b.holds(address, size) {
		if b = w.memory.find(address); b == nil || !b.holds(address, size) {
			w.fail(lane, outside, verb, size, address)
			return nil
		}
		w.recent[memory] = b
	}
	return b.data[address-b.base:]
}

// The most frequent accesses, of one 4-byte word, have loops of their own, which
// call global only for the first lane and for the unusual.

func (a access) loadGlobal32(memory int) exec {
	d, base, offset := a.registers[0], a.base, a.offset
	return func(w *warp, active []uint8) {
		d, base := &w.regs[d], &w.regs[base]
		var recent block
		for _, l := range active {
			address := base[l%maxLanes] + offset
			var v uint32
			if at := address - recent.base; address%4 == 0 && at < recent.end32() {
				v = binary.LittleEndian.Uint32(recent.data[at:])
			} else {
				data := w.global(memory, l, "reads", address, 4)
				if data == nil {
					return
				}
				v, recent = binary.LittleEndian.Uint32(data), *w.recent[memory]
			}
			if v == Poison {
				w.fail(l, unwritten, address)
				return
			}
			if reason := recent.history.at(address-recent.base).noteRead(w.launch, int32(w.first)+int32(l)); reason != "" {
				w.fail(l, raceAt, reason, address)
				return
			}
			d[l%maxLanes] = uint64(v)
		}
	}
}

func (a access) storeGlobal32(memory int) exec {
	s, base, offset := a.registers[0], a.base, a.offset
	return func(w *warp, active []uint8) {
		s, base := &w.regs[s], &w.regs[base]
		var recent block
		for _, l := range active {
			address := base[l%maxLanes] + offset
			if at := address - recent.base; address%4 != 0 || at >= recent.end32() {
				if w.global(memory, l, "writes", address, 4) == nil {
					return
				}
				recent = *w.recent[memory]
			}
			at := address - recent.base
			if reason := recent.history.at(at).noteWrite(w.launch, int32(w.first)+int32(l)); reason != "" {
				w.fail(l, raceAt, reason, address)
				return
			}
			binary.LittleEndian.PutUint32(recent.data[at:], uint32(s[l%maxLanes]))
		}
	}
}

// end32 is the end of the offsets at which a 4-byte word fits into the block.
func (b *block) end32() uint64 { return uint64(max(len(b.data)-3, 0)) }

func (a access) loadGlobal(memory int) exec {
	size, widen := a.typ.bytes(), a.typ.widen()
	return func(w *warp, active []uint8) {
		for _, l := range active {
			address := w.regs[a.base][l] + a.offset
			data := w.global(memory, l, "reads", address, size*len(a.registers))
			if data == nil || !w.note(w.recent[memory], l, address, size*len(a.registers), (*globalWord).noteRead) {
				return
			}
			for i, d := range a.registers {
				v := loadLittle(data[i*size:], size)
				if size == 4 && uint32(v) == Poison || size == 8 && v == poison64 {
					w.fail(l, unwritten, address+uint64(i*size))
					return
				}
				w.regs[d][l] = widen(v)
			}
		}
	}
}

func (a access) storeGlobal(memory int) exec {
	size := a.typ.bytes()
	return func(w *warp, active []uint8) {
		for _, l := range active {
			address := w.regs[a.base][l] + a.offset
			data := w.global(memory, l, "writes", address, size*len(a.registers))
			if data == nil || !w.note(w.recent[memory], l, address, size*len(a.registers), (*globalWord).noteWrite) {
				return
			}
			for i, s := range a.registers {
				storeLittle(data[i*size:], size, w.regs[s][l])
			}
		}
	}
}

func loadLittle(data []byte, size int) uint64 {
	switch size {
	case 1:
		return uint64(data[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(data))
	case 4:
		return uint64(binary.LittleEndian.Uint32(data))
	}
	return binary.LittleEndian.Uint64(data)
}

func storeLittle(data []byte, size int, v uint64) {
	switch size {
	case 1:
		data[0] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(data, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(data, uint32(v))
	default:
		binary.LittleEndian.PutUint64(data, v)
	}
}

func (a access) loadConst(k *Kernel) exec {
	size, widen := a.typ.bytes(), a.typ.widen()
	return func(w *warp, active []uint8) {
		for _, l := range active {
			address := w.regs[a.base][l] + a.offset
			all := uint64(size * len(a.registers))
			switch {
			case address%all != 0:
				w.fail(l, misaligned, "reads", all, address)
				return
			case address+all > uint64(len(k.constants)) || address+all < all:
				w.fail(l, outside, "reads", all, address)
				return
			}
			for i, d := range a.registers {
				w.regs[d][l] = widen(loadLittle(k.constants[address+uint64(i*size):], size))
			}
		}
	}
}

// sharedWords checks an access to shared memory and notes it for each of its words.
func (w *warp) sharedWords(lane uint8, address uint64, size int, note func(*sharedMemory, uint64, int32) hazard) bool {
	s := w.shared
	verb := "accesses"
	switch {
	case address%uint64(size) != 0:
		w.fail(lane, misaligned, verb, size, address)
		return false
	case address+uint64(size) > uint64(len(s.data)) || address+uint64(size) < uint64(size):
		w.fail(lane, "accesses %d bytes at offset %d of %d bytes of shared memory", size, address, len(s.data))
		return false
	}
	for word := address / wordBytes; word < (address+uint64(size))/wordBytes; word++ {
		if h := note(s, word, int32(w.first+int(lane))); h.reason != "" {
			w.failShared(lane, h, word*wordBytes)
			return false
		}
	}
	return true
}

func (a access) loadShared() exec {
	size := a.typ.bytes()
	return func(w *warp, active []uint8) {
		for _, l := range active {
			address := w.regs[a.base][l] + a.offset
			if !w.sharedWords(l, address, size*len(a.registers), (*sharedMemory).noteRead) {
				return
			}
			for i, d := range a.registers {
				w.regs[d][l] = w.shared.load(address+uint64(i*size), size)
			}
		}
	}
}

func (a access) storeShared() exec {
	size := a.typ.bytes()
	return func(w *warp, active []uint8) {
		for _, l := range active {
			address := w.regs[a.base][l] + a.offset
			if !w.sharedWords(l, address, size*len(a.registers), (*sharedMemory).noteWrite) {
				return
			}
			for i, s := range a.registers {
				w.shared.store(address+uint64(i*size), size, w.regs[s][l])
			}
		}
	}
}
