package table_test

import (
	"fmt"
	"math"
	"sort"

	"github.com/ditac-go/ditac/internal/table"
)

func ExampleTable_Gradient() {
	t := exampleTable()
	l, ok := t.Layout()
	if !ok {
		fmt.Println("not for a device")
		return
	}
	// What a device does: find the piece of each element, and sum g·τ^j there.
	sums := make([]float64, 6*len(l.Starts))
	for _, x := range []float32{-1, 0, 1} {
		k := sort.Search(len(l.Starts), func(k int) bool { return l.Starts[k] > x }) - 1
		center, perUnit := l.Pieces[8*k+6], l.Pieces[8*k+7]
		p := 1.0 // the upstream gradient g
		for j := range 6 {
			sums[6*k+j] += p
			p *= float64((x - center) * perUnit)
		}
	}
	dtheta := make([]float64, t.Dim())
	err := t.Gradient(dtheta, sums, [2]float64{})
	fmt.Printf("%.4f %v\n", dtheta, err)
	// Output:
	// [0.6159 3.9010 5.3717] <nil>
}

func ExampleExactLayout_Gradient() {
	e := exampleCurve()
	l, ok := e.Layout()
	if !ok {
		fmt.Println("not for a device")
		return
	}
	fmt.Println(len(l.Starts), "parts of", len(l.Parts)/len(l.Starts), "numbers")
	// What a device does, here for one element whose trajectory stays in its cell.
	sums, x, g := make([]float64, table.SumsSize*len(l.Starts)), 0.0, 2.0
	for k := range l.Starts {
		p := l.Parts[table.PartSize*k:][:table.PartSize]
		if p[0] != 1 || l.Starts[k] <= -3 {
			continue
		}
		x = l.Starts[k]
		u := (x - p[4]) / l.CellWidth
		v := p[5]*(1-u) + p[6]*u
		cdf := 0.5 * math.Erfc(-x/math.Sqrt2) // the gate
		r := u*p[9] + v*p[10]
		sums[table.SumsSize*k+3], sums[table.SumsSize*k+4] = g*cdf*(p[9]-r), g*cdf*r
		break
	}
	dtheta, want := make([]float64, e.Dim()), make([]float64, e.Dim())
	if err := l.Gradient(dtheta, sums, 0); err != nil {
		fmt.Println(err)
		return
	}
	e.BackwardTheta64(want, []float64{x}, []float64{g})
	fmt.Printf("x = %.4f: %.6f\n", x, dtheta)
	fmt.Printf("exact:       %.6f\n", want)
	// Output:
	// 9 parts of 16 numbers
	// x = -1.5000: [0.494267 0.108585 0.000000]
	// exact:       [0.494267 0.108585 0.000000]
}
