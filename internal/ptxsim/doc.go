// Package ptxsim runs PTX, the assembly language of NVIDIA GPUs, in pure Go, so
// that CUDA kernels can be tested on machines that have no GPU.
//
// It interprets the very text that the driver of a GPU gets. What makes a kernel
// wrong on some GPU, some day, is an error here at once, with the line of the PTX,
// the block and the thread:
//
//   - an access outside every allocation, or misaligned;
//   - a read of memory that nothing was written to;
//   - a shared-memory race: two threads that access a word between the same two
//     barriers, at least one of them writing;
//   - a race in global memory within a launch: the same, where no barrier is between
//     threads of different blocks;
//   - a barrier that not all threads of a block reach;
//   - an endless loop (Config.MaxSteps).
//
// Threads run in an order of choice (Config.Order, Config.WarpSize), so that
// results that depend on the order, which a GPU does not define, differ.
//
// Arithmetic is that of the PTX manual: IEEE 754 with subnormal numbers, rounded as
// the instruction says, with fma rounded once. Instructions whose result the manual
// leaves open are errors of Parse: the approximations (.approx), flushing to zero
// (.ftz), and float add, sub and mul without a rounding modifier, which the
// assembler may contract. So is every instruction that no kernel here uses; see
// decode.go for how to add one.
//
// Grids that are too large to run can be tried in part (Config.First), on windows of
// memory at any address (Memory.Map), so that arithmetic of indexes beyond 2³¹ shows.
//
// What it cannot show: anything about time, the driver's compiler, clusters, and threads
// that see each other's writes in an order that no interleaving of them explains.
//
// Warps of threads run in lockstep, an instruction at a time for all lanes: that is
// the fast order for an interpreter as for a GPU. Some 10⁸ instructions of a thread
// are run per second on one core.
package ptxsim
