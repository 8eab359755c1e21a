package ptxsim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Module is a PTX text that can be run.
type Module struct {
	// Version is the version of the PTX language, as "4.2", and Target the GPU that the
	// text is for at least, as "sm_50".
	Version, Target string

	kernels map[string]*Kernel
}

// Kernels returns the names of the kernels, sorted.
func (m *Module) Kernels() []string { return slices.Sorted(maps.Keys(m.kernels)) }

// Kernel returns a kernel by its name.
func (m *Module) Kernel(name string) (*Kernel, error) {
	k, ok := m.kernels[name]
	if !ok {
		return nil, fmt.Errorf("ptxsim: the module has no kernel %q", name)
	}
	return k, nil
}

// Kernel is a function that can be launched on a Machine. It is not changed by that.
type Kernel struct {
	name   string
	params []param
	code   []instruction

	slots    int           // of lanes that a warp needs
	uniform  map[int]value // slots whose value is the same in all threads of a launch
	specials []special
	memories int // instructions that access global memory

	constants  []byte
	shared     int  // bytes
	openShared bool // there is an array whose size the launch gives
	hasBarrier bool
	maxThreads int // of a block, 0 if it is not said
}

// Name returns the kernel's name.
func (k *Kernel) Name() string { return k.name }

// Shared returns the bytes of shared memory that a block needs, without those that a
// launch adds.
func (k *Kernel) Shared() int { return k.shared }

// Params returns the number of the kernel's parameters.
func (k *Kernel) Params() int { return len(k.params) }

// value gives the value of a uniform slot from the arguments of a launch.
type value func(args []uint64) uint64

// special is the slot of a special register, as %tid.x.
type special struct {
	slot     int
	register string // %tid, %ntid, %ctaid, %nctaid
	axis     string // x, y, z
}

type kind byte

const (
	compute kind = iota
	branch
	leave
	barrier
)

// instruction is a decoded statement.
type instruction struct {
	kind    kind
	exec    exec
	guard   int // slot of the predicate, or -1
	negated bool
	target  int // of a branch
	line    int
	text    string
}

// Parse reads a PTX text. It fails, naming all lines, if there is anything in it that
// the package cannot run as a GPU would.
func Parse(src string) (*Module, error) {
	syntax, err := parseSyntax(src)
	if err != nil {
		return nil, fmt.Errorf("ptxsim: %w", err)
	}
	m := &Module{Version: syntax.version, Target: syntax.target, kernels: map[string]*Kernel{}}
	var errs []error
	for _, e := range syntax.entries {
		k, err := decode(syntax, e)
		if err != nil {
			errs = append(errs, fmt.Errorf("ptxsim: kernel %s: %w", e.name, err))
			continue
		}
		if _, ok := m.kernels[e.name]; ok {
			errs = append(errs, fmt.Errorf("ptxsim: PTX line %d: kernel %s is there twice", e.line, e.name))
		}
		m.kernels[e.name] = k
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return m, nil
}
