package ptxsim

import "encoding/binary"

// wordBytes is the unit in which accesses to shared memory are compared.
const wordBytes = 4

// maxShared is the shared memory that every GPU grants a block.
const maxShared = 48 << 10

// sharedMemory is the memory that the threads of a block share, with what is needed
// to find races: who wrote and read each word last, and when. Time counts the
// barriers, over all blocks, so that a new block sees nothing of the last one.
type sharedMemory struct {
	data  []byte
	words []sharedWord
	now   uint32 // barrier interval
	start uint32 // the first interval of this block
}

// sharedWord is the history of a word. Interval 0 is before all.
type sharedWord struct {
	written, read  uint32 // interval of the last write and read
	writer, reader int32  // thread, or manyReaders of that interval
}

// manyReaders stands for more than one reader.
const manyReaders = -2

func newSharedMemory(size int) *sharedMemory {
	words := (size + wordBytes - 1) / wordBytes
	return &sharedMemory{data: make([]byte, words*wordBytes), words: make([]sharedWord, words)}
}

// enterBlock begins a block.
func (s *sharedMemory) enterBlock() {
	s.now++
	s.start = s.now
}

// barrier begins a new interval.
func (s *sharedMemory) barrier() { s.now++ }

// hazard says why an access to shared memory is refused. The zero value is none.
type hazard struct {
	reason string
	other  int32 // the other thread of a race, or noThread
}

const noThread = -1

// noteRead records a read of a word.
func (s *sharedMemory) noteRead(word uint64, thread int32) hazard {
	w := &s.words[word]
	switch {
	case w.written < s.start:
		return hazard{"reads shared memory that nothing was written to", noThread}
	case w.written == s.now && w.writer != thread:
		return hazard{"race: reads what was written since the last barrier", w.writer}
	case w.read != s.now:
		w.read, w.reader = s.now, thread
	case w.reader != thread:
		w.reader = manyReaders
	}
	return hazard{}
}

// noteWrite records a write to a word.
func (s *sharedMemory) noteWrite(word uint64, thread int32) hazard {
	w := &s.words[word]
	switch {
	case w.written == s.now && w.writer != thread:
		return hazard{"race: writes what was written since the last barrier", w.writer}
	case w.read == s.now && w.reader == manyReaders:
		return hazard{"race: writes what several threads read since the last barrier", noThread}
	case w.read == s.now && w.reader != thread:
		return hazard{"race: writes what was read since the last barrier", w.reader}
	}
	w.written, w.writer = s.now, thread
	return hazard{}
}

func (s *sharedMemory) load(offset uint64, bytes int) uint64 {
	if bytes == 8 {
		return binary.LittleEndian.Uint64(s.data[offset:])
	}
	return uint64(binary.LittleEndian.Uint32(s.data[offset:]))
}

func (s *sharedMemory) store(offset uint64, bytes int, v uint64) {
	if bytes == 8 {
		binary.LittleEndian.PutUint64(s.data[offset:], v)
		return
	}
	binary.LittleEndian.PutUint32(s.data[offset:], uint32(v))
}
