package ptxsim

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// parser reads tokens by recursive descent. The first error ends it: methods after
// that do nothing of use, and p.err is looked at where it matters.
type parser struct {
	src    string
	tokens []token
	next   int
	err    error
}

// parseSyntax reads a PTX text.
func parseSyntax(src string) (*moduleSyntax, error) {
	tokens, err := scan(src)
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, tokens: tokens}
	m := &moduleSyntax{}
	for p.err == nil && p.next < len(p.tokens) {
		p.directive(m)
	}
	return m, p.err
}

func (p *parser) fail(line int, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("PTX line %d: %s", line, fmt.Sprintf(format, args...))
	}
}

func (p *parser) peek() token {
	if p.err == nil && p.next < len(p.tokens) {
		return p.tokens[p.next]
	}
	return token{text: "", line: p.line()}
}

func (p *parser) line() int {
	if len(p.tokens) == 0 {
		return 1
	}
	return p.tokens[min(p.next, len(p.tokens)-1)].line
}

func (p *parser) take() token {
	t := p.peek()
	p.next++
	return t
}

// accept takes the next token if it has the text.
func (p *parser) accept(text string) bool {
	if p.peek().text == text {
		p.next++
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if t := p.take(); t.text != text {
		p.fail(t.line, "got %q, want %q", t.text, text)
	}
}

func (p *parser) word(what string) string {
	t := p.take()
	if !t.word {
		p.fail(t.line, "got %q, want %s", t.text, what)
	}
	return t.text
}

func (p *parser) integer(what string) int {
	t := p.take()
	n, err := strconv.ParseInt(t.text, 0, 32)
	if err != nil || n < 0 {
		p.fail(t.line, "got %q, want %s", t.text, what)
	}
	return int(n)
}

// skipTo drops tokens up to and including one with the text.
func (p *parser) skipTo(text string) {
	for p.err == nil && p.next < len(p.tokens) && p.take().text != text {
	}
}

func (p *parser) directive(m *moduleSyntax) {
	extern := false
	for p.accept(".visible") || p.accept(".weak") {
	}
	if p.accept(".extern") {
		extern = true
	}
	t := p.take()
	switch t.text {
	case ".version":
		m.version = p.word("a version")
	case ".target":
		m.target = p.word("a target")
		for p.accept(",") {
			p.word("a target option")
		}
	case ".address_size":
		if n := p.integer("an address size"); n != 64 && p.err == nil {
			p.fail(t.line, "addresses of %d bits are not supported, only of 64", n)
		}
	case ".const":
		m.constants = append(m.constants, p.variable(extern))
	case ".shared":
		m.shared = append(m.shared, p.variable(extern))
	case ".entry":
		m.entries = append(m.entries, p.entry())
	case ".global":
		p.fail(t.line, "global variables are not supported: declare tables __constant__")
	case ".func":
		p.fail(t.line, "functions are not supported: the kernel must inline them")
	default:
		p.fail(t.line, "%q is not supported outside of a kernel", t.text)
	}
}

// typ reads a type, as .f32.
func (p *parser) typ() scalar {
	t := p.take()
	s, ok := scalars[strings.TrimPrefix(t.text, ".")]
	if !ok {
		p.fail(t.line, "%q is not a type", t.text)
		return scalar{untyped, 8}
	}
	return s
}

// variable reads [.align n] type name[count] [= {values}] ;
func (p *parser) variable(extern bool) variable {
	v := variable{line: p.line(), align: 1, extern: extern}
	if p.accept(".align") {
		v.align = p.integer("an alignment")
	}
	typ := p.typ()
	v.align = max(v.align, typ.bytes())
	v.name = p.word("a name")
	count := 1
	if p.accept("[") {
		if !p.accept("]") {
			count = p.integer("an array size")
			p.expect("]")
		} else {
			count = 0
			if !extern {
				p.fail(v.line, "%s has no size", v.name)
			}
		}
	}
	v.size = count * typ.bytes()
	if p.accept("=") {
		v.initial = p.initializer(typ, v.size)
	}
	p.expect(";")
	return v
}

func (p *parser) initializer(typ scalar, size int) []byte {
	data := make([]byte, 0, size)
	line := p.line()
	add := func() {
		o := p.operand()
		if o.kind != numberOperand {
			p.fail(line, "an initial value is not a number")
		}
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], o.bits)
		data = append(data, b[:typ.bytes()]...)
	}
	if p.accept("{") {
		for add(); p.accept(","); {
			add()
		}
		p.expect("}")
	} else {
		add()
	}
	if len(data) > size {
		p.fail(line, "%d bytes of initial values for %d bytes", len(data), size)
		return data
	}
	return append(data, make([]byte, size-len(data))...)
}

