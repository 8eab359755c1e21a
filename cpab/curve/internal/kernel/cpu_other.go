//go:build !amd64 || noasm

package kernel

const useAVX2 = false

func forwardAVX2(dst, x *float32, n int, t *float32) uint64             { panic("unreachable") }
func backwardXAVX2(dst, x, upstream *float32, n int, t *float32) uint64 { panic("unreachable") }
func momentsAVX2(sums, x, upstream *float32, n int, t *float32) uint64  { panic("unreachable") }
func linesAVX2(dst, x *float32, n int, t, nodes *float32, odd *uint8) uint64 {
	panic("unreachable")
}
func slopesAVX2(dst, x, upstream *float32, n int, t, nodes *float32, odd *uint8) uint64 {
	panic("unreachable")
}
func quadsAVX2(sums, x, upstream *float32, n int, t, kinks *float32, upper int, odd *uint8) uint64 {
	panic("unreachable")
}
func pourAVX2(sums *float64, from *float32, n int) { panic("unreachable") }
