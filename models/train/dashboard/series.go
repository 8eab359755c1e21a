package dashboard

import "math"

// point is the mean of the losses of Count steps, the last of which is Step.
type point struct {
	Step  int    `json:"step"`
	Count int    `json:"count"`
	Loss  number `json:"loss"`
	// Busy is the time that the steps took, in seconds.
	Busy number `json:"busy"`
}

// join returns the point of the steps of both.
func (p point) join(q point) point {
	n := float64(p.Count + q.Count)
	if n == 0 {
		return q
	}
	loss := number((float64(p.Loss)*float64(p.Count) + float64(q.Loss)*float64(q.Count)) / n)
	if p.Count == 0 {
		loss = q.Loss
	}
	return point{q.Step, p.Count + q.Count, loss, p.Busy + q.Busy}
}

// means is a series of at most maxPoints points, each of width steps but for those that the
// end of a run cut short.
type means struct {
	points []point
	open   point // not of width steps yet
	width  int
	joined int // times that points were joined
}

const maxPoints = 1024

// add adds the steps of a point; closed are the points that are complete with it.
func (m *means) add(p point) (closed []point) {
	m.width = max(1, m.width)
	m.open = m.open.join(p)
	if m.open.Count < m.width {
		return nil
	}
	return m.close()
}

// close ends the open point.
func (m *means) close() []point {
	if m.open.Count == 0 {
		return nil
	}
	closed := []point{m.open}
	m.points = append(m.points, m.open)
	m.open = point{}
	if len(m.points) == maxPoints {
		half := m.points[:0]
		for i := 0; i < maxPoints; i += 2 {
			half = append(half, m.points[i].join(m.points[i+1]))
		}
		m.points = half
		m.width *= 2
		m.joined++
	}
	return closed
}

// until drops what is after a step.
func (m *means) until(step int) {
	n := len(m.points)
	for n > 0 && m.points[n-1].Step > step {
		n--
	}
	if n < len(m.points) {
		m.joined++
	}
	m.points = m.points[:n]
	m.open = point{}
}

// thinned keeps at most most of the items that are added, evenly: every stride-th.
type thinned[T any] struct {
	items  []T
	last   T // added last, kept or not
	most   int
	stride int
	seen   int
	halved int // times that items were dropped
}

// add adds an item, and says whether it is kept.
func (t *thinned[T]) add(x T) bool {
	t.stride = max(1, t.stride)
	t.last = x
	t.seen++
	if (t.seen-1)%t.stride != 0 {
		return false
	}
	t.items = append(t.items, x)
	if len(t.items) > t.most {
		half := t.items[:0]
		for i := 0; i < len(t.items); i += 2 {
			half = append(half, t.items[i])
		}
		clear(t.items[len(half):])
		t.items = half
		t.stride *= 2
		t.seen = (len(half)-1)*t.stride + 1
		t.halved++
	}
	return true
}

// all returns the items with the last one.
func (t *thinned[T]) all() []T {
	out := append([]T(nil), t.items...)
	if t.stride > 0 && (t.seen-1)%t.stride != 0 {
		out = append(out, t.last)
	}
	return out
}

// until drops the items whose step is after the given one.
func (t *thinned[T]) until(step int, of func(T) int) {
	n := len(t.items)
	for n > 0 && of(t.items[n-1]) > step {
		n--
	}
	if n < len(t.items) {
		t.halved++
	}
	clear(t.items[n:])
	t.items = t.items[:n]
	t.seen = 0
	if n > 0 {
		t.last, t.seen = t.items[n-1], (n-1)*max(1, t.stride)+1
	}
}

// rate returns examples per second.
func (p point) rate(batch int) float64 {
	if p.Busy <= 0 {
		return math.NaN()
	}
	return float64(p.Count*batch) / float64(p.Busy)
}

// kept says whether the last item is among items.
func (t *thinned[T]) kept() bool { return t.seen == 0 || (t.seen-1)%t.stride == 0 }
