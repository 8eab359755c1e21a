package ptxsim

// The syntax of a PTX text, before it is given a meaning.

// moduleSyntax is a whole text.
type moduleSyntax struct {
	version, target string
	constants       []variable // .const
	shared          []variable // .shared, outside of functions
	entries         []*entrySyntax
}

// variable is a declaration of memory.
type variable struct {
	name    string
	line    int
	align   int
	size    int    // bytes; 0 for an .extern array of open size
	initial []byte // nil if there is no initialiser
	extern  bool
}

// entrySyntax is an .entry, a kernel.
type entrySyntax struct {
	name       string
	line       int
	params     []param
	maxThreads int // .maxntid, 0 if there is none
	registers  []registerRange
	shared     []variable
	body       []statement
	labels     map[string]int // to the index of the next statement
}

type param struct {
	name string
	typ  scalar
}

// registerRange declares the registers prefix0 … prefix(count-1).
type registerRange struct {
	prefix string
	count  int
	typ    scalar
	line   int
}

// statement is an instruction.
type statement struct {
	line     int
	text     string // as written
	guard    string // the register after @, or ""
	negated  bool   // @!
	opcode   []string
	operands []operand
}

type operandKind byte

const (
	nameOperand    operandKind = iota // a register, symbol or label
	numberOperand                     // a constant, as bits
	addressOperand                    // [name+offset] or [number]
	vectorOperand                     // {a, b}
)

type operand struct {
	kind    operandKind
	name    string
	bits    uint64
	float   bool // the number was written 0f… or 0d…
	width   int  // of such a number, in bits
	offset  int64
	members []operand
}
