package bench

import "github.com/ditac-go/ditac/internal/ptxsim"

// What follows is for the stand-in: the interpreter, run as the panel says.

// Memory is the memory of a context.
type Memory = ptxsim.Memory

// Module is a PTX text that was loaded.
type Module = ptxsim.Module

// Kernel is a function of a Module.
type Kernel = ptxsim.Kernel

// Dim is a number of blocks or threads in three dimensions.
type Dim = ptxsim.Dim

// Fault is the error of a kernel that went wrong.
type Fault = ptxsim.Fault

// Poison is the word that fresh memory is filled with.
const Poison = ptxsim.Poison

// Activate is called by the stand-in when it is linked in.
func Activate() {
	panel.Lock()
	defer panel.Unlock()
	panel.active = true
}

// Note adds to the traffic.
func Note(t Traffic) {
	panel.Lock()
	defer panel.Unlock()
	panel.traffic.Launches += t.Launches
	panel.traffic.Waits += t.Waits
	panel.traffic.Uploads = append(panel.traffic.Uploads, t.Uploads...)
	panel.traffic.Downloads = append(panel.traffic.Downloads, t.Downloads...)
}

// SetResources notes what programs hold on the device.
func SetResources(r Resources) {
	panel.Lock()
	defer panel.Unlock()
	panel.held = r
}

// NewMemory returns a memory without allocations.
func NewMemory() *Memory { return ptxsim.NewMemory() }

// FillPoison fills memory with the Poison.
func FillPoison(data []byte) { ptxsim.FillPoison(data) }

// Parse reads a PTX text.
func Parse(text string) (*Module, error) { return ptxsim.Parse(text) }

// Check returns what a driver says of a launch before the kernel runs.
func Check(m *Memory, k *Kernel, blocks, threads Dim, shared int, args ...uint64) error {
	machine := ptxsim.Machine{Memory: m, Config: config()}
	return machine.Check(k, blocks, threads, shared, args...)
}

// Launch runs a kernel as Configure says and notes that. Its parameters and errors are
// those of ptxsim.Machine.Launch.
func Launch(m *Memory, k *Kernel, blocks, threads Dim, shared int, args ...uint64) error {
	machine := ptxsim.Machine{Memory: m, Config: config()}
	stats, err := machine.Launch(k, blocks, threads, shared, args...)
	record(k.Name(), stats)
	return err
}
