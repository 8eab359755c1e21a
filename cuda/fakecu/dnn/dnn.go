// Package cudnn stands in for cu's binding to cuDNN. Gorgonia's core only makes and
// closes a context.
package cudnn

// Context is a context of cuDNN.
type Context struct{}

// NewContext makes a context.
func NewContext() *Context { return &Context{} }

// Close closes the context.
func (*Context) Close() error { return nil }
