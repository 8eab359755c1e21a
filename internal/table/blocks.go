package table

import "github.com/ditac-go/ditac/internal/kernel"

// blockLen is the number of elements that the kernels get at once: few enough for
// those that a kernel leaves to the exact evaluation to be looked for in a cache.
const blockLen = kernel.MaxBlock

// blocks calls f for block after block, with its place. Where dst is x or g, f gets a copy of these,
// because it reads them after it has written dst.
func blocks(dst, x, g []float32, f func(at int, dst, x, g []float32)) {
	var copies [2]*[blockLen]float32
	for from := 0; from < len(x); from += blockLen {
		to := min(from+blockLen, len(x))
		d, in := dst[from:to], [2][]float32{x[from:to], nil}
		if g != nil {
			in[1] = g[from:to]
		}
		for k, v := range in {
			if len(v) > 0 && &v[0] == &d[0] {
				if copies[k] == nil {
					copies[k] = new([blockLen]float32)
				}
				in[k] = copies[k][:copy(copies[k][:], v)]
			}
		}
		f(from, d, in[0], in[1])
	}
}
