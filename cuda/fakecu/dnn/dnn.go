// Package cudnn stands in for cu's binding to cuDNN. Gorgonia's core only makes and
// closes a context.
package cudnn

import (
	"errors"
	"fmt"

	"gorgonia.org/cu"
)

// Context is a context of cuDNN.
type Context struct{ bound cu.CUContext }

// NewContext makes a context in the current one of CUDA. It panics without, as the
// original does.
func NewContext() *Context {
	current, err := cu.CurrentContext()
	if err != nil {
		panic(fmt.Errorf("cudnn: NewContext: %w", err))
	}
	return &Context{current}
}

// Close closes the context.
func (c *Context) Close() error {
	if c.bound == (cu.CUContext{}) {
		return nil
	}
	if current, err := cu.CurrentContext(); err != nil || current != c.bound {
		return errors.Join(err, fmt.Errorf("cudnn: Context.Close: the handle is of %v, current is %v", c.bound, current))
	}
	*c = Context{}
	return nil
}
