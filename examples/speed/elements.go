package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/table"
)

// sampled returns the curve of the authors' settings, 10 cells, at a θ drawn from their prior.
func sampled() (*curve.Curve, []float64, error) {
	space, err := cpab.NewSpace(10, cpab.WithDomain(-3, 3))
	if err != nil {
		return nil, nil, err
	}
	prior, err := cpab.NewPrior(space, cpab.KernelCells, 3, 2)
	if err != nil {
		return nil, nil, err
	}
	c, err := curve.New(space, curve.DiTAC)
	return c, prior.Sample(1), err
}

// inputs returns normal numbers, as activations see them, and gradients.
func inputs(n int) (x, g []float32) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, g = make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], g[i] = float32(1.5*rng.NormFloat64()), float32(rng.NormFloat64())
	}
	return x, g
}

// elements measures the passes over the elements outside Gorgonia.
func elements(c *config, out io.Writer) error {
	shape, theta, err := sampled()
	if err != nil {
		return err
	}
	tab, err := table.Of(shape, theta, table.DefaultTolerance)
	if err != nil {
		return err
	}
	all := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(all)
	for _, n := range append([]int{4096}, c.sizes()...) {
		x, g := inputs(n)
		y, dtheta := make([]float32, n), make([]float64, tab.Dim())
		forward := func() { tab.Forward32(y, x) }
		both := func() {
			tab.Forward32(y, x)
			tab.BackwardX32(y, x, g)
			tab.BackwardTheta32(dtheta, x, g)
		}
		on := func(workers int, f func()) func() {
			return func() { runtime.GOMAXPROCS(workers); f() }
		}
		names := []string{"copy", "forward", "gradient to x", "gradient to θ", "all three", fmt.Sprintf("all three, %d processors", all)}
		m := compare(c.rounds, c.atLeast,
			on(1, func() { copy(y, x) }),
			on(1, forward),
			on(1, func() { tab.BackwardX32(y, x, g) }),
			on(1, func() { tab.BackwardTheta32(dtheta, x, g) }),
			on(1, both),
			on(all, both))
		rows := [][]string{{"", "ns/element", "÷ copy", "÷ all three"}}
		for i, name := range names {
			rows = append(rows, []string{name, ns(m[i].median(), n), fmt.Sprintf("%.2f", m[i].over(m[0])), fmt.Sprintf("%.2f", m[i].over(m[4]))})
		}
		if err := printTable(out, fmt.Sprintf("float32, one processor, %s elements, one θ of 9 parameters", mi(n)), rows); err != nil {
			return err
		}
	}
	return nil
}

// doubles measures the passes over float64 elements: by closed forms, and by walking from
// cell to cell.
func doubles(c *config, out io.Writer) error {
	shape, theta, err := sampled()
	if err != nil {
		return err
	}
	exact, err := table.NewExact(table.ShapeOf(shape), theta)
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	forms := table.NewForms(exact)
	for _, n := range []int{512, 1 << 14, 1 << 20} {
		x, g, y, dtheta := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, exact.Dim())
		x32, g32 := inputs(n)
		for i := range x {
			x[i], g[i] = float64(x32[i]), float64(g32[i])
		}
		all := func(e table.Evaluator) func() {
			return func() {
				e.Forward64(y, x)
				e.BackwardX64(y, x, g)
				e.BackwardTheta64(dtheta, x, g)
			}
		}
		m := compare(c.rounds, c.atLeast,
			func() { copy(y, x) },
			func() { forms.Forward64(y, x) },
			func() { forms.BackwardX64(y, x, g) },
			func() { forms.BackwardTheta64(dtheta, x, g) },
			all(forms),
			func() { forms.Reset(); all(forms)() },
			all(exact))
		rows := [][]string{{"", "ns/element", "÷ copy", "÷ all three"}}
		for i, name := range []string{"copy", "forward", "gradient to x", "gradient to θ", "all three", "all three at a new θ", "all three, by walking"} {
			rows = append(rows, []string{name, ns(m[i].median(), n), fmt.Sprintf("%.2f", m[i].over(m[0])), fmt.Sprintf("%.2f", m[i].over(m[4]))})
		}
		if err := printTable(out, fmt.Sprintf("float64, one processor, %s elements, one θ of 9 parameters", mi(n)), rows); err != nil {
			return err
		}
	}
	return nil
}

