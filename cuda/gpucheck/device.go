//go:build cuda

package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/ptx"
	"gorgonia.org/cu"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// inside does something on the GPU, in an operation with a vector of n float32 zeros and
// memory for a result of the same size, which it has to write.
func inside(n int, do func(s *cuda.Session, out, x gorgonia.Value) error) error {
	op := &gop.Op{Kind: "gpucheck.inside", In: []int{1}, Out: 1, Shape: gop.Like(0),
		Compute: func(gorgonia.Value, []gorgonia.Value) error { return errors.New("runs on the GPU only") },
		Device: func(s *cuda.Session, out gorgonia.Value, in []gorgonia.Value) (bool, error) {
			return true, do(s, out, in[0])
		}}
	g := gorgonia.NewGraph()
	y, err := op.Apply(gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(n), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Zeroes())))
	if err != nil {
		return err
	}
	var read gorgonia.Value
	gorgonia.Read(y, &read)
	m, err := cuda.NewTapeMachine(g)
	if err != nil {
		return err
	}
	return errors.Join(m.RunAll(), m.Close())
}

// device prints what the GPU is, which is the first as for Gorgonia, and how long it takes
// to load kernels, to copy and to launch.
func (r *report) device() error {
	d, err := cu.GetDevice(0)
	if err != nil {
		return err
	}
	name, err := d.Name()
	if err != nil {
		return err
	}
	major, minor, err := d.ComputeCapability()
	if err != nil {
		return err
	}
	sms, err := d.Attribute(cu.MultiprocessorCount)
	if err != nil {
		return err
	}
	v := cu.Version()
	fmt.Fprintf(r.out, "%s, compute capability %d.%d, %d multiprocessors, driver for CUDA %d.%d; %s %s/%s\n",
		name, major, minor, sms, v/1000, v%1000/10, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if v >= 13000 {
		fmt.Fprintln(r.out, "the driver is newer than what was tried: 11.8 and 12.x")
	}
	return inside(r.largest, func(s *cuda.Session, out, x gorgonia.Value) error {
		free, total, err := cu.MemInfo()
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "%d of %d MiB of memory free\n", free>>20, total>>20)
		r.libraries()
		for _, m := range ptx.Modules() {
			if err := r.load(m.Name, m.PTX); err != nil {
				return err
			}
		}
		host := make([]float32, r.largest)
		up, err := mean(1, r.repeats, func() error { return s.Upload(cuda.Pointer(out), host) }, s.Wait)
		if err != nil {
			return err
		}
		down, err := mean(1, r.repeats, func() error { return s.Download(host, cuda.Pointer(out)) }, s.Wait)
		if err != nil {
			return err
		}
		bytes := 4 * float64(r.largest)
		fmt.Fprintf(r.out, "copies of %.1f MB: %.2f GB/s to the GPU, %.2f GB/s from it\n", bytes/1e6, bytes/up, bytes/down)
		one := func() error { return s.Launch("elemunaryop.neg_f32", 1, 1, 0, cuda.Pointer(out), cuda.Int(1)) }
		queued, err := mean(1, 50*r.repeats, one, s.Wait)
		if err != nil {
			return err
		}
		waited, err := mean(1, 50*r.repeats, func() error { return errors.Join(one(), s.Wait()) }, s.Wait)
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "a launch takes %.1f µs, with waiting %.1f µs\n", queued/1e3, waited/1e3)
		return nil
	})
}

// load prints how long it takes to load a module, and what the driver's compiler says of it.
func (r *report) load(name, text string) error {
	info, failure := cu.JITInfoLogBuffer{Buffer: make([]byte, 1<<14)}, cu.JITErrorLogBuffer{Buffer: make([]byte, 1<<14)}
	start := time.Now()
	module, err := cu.LoadDataEx(text, &info, &failure)
	if err != nil {
		return fmt.Errorf("loading %s: %w\n%s", name, err, logOf(failure.Buffer))
	}
	fmt.Fprintf(r.out, "loading %-12s %8.1f ms (compiled by the driver, or from its cache)\n", name, 1e3*time.Since(start).Seconds())
	for line := range strings.Lines(logOf(info.Buffer)) {
		fmt.Fprintf(r.out, "  %s\n", strings.TrimSpace(line))
	}
	return module.Unload()
}

// libraries prints the files of NVIDIA's libraries in this process: their names end in the
// versions of the driver, cuBLAS and cuDNN.
func (r *report) libraries() {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		fmt.Fprintf(r.out, "libraries: not known: %v\n", err)
		return
	}
	for _, file := range librariesOf(string(maps)) {
		fmt.Fprintf(r.out, "library %s\n", file)
	}
}

// machines checks that machines give back the memory that they took.
func (r *report) machines() error {
	free := func() (n int64, err error) {
		err = inside(1024, func(s *cuda.Session, out, x gorgonia.Value) error {
			if n, _, err = cu.MemInfo(); err != nil {
				return err
			}
			return s.Upload(cuda.Pointer(out), make([]float32, 1024))
		})
		return n, err
	}
	before, err := free()
	if err != nil {
		return err
	}
	for range 50 {
		if _, err := free(); err != nil {
			return err
		}
	}
	after, err := free()
	if err != nil {
		return err
	}
	goroutines := runtime.NumGoroutine()
	r.check("50 machines: MiB of memory that are lost", float64(before-after)/(1<<20), 64)
	r.check("50 machines: goroutines that are left", float64(goroutines), 20)
	return nil
}
