//go:build cuda

package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/gpu"
	"github.com/ditac-go/ditac/internal/ptx"
	"github.com/ditac-go/ditac/internal/table"
	"gorgonia.org/cu"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// products checks cuBLAS, with a kernel behind that needs the product: if the two are not
// in one context, the kernel does not wait for it.
func (r *report) products() error {
	size := 1024
	for size*size > r.largest {
		size /= 2
	}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		r.do(fmt.Sprintf("product %d³, %v", size, dt), func() error { return r.product(dt, size) })
	}
	return nil
}

func (r *report) product(dt tensor.Dtype, n int) error {
	a, b := make([]float64, n*n), make([]float64, n*n)
	for i := range a {
		a[i], b[i] = float64((i*7919)%1001-500)/500, float64((i*104729)%997-498)/500
	}
	g := gorgonia.NewGraph()
	matrix := func(name string, x []float64) *gorgonia.Node {
		return gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(n, n), tensor.WithBacking(backing(dt, x))), gorgonia.WithName(name))
	}
	y, err := gorgonia.Mul(matrix("a", a), matrix("b", b))
	if err != nil {
		return err
	}
	if y, err = gorgonia.Neg(y); err != nil {
		return err
	}
	var read gorgonia.Value
	gorgonia.Read(y, &read)
	m, err := cuda.NewTapeMachine(g)
	if err != nil {
		return err
	}
	if err := errors.Join(m.RunAll(), m.Close()); err != nil {
		return err
	}
	got, off := floats(read), 0.0
	for _, at := range spread(n*n, 4000) {
		sum := 0.0
		for k := range n {
			sum -= a[at/n*n+k] * b[k*n+at%n]
		}
		if d := math.Abs(got[at] - sum); !(d <= off) {
			off = d
		}
	}
	allowed := 1e-11
	if dt == tensor.Float32 {
		allowed = 1e-3 // TF32 would give 1e-2
	}
	r.check(fmt.Sprintf("product %d³ and a kernel behind it, %v", n, dt), off/math.Sqrt(float64(n)), allowed)
	return nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// unary are the functions of the module elemunaryop.
var unary = map[string]func(float64) float64{
	"abs": math.Abs, "ceil": math.Ceil, "floor": math.Floor, "sin": math.Sin, "cos": math.Cos, "exp": math.Exp,
	"ln": math.Log, "log2": math.Log2, "sqrt": math.Sqrt, "tanh": math.Tanh, "log1p": math.Log1p, "expm1": math.Expm1,
	"neg":      func(x float64) float64 { return -x },
	"sign":     func(x float64) float64 { return truth(x > 0) - truth(x < 0) },
	"square":   func(x float64) float64 { return x * x },
	"cube":     func(x float64) float64 { return x * x * x },
	"inv":      func(x float64) float64 { return 1 / x },
	"invSqrt":  func(x float64) float64 { return 1 / math.Sqrt(x) },
	"sigmoid":  func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	"softplus": func(x float64) float64 { return math.Log1p(math.Exp(-math.Abs(x))) + math.Max(x, 0) },
}

// binary are those of the module elembinop.
var binary = map[string]func(a, b float64) float64{
	"add": func(a, b float64) float64 { return a + b },
	"sub": func(a, b float64) float64 { return a - b },
	"mul": func(a, b float64) float64 { return a * b },
	"div": func(a, b float64) float64 { return a / b },
	"pow": math.Pow,
	"lt":  func(a, b float64) float64 { return truth(a < b) },
	"gt":  func(a, b float64) float64 { return truth(a > b) },
	"lte": func(a, b float64) float64 { return truth(a <= b) },
	"gte": func(a, b float64) float64 { return truth(a >= b) },
	"eq":  func(a, b float64) float64 { return truth(a == b) },
	"ne":  func(a, b float64) float64 { return truth(a != b) },
}