func (p *parser) entry() *entrySyntax {
	e := &entrySyntax{line: p.line(), labels: map[string]int{}}
	e.name = p.word("a kernel's name")
	if p.accept("(") {
		for p.err == nil && !p.accept(")") {
			p.expect(".param")
			line := p.line()
			if p.peek().text == ".align" {
				p.fail(line, "parameters passed by value that are not numbers are not supported")
			}
			typ := p.typ()
			e.params = append(e.params, param{p.word("a parameter's name"), typ})
			p.accept(",")
		}
	}
	for p.err == nil && !p.accept("{") {
		switch t := p.take(); t.text {
		case ".maxntid", ".reqntid":
			e.maxThreads = p.integer("a number of threads")
			for p.accept(",") {
				e.maxThreads *= p.integer("a number of threads")
			}
		case ".minnctapersm", ".maxnreg":
			p.integer("a number")
		default:
			p.fail(t.line, "%q is not supported before a kernel's body", t.text)
		}
	}
	for p.err == nil && !p.accept("}") {
		p.statement(e)
	}
	return e
}

func (p *parser) statement(e *entrySyntax) {
	t := p.peek()
	switch {
	case p.next >= len(p.tokens):
		p.fail(t.line, "kernel %s has no end", e.name)
	case t.text == ".reg":
		p.next++
		e.registers = append(e.registers, p.registers())
	case t.text == ".shared":
		p.next++
		e.shared = append(e.shared, p.variable(false))
	case t.text == ".pragma":
		p.skipTo(";")
	case t.text == ".local":
		p.fail(t.line, "local memory is not supported: it is slow on a GPU, keep arrays in registers")
	case t.text == "{":
		p.fail(t.line, "nested blocks, as of calls and inline assembly, are not supported")
	case t.word && p.next+1 < len(p.tokens) && p.tokens[p.next+1].text == ":":
		p.next += 2
		if _, ok := e.labels[t.text]; ok {
			p.fail(t.line, "label %s is there twice", t.text)
		}
		e.labels[t.text] = len(e.body)
	case t.word && t.text[0] == '.':
		p.fail(t.line, "%q is not supported in a kernel", t.text)
	default:
		e.body = append(e.body, p.instruction())
	}
}

func (p *parser) registers() registerRange {
	r := registerRange{line: p.line(), typ: p.typ(), prefix: p.word("registers")}
	p.expect("<")
	r.count = p.integer("a number of registers")
	p.expect(">")
	p.expect(";")
	return r
}

func (p *parser) instruction() statement {
	first := p.peek()
	s := statement{line: first.line}
	if p.accept("@") {
		s.negated = p.accept("!")
		s.guard = p.word("a predicate")
	}
	s.opcode = strings.Split(p.word("an instruction"), ".")
	for p.err == nil && p.peek().text != ";" {
		s.operands = append(s.operands, p.operand())
		if !p.accept(",") {
			break
		}
	}
	end := p.peek()
	p.expect(";")
	if p.err == nil {
		s.text = strings.Join(strings.Fields(p.src[first.pos:end.pos]), " ")
	}
	return s
}

func (p *parser) operand() operand {
	switch t := p.peek(); {
	case p.accept("{"):
		o := operand{kind: vectorOperand}
		for o.members = append(o.members, p.operand()); p.accept(","); {
			o.members = append(o.members, p.operand())
		}
		p.expect("}")
		return o
	case p.accept("["):
		o := p.operand()
		if o.kind == vectorOperand || o.kind == addressOperand {
			p.fail(t.line, "the address is not a name or number")
		}
		if o.kind == numberOperand {
			o.offset = int64(o.bits)
		}
		o.kind = addressOperand
		if p.accept("+") {
			offset := p.number()
			o.offset = int64(offset.bits)
		}
		p.expect("]")
		return o
	case t.text == "-" || t.word && t.text[0] >= '0' && t.text[0] <= '9':
		return p.number()
	case t.word:
		p.next++
		return operand{kind: nameOperand, name: t.text}
	default:
		p.fail(t.line, "got %q, want an operand", t.text)
		return operand{}
	}
}

// number reads a constant: an integer, or the bits of a float after 0f or 0d.
func (p *parser) number() operand {
	negative := p.accept("-")
	t := p.take()
	o := operand{kind: numberOperand}
	var err error
	switch {
	case strings.HasPrefix(t.text, "0f") && len(t.text) == 10:
		o.float, o.width = true, 32
		o.bits, err = strconv.ParseUint(t.text[2:], 16, 32)
	case strings.HasPrefix(t.text, "0d") && len(t.text) == 18:
		o.float, o.width = true, 64
		o.bits, err = strconv.ParseUint(t.text[2:], 16, 64)
	default:
		o.bits, err = strconv.ParseUint(strings.TrimSuffix(t.text, "U"), 0, 64)
	}
	if err != nil || negative && o.float {
		p.fail(t.line, "%q is not a number", t.text)
	}
	if negative {
		o.bits = -o.bits
	}
	return o
}
