package dashboard

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// summaryOf returns the summary of a run as a board sees it.
func summaryOf(b *Board, name string) summary {
	for _, s := range b.summaries() {
		if s.Name == name {
			return s
		}
	}
	return summary{}
}

// size returns the length of a file.
func size(t *testing.T, f *os.File) int64 {
	info, err := f.Stat()
	require.NoError(t, err)
	return info.Size()
}

// TestFollow: a board of a folder shows the run that another board's training adds to it, line
// by line as they are whole, and what it shows at the end is what the other one has.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	b := started(t, Options{Dir: dir})
	other := started(t, Options{Dir: t.TempDir()})
	fit(t, 100, other.Run("a"))
	text, err := os.ReadFile(other.path("a"))
	require.NoError(t, err)
	require.Greater(t, bytes.Count(text, []byte{'\n'}), 10)

	f, err := os.Create(filepath.Join(dir, "a"+extension))
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, b.look())
	require.Equal(t, "running", summaryOf(b, "a").State) // nothing of it is on disk yet
	step, silent := -1, false
	for at, c := range text { // the file ends in the middle of each line in turn, and after it
		if c != '\n' && (at == 0 || text[at-1] != '\n') {
			continue
		}
		_, err := f.Write(text[size(t, f) : at+1])
		require.NoError(t, err)
		require.NoError(t, b.look())
		s := summaryOf(b, "a")
		require.Empty(t, s.Problem)
		require.GreaterOrEqual(t, s.Step, step)
		step = s.Step
		if r := b.run("a"); step == 0 && r.lines == 1 {
			require.Equal(t, "running", s.State)
			r.mu.Lock()
			r.changed = time.Now().Add(-2 * silence)
			r.mu.Unlock()
			require.Equal(t, "cut short", summaryOf(b, "a").State)
			silent = true
		}
	}
	require.True(t, silent, "the run was never between its first line and its second")
	require.Equal(t, "finished", summaryOf(b, "a").State)
	require.Equal(t, other.run("a").curves(0, 0, 0), b.run("a").curves(0, 0, 0))
	require.Equal(t, other.run("a").layers(-1).Steps, b.run("a").layers(-1).Steps)

	// A file that was written anew is read anew; a line that is none is a problem.
	first := text[:bytes.IndexByte(text, '\n')+1]
	require.NoError(t, os.WriteFile(b.path("a"), append(first, "{half}\n"...), 0o666))
	require.NoError(t, b.look())
	s := summaryOf(b, "a")
	require.Equal(t, "unreadable", s.State)
	require.Contains(t, s.Problem, "a"+extension+", line 2")
	require.Zero(t, s.Step)
}

// TestFollowRuns: the loop behind Start finds a new file by itself, and leaves the run of a
// training of this process alone.
func TestFollowRuns(t *testing.T) {
	b := started(t, Options{Dir: t.TempDir()})
	other := started(t, Options{Dir: t.TempDir()})
	fit(t, 20, b.Run("mine"), other.Run("theirs"))
	text, err := os.ReadFile(other.path("theirs"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(b.path("theirs"), text, 0o666))
	require.Eventually(t, func() bool { return summaryOf(b, "theirs").State == "finished" }, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 20, summaryOf(b, "theirs").Step)
	mine := b.run("mine").curves(0, 0, 0)
	require.Equal(t, other.run("theirs").curves(0, 0, 0).Evals, mine.Evals)
	require.NoError(t, b.look())
	require.Equal(t, mine, b.run("mine").curves(0, 0, 0))
}

// TestFlushCutsHalfLines: lines that the disk refuses leave no half of them for those to come.
func TestFlushCutsHalfLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a"+extension)
	f, err := openFile(path, 0)
	require.NoError(t, err)
	require.NoError(t, f.add(line{Loss: []point{{1, 1, 0.5, 0.1}}}))
	require.NoError(t, f.flush())
	_, err = f.f.WriteString(`{"loss":[[2,`) // what a full disk takes of a line
	require.NoError(t, err)
	require.NoError(t, f.cut())
	require.NoError(t, f.add(line{Loss: []point{{3, 1, 0.25, 0.1}}}))
	require.NoError(t, f.close())
	r := newRun("a")
	require.NoError(t, r.load(path))
	require.Equal(t, 3, r.step)
	require.Equal(t, 2, r.lines)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, info.Size(), r.read)
}
