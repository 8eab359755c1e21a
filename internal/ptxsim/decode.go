package ptxsim

import (
	"errors"
	"fmt"
	"strings"
)

// decoder turns the statements of a kernel into instructions on numbered slots.
//
// To add an instruction whose lanes do not matter to each other, add its function to
// optable.go; for others, add a case to decoder.statement.
type decoder struct {
	k        *Kernel
	syntax   *entrySyntax
	slots    map[string]slot // registers
	numbers  map[uint64]int  // slots of constants
	specials map[string]int  // slots of special registers
	symbols  map[string]symbol
}

// slot is a register.
type slot struct {
	index int
	typ   scalar
}

// space is a state space of memory.
type space byte

const (
	globalSpace space = iota
	sharedSpace
	constSpace
	paramSpace
)

// symbol is a variable: a place in its space.
type symbol struct {
	space  space
	offset uint64
}

func decode(m *moduleSyntax, e *entrySyntax) (*Kernel, error) {
	d := &decoder{
		k:        &Kernel{name: e.name, params: e.params, maxThreads: e.maxThreads, uniform: map[int]value{}},
		syntax:   e,
		slots:    map[string]slot{},
		numbers:  map[uint64]int{},
		specials: map[string]int{},
		symbols:  map[string]symbol{},
	}
	d.declare(m)
	var errs []error
	for _, s := range e.body {
		in, err := d.statement(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("PTX line %d: %s: %w", s.line, s.text, err))
			continue
		}
		in.line, in.text = s.line, s.text
		d.k.code = append(d.k.code, in)
		d.k.hasBarrier = d.k.hasBarrier || in.kind == barrier
	}
	if n := len(e.body); n == 0 || e.body[n-1].opcode[0] != "ret" && e.body[n-1].opcode[0] != "exit" && e.body[n-1].opcode[0] != "bra" {
		errs = append(errs, fmt.Errorf("PTX line %d: the kernel runs past its end", e.line))
	}
	return d.k, errors.Join(errs...)
}

// declare gives registers and variables their places.
func (d *decoder) declare(m *moduleSyntax) {
	for _, r := range d.syntax.registers {
		for i := range r.count {
			d.slots[fmt.Sprintf("%s%d", r.prefix, i)] = slot{d.newSlot(), r.typ}
		}
	}
	for _, v := range m.constants {
		d.k.constants = append(d.k.constants, make([]byte, padding(len(d.k.constants), v.align))...)
		d.symbols[v.name] = symbol{constSpace, uint64(len(d.k.constants))}
		d.k.constants = append(d.k.constants, v.initial...)
	}
	// An array of open size lies behind the others.
	shared := append(append([]variable(nil), m.shared...), d.syntax.shared...)
	for _, open := range []bool{false, true} {
		for _, v := range shared {
			if (v.extern && v.size == 0) != open {
				continue
			}
			d.k.shared += padding(d.k.shared, v.align)
			d.symbols[v.name] = symbol{sharedSpace, uint64(d.k.shared)}
			d.k.shared += v.size
			d.k.openShared = d.k.openShared || open
		}
	}
}

func padding(offset, align int) int { return (align - offset%align) % align }

func (d *decoder) newSlot() int {
	d.k.slots++
	return d.k.slots - 1
}

func (d *decoder) statement(s statement) (instruction, error) {
	in := instruction{guard: -1, negated: s.negated}
	if s.guard != "" {
		r, ok := d.slots[s.guard]
		if !ok || r.typ.class != pred {
			return in, fmt.Errorf("%s is not a predicate", s.guard)
		}
		in.guard = r.index
	}
	var err error
	name := strings.Join(s.opcode, ".")
	switch s.opcode[0] {
	case "bra":
		in.kind = branch
		in.target, err = d.label(s)
	case "ret", "exit":
		in.kind = leave
		err = operands(s, 0)
	case "bar", "barrier":
		in.kind = barrier
		if name != "bar.sync" && name != "barrier.sync" || len(s.operands) != 1 || s.operands[0].kind != numberOperand || s.operands[0].bits != 0 {
			err = errors.New("only barrier 0, of all threads of a block, is supported")
		}
	case "ld":
		in.exec, err = d.load(s)
	case "st":
		in.exec, err = d.store(s)
	case "cvta":
		// Global addresses are generic addresses.
		if name != "cvta.to.global.u64" && name != "cvta.global.u64" {
			err = errors.New("generic addresses are not supported but for global memory")
			break
		}
		in.exec, err = d.op(ops()["mov.u64"], s)
	default:
		o, ok := ops()[name]
		if !ok {
			return in, fmt.Errorf("instruction %q is not supported%s", name, hint(s.opcode))
		}
		in.exec, err = d.op(o, s)
	}
	return in, err
}

