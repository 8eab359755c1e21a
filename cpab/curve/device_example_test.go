package curve_test

import (
	"fmt"
	"sort"
)

func ExampleTable_Gradient() {
	t, err := exampleCurve().Table(exampleTheta, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
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
	t.Gradient(dtheta, sums, [2]float64{})
	fmt.Printf("%.4f\n", dtheta)
	// Output:
	// [0.6159 3.9010 5.3717]
}
