//go:build !cuda

package ditacop

// CallsExtern implements gorgonia.Op.
func (o *op) CallsExtern() bool { return false }
