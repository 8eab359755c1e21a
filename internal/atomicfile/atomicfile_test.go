package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// content returns a function that writes text, and then err.
func content(text string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		return err
	}
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	for _, text := range []string{"first", "second"} {
		require.NoError(t, Write(path, content(text, nil)))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	// What goes wrong half-way leaves the old file and nothing else.
	require.ErrorContains(t, Write(path, content("third", errors.New("no more"))), "no more")
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "second", string(got))

	require.Error(t, Write(folder, content("", nil)), "a folder is in the way")
	require.ErrorIs(t, Write(filepath.Join(folder, "none", "file"), content("", nil)), os.ErrNotExist)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1, "a temporary file is left")

	plain := filepath.Join(folder, "plain")
	require.NoError(t, os.WriteFile(plain, nil, 0o666))
	want, err := os.Stat(plain)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want.Mode(), info.Mode(), "the permissions of any new file")
}

// TestWriteRemovesAbandoned: what a killed program left of the same file goes with the next
// Write; what may still be written, and what belongs to other files, stays.
func TestWriteRemovesAbandoned(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a[b")
	old := time.Now().Add(-2 * abandoned)
	stay := []string{"a[b", "a[b.0123456x.tmp", "a[b.01234567", "a[b.0123456.tmp", "other.01234567.tmp", "a[b.c.01234567.tmp"}
	for _, name := range append(stay[1:], "a[b.01234567.tmp", "a[b.89abcdef.tmp") {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o600))
		if name != "a[b.0123456x.tmp" { // the one that is being written
			require.NoError(t, os.Chtimes(filepath.Join(folder, name), old, old))
		}
	}
	require.NoError(t, Write(path, content("text", nil)))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.ElementsMatch(t, stay, names)
}
