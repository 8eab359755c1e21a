// Command mkkernel builds a gophernotes kernel with the packages that
// symbols/imports.go lists linked in, so that notebook cells can import
// them without building a plugin at run time, and writes a Jupyter kernelspec for it.
//
//	cd examples/notebooks/kernel && go run ./mkkernel
//	JUPYTER_PATH=$PWD/bin/jupyter jupyter nbconvert --to notebook --execute x.ipynb
//
// The flag -tags has build tags, as openblas (with CGO_LDFLAGS=-lopenblas) and cuda.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/build"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/cosmos72/gomacro/xreflect"
)

const upstream = "github.com/gopherdata/gophernotes"

func main() {
	log.SetFlags(0)
	log.SetPrefix("mkkernel: ")
	specs := flag.String("specs", "bin/jupyter/kernels", "folder of kernelspecs to install into")
	tags := flag.String("tags", "", "build tags, separated by commas: openblas, cuda")
	flag.Parse()
	if err := run(*specs, *tags); err != nil {
		log.Fatal(err)
	}
}

type listed struct {
	ImportPath, Export, Dir string
	Standard                bool
	GoFiles                 []string
}

func golist(args ...string) ([]listed, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var ps []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return ps, nil
		} else if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
}

func run(specs, tags string) error {
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	packages, err := imports("symbols/imports.go")
	if err != nil {
		return err
	}
	deps, err := golist(append([]string{"-tags", tags, "-deps", "-export", "-json=ImportPath,Export,Standard"}, packages...)...)
	if err != nil {
		return err
	}
	if err := symbols(packages, deps); err != nil {
		return err
	}
	if err := metadata(filepath.Join(bin, "gopath"), deps); err != nil {
		return err
	}
	exe := filepath.Join(bin, "gophernotes")
	if err := link(bin, exe, tags); err != nil {
		return err
	}
	return spec(filepath.Join(specs, "ditac"), exe)
}

// imports reads the list of packages to link in.
func imports(file string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var ps []string
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// symbols writes the symbol tables of packages.
func symbols(packages []string, deps []listed) error {
	exports := map[string]string{}
	for _, p := range deps {
		exports[p.ImportPath] = p.Export
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, errors.New("no export data for " + path)
		}
		return os.Open(exports[path])
	})
	old, _ := filepath.Glob("symbols/x_*.go")
	for _, f := range old {
		os.Remove(f)
	}
	for _, path := range packages {
		pkg, err := imp.Import(path)
		if err != nil {
			return err
		}
		src, skipped := (&gen{pkg: pkg}).file("symbols")
		if src, err = format.Source(src); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.WriteFile("symbols/x_"+ident(path)+".go", src, 0o644); err != nil {
			return err
		}
		for _, s := range skipped {
			log.Printf("%s: left out %s", path, s)
		}
	}
	return nil
}

// metadata writes the export data of the packages outside the standard library
// to where go/importer looks for it, a GOPATH's pkg folder. A package that
// gomacro can't convert (one with generics) is left out; gomacro uses
// reflection for it.
func metadata(gopath string, deps []listed) error {
	if err := os.RemoveAll(gopath); err != nil {
		return err
	}
	const header = len("!<arch>\n") + 60
	for _, p := range deps {
		if p.Standard || p.Export == "" {
			continue
		}
		b, err := os.ReadFile(p.Export)
		if err != nil {
			return err
		}
		// the first member of the archive is the export data, the rest is code
		var size int
		if len(b) < header || !bytes.HasPrefix(b[8:], []byte("__.PKGDEF")) {
			return fmt.Errorf("%s: no export data in %s", p.ImportPath, p.Export)
		}
		if _, err := fmt.Sscanf(string(b[8+48:8+58]), "%d", &size); err != nil {
			return err
		}
		f := filepath.Join(gopath, "pkg", runtime.GOOS+"_"+runtime.GOARCH, filepath.FromSlash(p.ImportPath)+".a")
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(f, b[:header+size], 0o644); err != nil {
			return err
		}
	}
	build.Default.GOROOT = filepath.Join(gopath, "no-goroot")
	build.Default.GOPATH = gopath
	for _, p := range deps {
		if p.Standard || p.Export == "" {
			continue
		}
		if err := convert(p.ImportPath); err != nil {
			log.Printf("%s: types by reflection only (%v)", p.ImportPath, err)
			os.Remove(filepath.Join(gopath, "pkg", runtime.GOOS+"_"+runtime.GOARCH, filepath.FromSlash(p.ImportPath)+".a"))
		}
	}
	return nil
}

func convert(path string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	if pkg, err := importer.Default().Import(path); err != nil {
		return err
	} else if name := firstGeneric(pkg); name != "" {
		return fmt.Errorf("%s is generic", name)
	}
	_, err = xreflect.DefaultImporter().Import(path)
	return err
}

func firstGeneric(pkg *types.Package) string {
	for _, name := range pkg.Scope().Names() {
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			if o.Signature().TypeParams().Len() > 0 {
				return name
			}
		case *types.TypeName:
			i, ok := o.Type().Underlying().(*types.Interface)
			if generic(o.Type()) || ok && !i.IsMethodSet() {
				return name
			}
		}
	}
	return ""
}

// link builds gophernotes' main package together with cmd/gophernotes.
func link(bin, exe, tags string) error {
	ps, err := golist("-json=Dir,GoFiles", upstream)
	if err != nil {
		return err
	}
	here, err := filepath.Abs("cmd/gophernotes")
	if err != nil {
		return err
	}
	replace := map[string]string{}
	for _, f := range ps[0].GoFiles {
		replace[filepath.Join(here, f)] = filepath.Join(ps[0].Dir, f)
	}
	if replace[filepath.Join(here, "kernel.go")], err = patch(bin, filepath.Join(ps[0].Dir, "kernel.go")); err != nil {
		return err
	}
	b, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return err
	}
	overlay := filepath.Join(bin, "overlay.json")
	if err := os.WriteFile(overlay, b, 0o644); err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-tags", "gophernotes,"+tags, "-overlay", overlay, "-o", exe, "./cmd/gophernotes")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
}

// patch writes gophernotes' kernel.go to bin, changed so that package nb gets to know how to
// send messages about the cell that runs: a picture that changes needs the message
// update_display_data, which upstream's Display cannot send.
func patch(bin, file string) (string, error) {
	const (
		hook  = "displayPlace.Set(xreflect.ValueOf(receipt.PublishDisplayData))"
		added = hook + "\n\tnb.SetPublisher(receipt.Publish)\n\tdefer nb.SetPublisher(nil)"
		list  = "import ("
	)
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	src := string(b)
	if strings.Count(src, hook) != 1 || strings.Count(src, list) != 1 {
		return "", fmt.Errorf("%s has changed: the line %q is not there once", file, hook)
	}
	src = strings.Replace(src, hook, added, 1)
	src = strings.Replace(src, list, list+"\n\t\"github.com/ditac-go/ditac/examples/notebooks/kernel/nb\"", 1)
	out := filepath.Join(bin, "kernel.go.patched")
	return out, os.WriteFile(out, []byte(src), 0o644)
}

func spec(dir, exe string) error {
	b, err := json.MarshalIndent(map[string]any{
		"argv":           []string{exe, "{connection_file}"},
		"display_name":   "Go with DiTAC (gophernotes)",
		"interrupt_mode": "message", // a signal would end the kernel
		"language":       "go",
		"name":           "ditac",
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	log.Printf("kernelspec in %s", dir)
	return os.WriteFile(filepath.Join(dir, "kernel.json"), append(b, '\n'), 0o644)
}
