package flow_test

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/flow"
)

func exampleField() *flow.Field {
	g, err := flow.NewGrid(-1, 1, 4)
	if err != nil {
		panic(err)
	}
	f := flow.NewField(g)
	f.Set([]float64{0, 0.2, -0.4, 0.3, 0})
	return f
}

func ExampleField_Segments() {
	segs := exampleField().Segments(nil, 1)
	fmt.Println(len(segs), "intervals on which the flow is smooth")
	phi, d1, d2, d3 := segs[4].Jet(segs[4].From)
	fmt.Printf("from %.4f to %.4f: φ = %.4f, φ′ = %.4f, φ″ = %.4f, φ‴ = %.4f at the start\n", segs[4].From, segs[4].To, phi, d1, d2, d3)
	// Output:
	// 9 intervals on which the flow is smooth
	// from 0.0000 to 0.2153: φ = -0.2329, φ′ = 0.3012, φ″ = 1.9578, φ‴ = 19.5776 at the start
}

func ExampleSegment_AddGrad() {
	f := exampleField()
	seg := f.Segments(nil, 1)[4]
	// ∂φ/∂V at a point of the segment, and its derivative in x with weight 0.1.
	var sum flow.GradSum
	seg.AddGrad(&sum, seg.From, flow.Weights{1, 0.1})
	dv := make([]float64, 5)
	seg.Flush(dv, &sum)
	fmt.Printf("%.4f\n", dv)
	fmt.Printf("the velocity changes by a factor %.2f over the segment\n", seg.SpeedRatio(seg.From, seg.To))
	// Output:
	// [0.0000 0.1272 0.4551 0.0000 0.0000]
	// the velocity changes by a factor 0.25 over the segment
}

func ExampleSegment_Layout() {
	f := exampleField()
	segments := f.Segments(nil, 1)
	l, ok := segments[3].Layout()
	fmt.Println(ok, l.Crosses)
	// A point of a segment whose trajectories stay in their cell, moved by its layout.
	for i := range segments {
		l, _ := segments[i].Layout()
		if x := (segments[i].From + segments[i].To) / 2; !l.Crosses && !math.IsInf(x, 0) {
			u := (x - l.Vertex) / f.Grid().Width
			v := l.V0*(1-u) + l.V1*u
			fmt.Printf("%.4f %.4f\n", x+v*l.Gain, f.Flow(x, 1))
			break
		}
	}
	// Output:
	// true false
	// -0.7500 -0.7500
}
