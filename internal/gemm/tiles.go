package gemm

import "sync"

// The kernel computes tiles of C of this size.
const (
	tileRows = 4
	tileCols = 16
)

// panel is memory for tileCols columns of B and tileRows rows of A, both row by row.
type panel struct{ data, rows []float32 }

var panels = sync.Pool{New: func() any { return new(panel) }}

// mul is Mul by the kernel. It goes along the columns of C, so that the panel of B stays
// in the cache for all rows of A.
func mul(c, a, b Matrix[float32], add bool) {
	m, k := a.dims()
	_, n := b.dims()
	if k == 0 {
		if !add {
			for i := range m {
				clear(c.Data[i*c.Stride : i*c.Stride+n])
			}
		}
		return
	}
	rowA, colA := a.Stride, 1
	if a.Trans {
		rowA, colA = 1, a.Stride
	}
	p := panels.Get().(*panel)
	defer panels.Put(p)
	last := m &^ (tileRows - 1)
	if last < m {
		p.fillRows(a.Data[last*rowA:], rowA, colA, m-last, k)
	}
	var tile [tileRows * tileCols]float32
	for j := 0; j < n; j += tileCols {
		width := min(tileCols, n-j)
		at, stride := b.Data[min(j, len(b.Data)-1):], b.Stride
		if b.Trans || width < tileCols {
			at, stride = p.fill(b, j, width, k), tileCols
		}
		for i := 0; i < m; i += tileRows {
			from, row, col, height := a.Data[min(i*rowA, len(a.Data)-1):], rowA, colA, tileRows
			if i == last {
				from, row, col, height = p.rows, k, 1, m-last
			}
			if width == tileCols && height == tileRows {
				tileAVX2(&c.Data[i*c.Stride+j], c.Stride, &from[0], row, col, &at[0], stride, k, add)
				continue
			}
			tileAVX2(&tile[0], tileCols, &from[0], row, col, &at[0], stride, k, false)
			for r := range height {
				to := c.Data[(i+r)*c.Stride+j:][:width]
				for x, e := range tile[r*tileCols:][:width] {
					if add {
						e += to[x]
					}
					to[x] = e
				}
			}
		}
	}
}

// fillRows writes the last rows of A, whose numbers are row apart from row to row and col
// along a row, and rows of zeros for those that are missing.
func (p *panel) fillRows(a []float32, row, col, height, k int) {
	if len(p.rows) < k*tileRows {
		p.rows = make([]float32, k*tileRows)
	}
	for i := range height {
		to := p.rows[i*k:][:k]
		for j := range to {
			to[j] = a[i*row+j*col]
		}
	}
	clear(p.rows[height*k : tileRows*k])
}

// fill writes columns j to j+width of the k rows of the factor b, and zeros for those that
// are missing.
func (p *panel) fill(b Matrix[float32], j, width, k int) []float32 {
	if len(p.data) < k*tileCols {
		p.data = make([]float32, k*tileCols)
	}
	out := p.data[:k*tileCols]
	if !b.Trans {
		for r := range k {
			to := out[r*tileCols:][:tileCols]
			clear(to[copy(to, b.Data[r*b.Stride+j:][:width]):])
		}
		return out
	}
	if width < tileCols {
		clear(out)
	}
	for x := range width {
		for r, e := range b.Data[(j+x)*b.Stride:][:k] {
			out[r*tileCols+x] = e
		}
	}
	return out
}
