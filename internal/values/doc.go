// Package values reads and writes the numbers of Gorgonia's values, for the Do
// and DoDiff methods of ops.
//
// A value is a *gorgonia.F32 or *gorgonia.F64, which are scalars, or a
// *tensor.Dense of float32 or float64 and any rank, which may be a view, be
// transposed or lie in column-major order. The functions see the numbers of all
// of them in row-major order; a scalar has one. They report a value that does
// not hold the wanted type.
package values
