package ptxsim

// history is who has written and read each word of an allocation last, and when, by which
// races within a launch are found: two threads access a word, one of them writes, and no
// barrier of their block is between. Blocks have none between them at all. Time counts the
// barriers of all blocks of all launches, as in sharedMemory: what lies before a launch's
// first interval is of another launch, and so in order.
type history struct{ pages []*historyPage }

// pageWords is the number of words whose history is made at a time, where they are
// accessed.
const pageWords = 1 << 10

type historyPage [pageWords]globalWord

// globalWord is the history of a word. Interval 0 is before all.
type globalWord struct {
	written, read  uint32 // interval of the last write and read
	firstRead      uint32 // interval of the first read in the launch that has read it last
	writer, reader int32  // thread of the block, or manyReaders of that interval
}

func newHistory(size int) *history {
	return &history{make([]*historyPage, (size/wordBytes+pageWords)/pageWords)}
}

// at returns the history of the word at an offset.
func (h *history) at(offset uint64) *globalWord {
	word := offset / wordBytes
	page := h.pages[word/pageWords]
	if page == nil {
		page = new(historyPage)
		h.pages[word/pageWords] = page
	}
	return &page[word%pageWords]
}

// forget makes all that has happened nothing.
func (m *Memory) forget() {
	m.clock = 0
	for _, b := range m.blocks {
		b.history = newHistory(len(b.data))
	}
}

const (
	raceRead      = "race: reads what was written in this launch"
	raceWrite     = "race: writes what was written in this launch"
	raceWriteRead = "race: writes what was read in this launch"
)

// noteRead records a read by a thread of the running block, and returns what is wrong.
func (g *globalWord) noteRead(l *launch, thread int32) string {
	now := l.shared.now
	if g.written >= l.firstInterval && (g.written < l.shared.start || g.written == now && g.writer != thread) {
		return raceRead
	}
	switch {
	case g.read != now:
		g.reader = thread
		if g.read < l.firstInterval {
			g.firstRead = now
		}
		g.read = now
	case g.reader != thread:
		g.reader = manyReaders
	}
	return ""
}

// noteWrite records a write by a thread of the running block, and returns what is wrong.
func (g *globalWord) noteWrite(l *launch, thread int32) string {
	now := l.shared.now
	switch {
	case g.written >= l.firstInterval && (g.written < l.shared.start || g.written == now && g.writer != thread):
		return raceWrite
	case g.read >= l.firstInterval && (g.firstRead < l.shared.start || g.read == now && g.reader != thread):
		return raceWriteRead
	}
	g.written, g.writer = now, thread
	return ""
}

// note records an access to size bytes of an allocation and stops the warp at a race.
func (w *warp) note(b *block, lane uint8, address uint64, size int, record func(*globalWord, *launch, int32) string) bool {
	for at := address - b.base; at < address-b.base+uint64(size); at += wordBytes {
		if reason := record(b.history.at(at), w.launch, int32(w.first+int(lane))); reason != "" {
			w.fail(lane, raceAt, reason, b.base+at)
			return false
		}
	}
	return true
}
