package cpab_test

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
)

// exampleSpace is the space of most examples: four cells on [−1,1], so three
// parameters, the velocities at the inner vertices in widths of the domain.
func exampleSpace() *cpab.Space {
	s, err := cpab.NewSpace(4, cpab.WithDomain(-1, 1), cpab.WithBasis(cpab.BasisNodal))
	if err != nil {
		panic(err)
	}
	return s
}

func exampleField() *cpab.Field {
	f, err := exampleSpace().Field([]float64{0.1, -0.2, 0.15})
	if err != nil {
		panic(err)
	}
	return f
}

func Example() {
	space, err := cpab.NewSpace(10, cpab.WithDomain(-3, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	prior, err := cpab.NewPrior(space, cpab.KernelCells, 3, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	field, err := space.Field(prior.Sample(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	phi := field.Flow(0.5, 1)
	fmt.Printf("T(0.5) = %.4f, and back: %.4f\n", phi, field.Flow(phi, -1))
	// Output:
	// T(0.5) = -1.9487, and back: 0.5000
}

func ExampleNewSpace() {
	s, err := cpab.NewSpace(10, cpab.WithDomain(-3, 3), cpab.WithBoundary(cpab.FreeBoundary), cpab.WithBasis(cpab.BasisSVD))
	if err != nil {
		fmt.Println(err)
		return
	}
	a, b := s.Domain()
	fmt.Println(s.Cells(), "cells on", a, b, "with", s.Dim(), "parameters,", s.Boundary(), s.Basis())
	_, err = cpab.NewSpace(0)
	fmt.Println(err)
	// Output:
	// 10 cells on -3 3 with 11 parameters, free svd
	// cpab: cells = 0, want 1 to 65536
}

func ExampleWithBasisMatrix() {
	// One field on two cells: a hat of height 1 in the middle of the unit interval,
	// as slopes and intercepts of the cells.
	s, err := cpab.NewSpace(2, cpab.WithBasisMatrix([]float64{2, 0, -2, 2}))
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := s.Velocities(nil, []float64{0.5})
	fmt.Println(s.Basis(), v, err)
	// Output:
	// custom [0 0.5 0] <nil>
}

func ExampleParseBasis() {
	b, err := cpab.ParseBasis("rref")
	fmt.Println(b, err)
	_, err = cpab.ParseBasis("fourier")
	fmt.Println(err)
	// Output:
	// rref <nil>
	// cpab: basis "fourier", want one of [qr svd rref sparse nodal hat bump]
}

func ExampleSpace_Vertices() {
	fmt.Println(exampleSpace().Vertices())
	// Output:
	// [-1 -0.5 0 0.5 1]
}

func ExampleSpace_BasisMatrix() {
	s := exampleSpace()
	fmt.Println(len(s.BasisMatrix()), "numbers: slope and intercept of", s.Cells(), "cells in", s.Dim(), "columns")
	fmt.Println(s.VelocityMatrix()[3:6], "is the row of the first inner vertex")
	// Output:
	// 24 numbers: slope and intercept of 4 cells in 3 columns
	// [2 0 0] is the row of the first inner vertex
}

func ExampleSpace_Velocities() {
	s := exampleSpace()
	v, err := s.Velocities(nil, []float64{0.1, -0.2, 0.15})
	if err != nil {
		fmt.Println(err)
		return
	}
	theta, err := s.Coordinates(v)
	fmt.Printf("V = %.2f, θ = %.2f %v\n", v, theta, err)
	// Output:
	// V = [0.00 0.20 -0.40 0.30 0.00], θ = [0.10 -0.20 0.15] <nil>
}

func ExampleSpace_PullBack() {
	// The gradient of V₁ + 2·V₃ with respect to θ.
	dtheta := make([]float64, 3)
	err := exampleSpace().PullBack(dtheta, []float64{0, 1, 0, 2, 0})
	fmt.Println(dtheta, err)
	// Output:
	// [2 0 4] <nil>
}

func ExampleField_Velocity() {
	f := exampleField()
	fmt.Printf("%.3f at the vertices, %.3f between two\n", f.VertexVelocities(), f.Velocity(-0.25))
	// Output:
	// [0.000 0.200 -0.400 0.300 0.000] at the vertices, -0.100 between two
}

func ExampleField_Flow() {
	f := exampleField()
	for _, t := range []float64{0, 0.5, 1, 2} {
		fmt.Printf("t = %v: %.4f\n", t, f.Flow(-0.2, t))
	}
	fmt.Println("the ends stay:", f.Flow(-1, 1), f.Flow(1, 1))
	// Output:
	// t = 0: -0.2000
	// t = 0.5: -0.2602
	// t = 1: -0.2932
	// t = 2: -0.3212
	// the ends stay: -1 1
}

func ExampleField_FlowDx() {
	phi, dx := exampleField().FlowDx(-0.2, 1)
	fmt.Printf("%.4f, slope %.4f\n", phi, dx)
	// Output:
	// -0.2932, slope 0.3012
}

func ExampleField_FlowGrad() {
	phi, dx, dtheta := exampleField().FlowGrad(nil, -0.2, 1)
	fmt.Printf("%.4f, slope %.4f, gradient %.4f\n", phi, dx, dtheta)
	// Output:
	// -0.2932, slope 0.3012, gradient [0.6158 0.5489 0.0000]
}

func ExampleField_AddGradV() {
	// The gradient of a sum over many points: one PullBack after them all.
	f := exampleField()
	dv, dtheta := make([]float64, 5), make([]float64, 3)
	for _, x := range []float64{-0.5, 0, 0.5} {
		if _, _, err := f.AddGradV(dv, x, 1, 1); err != nil {
			fmt.Println(err)
			return
		}
	}
	err := f.Space().PullBack(dtheta, dv)
	fmt.Printf("%.4f %v\n", dtheta, err)
	// Output:
	// [1.3521 0.9772 1.0976] <nil>
}

func ExampleField_Set() {
	f := exampleField()
	fmt.Println(f.Set([]float64{0, 0, 0}), f.Flow(0.3, 1))
	fmt.Println(f.Set([]float64{0, math.NaN(), 0}))
	// Output:
	// <nil> 0.3
	// cpab: theta[1] = NaN, want a finite number
}

func ExampleNewPrior() {
	p, err := cpab.NewPrior(exampleSpace(), cpab.KernelCells, 3, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d parameters, a sample: %.3f\n", p.Dim(), p.Sample(1))
	_, err = cpab.NewPrior(exampleSpace(), cpab.KernelCells, -3, 2)
	fmt.Println(err)
	// Output:
	// 3 parameters, a sample: [-0.377 -0.510 -0.388]
	// cpab: length scale = -3, want a positive number
}

func ExamplePrior_Energy() {
	p, err := cpab.NewPrior(exampleSpace(), cpab.KernelRows, 5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	theta := []float64{0.1, -0.2, 0.15}
	e, err := p.Energy(theta)
	if err != nil {
		fmt.Println(err)
		return
	}
	grad, err := p.EnergyGrad(nil, theta)
	fmt.Printf("θᵀΣ⁻¹θ = %.4f, gradient %.3f %v\n", e, grad, err)
	fmt.Printf("Σ₀₀ = %.4f, Σ⁻¹₀₀ = %.4f\n", p.Covariance()[0], p.Precision()[0])
	// Output:
	// θᵀΣ⁻¹θ = 0.7863, gradient [2.087 -4.082 3.650] <nil>
	// Σ₀₀ = 1.1828, Σ⁻¹₀₀ = 4.0233
}

// A signal is warped on [0,1] and left alone beside it.
func ExampleField_Warp() {
	s, err := cpab.NewSpace(2, cpab.WithBasis(cpab.BasisNodal))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := s.Field([]float64{0.2}) // the middle moves to the right
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []float64{-0.5, 0, 0.5, 1, 1.5} {
		fmt.Printf("%4.1f → warp %6.3f, flow %6.3f\n", x, f.Warp(x, 1), f.Flow(x, 1))
	}
	phi, dx, dtheta := f.WarpGrad(nil, 1.5, 1)
	fmt.Println(phi, dx, dtheta)
	// Output:
	// -0.5 → warp -0.500, flow -0.746
	//  0.0 → warp  0.000, flow  0.000
	//  0.5 → warp  0.665, flow  0.665
	//  1.0 → warp  1.000, flow  1.000
	//  1.5 → warp  1.500, flow  1.335
	// 1.5 1 [0]
}