// hint says why an instruction of a kind that seems simple is refused.
func hint(opcode []string) string {
	last := opcode[len(opcode)-1]
	for _, modifier := range opcode[1:] {
		switch modifier {
		case "approx", "full":
			return ": its result is not defined to the bit"
		case "ftz":
			return ": GPUs that flush subnormal numbers to zero differ from CPUs"
		}
	}
	switch opcode[0] {
	case "add", "sub", "mul":
		if len(opcode) == 2 && last[0] == 'f' {
			return ": without .rn the assembler may contract it to fma (compile with -ffp-contract=off)"
		}
	case "atom", "red":
		return ": the order of atomic operations is not defined"
	}
	return ""
}

func operands(s statement, n int) error {
	if len(s.operands) != n {
		return fmt.Errorf("got %d operands, want %d", len(s.operands), n)
	}
	return nil
}

func (d *decoder) label(s statement) (int, error) {
	if err := operands(s, 1); err != nil {
		return 0, err
	}
	for _, modifier := range s.opcode[1:] {
		if modifier != "uni" {
			return 0, fmt.Errorf("modifier %q is not supported", modifier)
		}
	}
	target, ok := d.syntax.labels[s.operands[0].name]
	if !ok || target >= len(d.syntax.body) {
		return 0, fmt.Errorf("no instruction has the label %q", s.operands[0].name)
	}
	return target, nil
}

func (d *decoder) op(o op, s statement) (exec, error) {
	if err := operands(s, 1+len(o.from)); err != nil {
		return nil, err
	}
	to, err := d.result(s.operands[0], o.to, o.wider)
	if err != nil {
		return nil, err
	}
	from := make([]int, len(o.from))
	for i, t := range o.from {
		if from[i], err = d.source(s.operands[i+1], t, o.wider); err != nil {
			return nil, err
		}
	}
	return o.exec(to, from), nil
}

// result gives the slot of a register that a value of type t is written to.
func (d *decoder) result(o operand, t scalar, wider bool) (int, error) {
	r, ok := d.slots[o.name]
	if o.kind != nameOperand || !ok {
		return 0, fmt.Errorf("the result %q is not a register", o.name)
	}
	return r.index, fits(o.name, r.typ, t, wider)
}

// fits checks the type of a register against that of an instruction. Only the width
// matters, and that predicates are nothing else.
func fits(name string, register, t scalar, wider bool) error {
	if register.bits == t.bits || wider && register.bits > t.bits && t.class != pred {
		return nil
	}
	return fmt.Errorf("register %s is of type %v, the instruction of type %v", name, register, t)
}

// source gives the slot of a value of type t.
func (d *decoder) source(o operand, t scalar, wider bool) (int, error) {
	switch o.kind {
	case numberOperand:
		if o.float != (t.class == float) && t.class != untyped || o.float && o.width != t.bits {
			return 0, fmt.Errorf("a constant is not of type %v", t)
		}
		return d.number(o.bits & t.mask()), nil
	case nameOperand:
		if r, ok := d.slots[o.name]; ok {
			return r.index, fits(o.name, r.typ, t, wider)
		}
		if v, ok := d.symbols[o.name]; ok {
			return d.number(v.offset), nil
		}
		return d.special(o.name, t)
	}
	return 0, errors.New("an operand is not a register or constant")
}

func (d *decoder) number(bits uint64) int {
	if i, ok := d.numbers[bits]; ok {
		return i
	}
	i := d.newSlot()
	d.numbers[bits] = i
	d.k.uniform[i] = func([]uint64) uint64 { return bits }
	return i
}

// special gives the slot of a special register, as %tid.x.
func (d *decoder) special(name string, t scalar) (int, error) {
	register, axis, _ := strings.Cut(name, ".")
	switch register {
	case "%tid", "%ntid", "%ctaid", "%nctaid":
	default:
		return 0, fmt.Errorf("unknown name %q", name)
	}
	if axis != "x" && axis != "y" && axis != "z" {
		return 0, fmt.Errorf("unknown name %q", name)
	}
	if t.bits != 32 {
		return 0, fmt.Errorf("register %s is of type u32, the instruction of type %v", name, t)
	}
	i, ok := d.specials[name]
	if !ok {
		i = d.newSlot()
		d.specials[name] = i
		d.k.specials = append(d.k.specials, special{i, register, axis})
	}
	return i, nil
}