// elementwise checks Gorgonia's elementwise kernels, in float32 and float64.
func (r *report) elementwise() error {
	const n = 1000
	a, b := make([]float64, n), make([]float64, n)
	for i := range a {
		a[i], b[i] = float64(i+1)/128, float64(i%17-8)/4
	}
	return inside(8*n, func(s *cuda.Session, out, x gorgonia.Value) error {
		if err := s.Upload(cuda.Pointer(out), make([]float32, 8*n)); err != nil {
			return err
		}
		first, second := cuda.Pointer(out), cuda.Pointer(out)+16*n
		run := func(name string, dt tensor.Dtype, args ...cuda.Arg) ([]float64, error) {
			if err := errors.Join(s.Upload(first, backing(dt, a)), s.Upload(second, backing(dt, b))); err != nil {
				return nil, err
			}
			if err := s.Launch(name, 1, 1000, 0, append(args, cuda.Int(n))...); err != nil {
				return nil, err
			}
			got := tensor.New(tensor.WithShape(n), tensor.Of(dt))
			err := s.Download(got.Data(), first)
			return floats(got), err
		}
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			suffix, allowed := "f32", 1e-6
			if dt == tensor.Float64 {
				suffix, allowed = "f64", 1e-14
			}
			for _, module := range ptx.Modules()[:2] {
				for _, kernel := range module.Functions {
					name, form := kernel, ""
					if module.Name == "elembinop" && len(name) > 7 {
						name, form = kernel[:len(kernel)-7], kernel[len(kernel)-6:len(kernel)-4]
					} else if len(name) > 4 {
						name = kernel[:len(kernel)-4]
					}
					if kernel[len(kernel)-3:] != suffix || form != "" && form != "vv" {
						continue
					}
					r.do(kernel, func() error {
						of1, of2 := unary[name], binary[name]
						args := []cuda.Arg{first}
						if of2 != nil && form == "vv" {
							args = append(args, second)
						} else if of1 == nil {
							return errors.New("no reference")
						}
						got, err := run(module.Name+"."+kernel, dt, args...)
						if err != nil {
							return err
						}
						off := 0.0
						for i := range got {
							want := 0.0
							if form == "vv" {
								want = of2(a[i], b[i])
							} else {
								want = of1(a[i])
							}
							if d := math.Abs(got[i]-want) / math.Max(1, math.Abs(want)); !(d <= off) {
								off = d
							}
						}
						r.check(kernel, off, allowed)
						return nil
					})
				}
			}
		}
		return nil
	})
}

// shapes checks the activation's kernels where they are at their limits: many elements,
// curves too long for shared memory, tensors that are not aligned, many θ.
func (r *report) shapes() error {
	r.do("many elements", func() error { return r.shape(fmt.Sprintf("%d elements", r.largest), 10, 1, r.largest, [2]int{}) })
	r.do("long curves", func() error { return r.shape("a curve of 2,048 parts", 600, 1, 1<<12, [2]int{}) })
	for _, o := range [][2]int{{1, 0}, {0, 1}, {3, 2}} {
		r.do("unaligned", func() error {
			return r.shape(fmt.Sprintf("x and y %d and %d numbers off", o[0], o[1]), 10, 1, 1<<12+2, o)
		})
	}
	r.do("many θ", func() error { return r.shape("256 θ", 10, 256, 64, [2]int{}) })
	return nil
}

// shape compares the forward pass and the gradient to x of n elements for each of some θ
// with the CPU; x and the results lie some numbers behind an aligned address.
func (r *report) shape(name string, cells, groups, n int, offset [2]int) error {
	space, err := cpab.NewSpace(cells, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisHat))
	if err != nil {
		return err
	}
	c, err := curve.New(space, curve.DiTAC)
	if err != nil {
		return err
	}
	exact, theta := make([]*table.Exact, groups), make([]float32, 0, groups*c.Dim())
	for g := range exact {
		of := make([]float64, c.Dim())
		for i := range of {
			of[i] = float64(float32(math.Sin(float64(i + g))))
			theta = append(theta, float32(of[i]))
		}
		if exact[g], err = table.NewExact(table.ShapeOf(c), of); err != nil {
			return err
		}
	}
	all := groups * n
	x, y, dx := make([]float32, all), make([]float32, all), make([]float32, all)
	for i := range x {
		x[i] = float32(8*float64((i*7919)%all)/float64(all) - 4)
	}
	form := gpu.NewForm(table.ShapeOf(c), groups, tensor.Float32, func(group int, f gpu.Fault, theta []float64) error {
		return fmt.Errorf("fault %d of θ %d: %v", f, group, theta)
	})
	err = inside(1, func(s *cuda.Session, out, _ gorgonia.Value) error {
		curves, err := form.Open(s)
		if err != nil {
			return err
		}
		var at [3]cuda.Arg
		for k, name := range []string{"x", "y", "θ"} {
			if at[k], err = s.Scratch(name, 4*max(all+4, len(theta))); err != nil {
				return err
			}
			if k < 2 {
				at[k] += cuda.Arg(4 * offset[k])
			}
		}
		e, from, to := gpu.Elements{Outer: 1, Length: n}, cu.DevicePtr(at[0]), cu.DevicePtr(at[1])
		return errors.Join(
			s.Upload(at[0], x), s.Upload(at[2], theta), curves.Make(cu.DevicePtr(at[2])),
			curves.Forward(e, to, from), s.Download(y, at[1]),
			curves.BackwardX(e, to, from, from), s.Download(dx, at[1]),
			s.Upload(cuda.Pointer(out), []float32{0}))
	})
	if err != nil {
		return err
	}
	off := [2]float64{}
	for _, i := range spread(all, 1<<16) {
		v, slope := exact[i/n].Jet(float64(x[i]))
		for k, d := range []float64{math.Abs(float64(y[i]) - v), math.Abs(float64(dx[i]) - float64(x[i])*slope)} {
			if !(d <= off[k]) {
				off[k] = d
			}
		}
	}
	r.check(name+": forward", off[0], 2e-5)
	r.check(name+": gradient to x", off[1], 2e-4*float64(max(cells/10, 1)))
	return nil
}
