//go:build !amd64 || noasm

package kernel

const useAVX2 = false

func forwardAVX2(dst, x *float32, n int, t *float32) uint64             { panic("unreachable") }
func backwardXAVX2(dst, x, upstream *float32, n int, t *float32) uint64 { panic("unreachable") }
func momentsAVX2(sums, x, upstream *float32, n int, t *float32) uint64  { panic("unreachable") }
func linesAVX2(dst, x *float32, n int, t, line *float32) uint64         { panic("unreachable") }
func bendsAVX2(dst, x, upstream *float32, n int, t, bend *float32) uint64 {
	panic("unreachable")
}
func quadsAVX2(sums, x, upstream *float32, n int, t *float32) uint64 { panic("unreachable") }