// channels measures what a θ for each of 64 channels costs that has 512 elements, by forms at
// new θ.
func channels(c *config, out io.Writer) error {
	const count, n = 64, 512
	shape, _, err := sampled()
	if err != nil {
		return err
	}
	prior, err := cpab.NewPrior(shape.Space(), cpab.KernelCells, 3, 2)
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	x, g := inputs(n)
	x64, g64, y64 := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range x {
		x64[i], g64[i] = float64(x[i]), float64(g[i])
	}
	y := make([]float32, n)
	var doubles, singles []*table.Exact
	var forms []*table.Forms
	var forms32 []*table.Forms32
	thetas := make([][]float64, count)
	for k := range thetas {
		thetas[k] = prior.Sample(uint64(k))
		for _, exacts := range []*[]*table.Exact{&doubles, &singles} {
			e, err := table.NewExact(table.ShapeOf(shape), thetas[k])
			if err != nil {
				return err
			}
			*exacts = append(*exacts, e)
		}
		forms, forms32 = append(forms, table.NewForms(doubles[k])), append(forms32, table.NewForms32(singles[k], table.DefaultTolerance))
	}
	dtheta := make([]float64, shape.Dim())
	move := func(e *table.Exact, k int) {
		if failed := e.Reset(thetas[k]); failed != nil {
			err = failed
		}
	}
	m := compare(c.rounds, c.atLeast, func() {
		for k, f := range forms {
			move(doubles[k], k)
			f.Reset()
		}
	}, func() {
		for k, f := range forms {
			move(doubles[k], k)
			f.Reset()
			f.Forward64(y64, x64)
			f.BackwardX64(y64, x64, g64)
			f.BackwardTheta64(dtheta, x64, g64)
		}
	}, func() {
		for k, f := range forms32 {
			move(singles[k], k)
			f.Reset()
		}
	}, func() {
		for k, f := range forms32 {
			move(singles[k], k)
			f.Reset()
			f.Forward32(y, x)
			f.BackwardX32(y, x, g)
			f.BackwardTheta32(dtheta, x, g)
		}
	})
	if err != nil {
		return err
	}
	perTheta := func(m measurement) string { return fmt.Sprintf("%.1f", m.median()*1e6/count) }
	return printTable(out, "64 θ of 9 parameters, 512 elements each, one processor, µs per θ", [][]string{
		{"", "set-up", "with all three passes"}, {"float64", perTheta(m[0]), perTheta(m[1])}, {"float32", perTheta(m[2]), perTheta(m[3])}})
}

// setup measures what a new θ costs.
func setup(c *config, out io.Writer) error {
	rows := [][]string{{"curve", "pieces", "set-up µs", "with gradients of 4,900 elements µs"}}
	x, g := inputs(4900)
	y := make([]float32, len(x))
	for _, s := range []struct {
		name  string
		cells int
		scale float64
	}{{"10 cells, θ = 0", 10, 0}, {"10 cells, θ from the prior", 10, 1}, {"10 cells, 4 × θ", 10, 4}, {"30 cells, θ = 0", 30, 0}, {"30 cells, θ from the prior", 30, 1}} {
		space, err := cpab.NewSpace(s.cells, cpab.WithDomain(-3, 3))
		if err != nil {
			return err
		}
		prior, err := cpab.NewPrior(space, cpab.KernelCells, 3, 2)
		if err != nil {
			return err
		}
		shape, err := curve.New(space, curve.DiTAC)
		if err != nil {
			return err
		}
		theta := prior.Sample(1)
		for k := range theta {
			theta[k] *= s.scale
		}
		tab, err := table.Of(shape, theta, table.DefaultTolerance)
		if err != nil {
			return err
		}
		dtheta := make([]float64, tab.Dim())
		move := func() {
			if err = tab.Exact().Reset(theta); err == nil {
				tab.Reset()
			}
		}
		m := compare(c.rounds, c.atLeast, move, func() {
			move()
			tab.Forward32(y, x)
			tab.BackwardX32(y, x, g)
			tab.BackwardTheta32(dtheta, x, g)
		})
		if err != nil {
			return err
		}
		rows = append(rows, []string{s.name, fmt.Sprint(tab.Pieces()), fmt.Sprintf("%.1f", m[0].median()*1e6), fmt.Sprintf("%.1f", m[1].median()*1e6)})
	}
	return printTable(out, "a new θ", rows)
}
